package moving

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

func TestKeycloakGuide(t *testing.T) {
	t.Parallel()
	folder, env := newService(t)
	copyTo(t, folder, "shop-users-0.json", "shop-users-1.json")
	out := bash(t, folder, env, commands(t, "keycloak.md"))
	assert.Contains(t, out, "would import 4, already there 0, refused 0")
	assert.Contains(t, out, "1 of them replace their password at the next login")
	assert.Contains(t, out, "imported 4, already there 0, refused 0")
	assert.Contains(t, export(t, folder, env), `cfb55bf6-fcbb-4a1e-bfec-30c6649b52f8,,user0@example.com,"$argon2id$`)
	signIns(t, folder, env, map[[2]string]string{
		{"user0@example.com", "iceberg"}: "in", {"user1@example.com", "user1"}: "email_not_verified", {"gone@example.com", "user1"}: "account_disabled",
		{"user0@example.com", "user1"}: "invalid_credentials",
	})
	assert.Contains(t, export(t, folder, env), "user0@example.com,$as1$", "a login replaces the hash")

	p := program.StartLocal(t, folder, env)
	defer p.Stop(t)
	client := api.New(t, p.URL)
	refused := client.Once(api.Request{Method: http.MethodPost, Path: "/api/auth/login", Body: api.Object{"email": "temporary@example.com", "password": "user1"}})
	refused.Refused(http.StatusForbidden, "password_change_required")
	challenge := api.Decode[struct{ Challenge string }](refused).Challenge
	client.Once(api.Request{
		Method: http.MethodPost, Path: "/api/auth/login/password", Body: api.Object{"challenge": challenge, "new_password": "a pass phrase to stay with"},
	}).Is(http.StatusOK)
	assert.Equal(t, "in", login(t, p.URL, "temporary@example.com", "a pass phrase to stay with"))
}

// kratosAdmin starts a server that answers like Kratos's admin API. Its lists come page
// by page without credentials; each identity has the requested credentials.
func kratosAdmin(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile("testdata/kratos.json")
	require.NoError(t, err)
	var identities []map[string]any
	require.NoError(t, json.Unmarshal(content, &identities))
	answer := func(w http.ResponseWriter, value any) { _ = json.NewEncoder(w).Encode(value) }
	mux := http.NewServeMux()
	mux.HandleFunc("GET /admin/identities", func(w http.ResponseWriter, r *http.Request) {
		at := 0
		_, _ = fmt.Sscan(r.URL.Query().Get("page_token"), &at)
		bare := map[string]any{}
		for name, value := range identities[at] {
			if name != "credentials" {
				bare[name] = value
			}
		}
		first := `</admin/identities?page_size=250&page_token=0>; rel="first"`
		if at+1 < len(identities) {
			first += fmt.Sprintf(`,</admin/identities?page_size=250&page_token=%d>; rel="next"`, at+1)
		}
		w.Header().Set("Link", first)
		answer(w, []any{bare})
	})
	mux.HandleFunc("GET /admin/identities/{id}", func(w http.ResponseWriter, r *http.Request) {
		for _, identity := range identities {
			if identity["id"] == r.PathValue("id") && r.URL.Query().Get("include_credential") == "password" {
				answer(w, identity)
				return
			}
		}
		http.NotFound(w, r)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

func TestKratosGuide(t *testing.T) {
	t.Parallel()
	folder, env := newService(t)
	out := bash(t, folder, env.With("KRATOS_ADMIN", kratosAdmin(t)), commands(t, "kratos.md"))
	assert.Contains(t, out, "would import 3, already there 0, refused 0")
	assert.Contains(t, out, "imported 3, already there 0, refused 0")
	assert.Contains(t, export(t, folder, env), `22222222-aaaa-4aaa-8aaa-000000000002,,imported@example.com,"$pbkdf2-sha256$`)
	signIns(t, folder, env, map[[2]string]string{
		{"ada@example.com", "U*U"}: "in", {"imported@example.com", "test"}: "in", {"gone@example.com", "U*U"}: "account_disabled",
		{"ada@example.com", "test"}: "invalid_credentials",
	})
}

// databaseOf returns a PostgreSQL database on which it ran a file of statements.
func databaseOf(t *testing.T, file string) string {
	t.Helper()
	statements, err := os.ReadFile(file)
	require.NoError(t, err)
	url := postgrestest.NewDatabase(t)
	db, err := sql.Open("pgx", url)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	_, err = db.ExecContext(context.Background(), string(statements))
	require.NoError(t, err)
	return url
}

func TestGoTrueGuide(t *testing.T) {
	t.Parallel()
	folder, env := newService(t)
	out := bash(t, folder, env.With("GOTRUE_DATABASE_URL", databaseOf(t, "testdata/gotrue.sql")), commands(t, "gotrue.md"))
	assert.Contains(t, out, "imported 4, already there 0, refused 0")
	users := export(t, folder, env)
	assert.Contains(t, users, "11111111-aaaa-4aaa-8aaa-000000000001,,ada@example.com,$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW,"+
		"user,active,true,2023-05-06T07:08:00.500000Z,2024-05-06T07:08:00.000000Z")
	assert.Contains(t, users, "link@example.com,,user,active,true")
	signIns(t, folder, env, map[[2]string]string{
		{"ada@example.com", "U*U"}: "in", {"open@example.com", "U*U"}: "email_not_verified", {"gone@example.com", "U*U"}: "account_disabled",
		{"link@example.com", ""}: "invalid_credentials",
	})
}

func TestPythonServiceGuide(t *testing.T) {
	t.Parallel()
	folder, env := newService(t)
	old := databaseOf(t, "../../../migrations/testdata/legacy/postgres_integer.sql")
	out := bash(t, folder, env.With("OLD_DATABASE_URL", old), commands(t, "python-service.md"))
	assert.Contains(t, out, "imported 4, already there 0, refused 0")
	assert.Regexp(t, `(?m)^[0-9a-f-]{36},1,admin@example.com,\$2b\$12\$[^,]+,admin,active,true,2023-01-15T08:30:00.123456Z`, export(t, folder, env))
	signIns(t, folder, env, map[[2]string]string{
		{"admin@example.com", "first-legacy-password"}: "in", {"member@example.com", "second-legacy-password"}: "in",
		{"unverified@example.com", "third-legacy-password"}: "email_not_verified", {"disabled@example.com", "fourth-legacy-password"}: "account_disabled",
	})
}

// TestLeavingGuide runs the commands of the general guide and of the guide for leaving.
// The latter describes the service's hashes well enough to check them with any bcrypt, and
// an export can be imported again.
func TestLeavingGuide(t *testing.T) {
	t.Parallel()
	folder, env := newService(t)
	const password = "a pass phrase to leave with"
	program.CreateAdmin(t, folder, env, "admin@example.com", password)
	require.NoError(t, os.WriteFile(folder+"/users.csv", []byte("email,legacy_id\nplain@example.com,7\n"), 0o600))
	mailing := env.With("SMTP_HOST", "mail.example.com", "SMTP_FROM", "auth@example.com", "PUBLIC_URL", "https://auth.example.com")
	out := bash(t, folder, mailing, commands(t, "README.md"))
	assert.Contains(t, out, "imported 1, already there 0, refused 0")
	assert.Contains(t, out, "imported 0, already there 1, refused 0", "the invitation comes too late for them")
	require.NoError(t, os.Remove(folder+"/users.csv"))
	assert.Contains(t, bash(t, folder, env, commands(t, "leaving.md")), "exported 2 users")

	info, err := os.Stat(folder + "/users.csv")
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	content, err := os.ReadFile(folder + "/users.csv")
	require.NoError(t, err)
	rows, err := csv.NewReader(strings.NewReader(string(content))).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 3)
	checked := 0
	for _, row := range rows[1:] {
		if stored := row[3]; stored != "" {
			checked++
			require.True(t, strings.HasPrefix(stored, "$as1$"))
			assert.NoError(t, checkAsDocumented(password, stored))
			assert.Error(t, checkAsDocumented(password+"x", stored))
		}
	}
	assert.Equal(t, 1, checked)

	other, otherEnv := newService(t)
	require.NoError(t, os.WriteFile(other+"/users.csv", content, 0o600))
	assert.Contains(t, bash(t, other, otherEnv, "auth-service import users.csv"), "imported 2")
	assert.Equal(t, string(content), export(t, other, otherEnv), "the second export equals the first")
	jsonl := bash(t, other, otherEnv, "auth-service export --format jsonl --with-password-hashes 2>/dev/null")
	third, thirdEnv := newService(t)
	require.NoError(t, os.WriteFile(third+"/users.jsonl", []byte(jsonl), 0o600))
	assert.Contains(t, bash(t, third, thirdEnv, "auth-service import - < users.jsonl"), "imported 2")
	assert.Equal(t, string(content), export(t, third, thirdEnv))
	assert.NotContains(t, bash(t, third, thirdEnv, "auth-service export"), "$as1$", "hashes are exported only on request")
	signIns(t, third, thirdEnv, map[[2]string]string{{"admin@example.com", password}: "in"})
}

// checkAsDocumented follows the recipe of docs/moving/leaving.md in Go.
func checkAsDocumented(password, stored string) error {
	salt, err := base64.RawStdEncoding.DecodeString(stored[5:27])
	if err != nil {
		return err
	}
	mac := hmac.New(sha256.New, salt)
	mac.Write([]byte(password))
	return bcrypt.CompareHashAndPassword([]byte(stored[27:]), []byte(base64.StdEncoding.EncodeToString(mac.Sum(nil))))
}
