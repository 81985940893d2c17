package transfer_test

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/transfer"
	"github.com/seed543b3b27/auth-service/ports"
)

const keycloakID = "826731b2-bf17-4bd9-b45c-6a26c76ddaae"

func keycloakFile(credentials string) string {
	return `{"realm":"shop","clients":[{"users":["not these"]}],"users":[{"id":"` + keycloakID + `","createdTimestamp":1693887631918,` +
		`"username":"ada","enabled":false,"totp":false,"emailVerified":true,"email":"Ada@Example.com","credentials":[` + credentials + `],"realmRoles":["admin"]}],` +
		"\n" + `"more":{"users":[{}]}}`
}

func keycloakPassword(secret, data string) string {
	return fmt.Sprintf(`{"type":"otp"},{"type":"password","userLabel":"My password","secretData":%q,"credentialData":%q}`, secret, data)
}

func TestKeycloak_HashesBecomePHCStrings(t *testing.T) {
	t.Parallel()
	const secret = `{"value":"BuViHNDGmCq80fvpty/QoggTI8NSt0CuNDGgeoa5f5A=","salt":"RJ0aLMQ2qKbZuROs7qQhcA==","additionalParameters":{}}`
	const salt, key = "RJ0aLMQ2qKbZuROs7qQhcA", "BuViHNDGmCq80fvpty/QoggTI8NSt0CuNDGgeoa5f5A"
	for _, test := range []struct{ want, credentials string }{
		{"", `{"type":"otp"}`},
		{"$argon2id$v=19$m=7168,t=5,p=1$" + salt + "$" + key, keycloakPassword(secret, `{"hashIterations":5,"algorithm":"argon2","additionalParameters":{"hashLength":["32"],"memory":["7168"],"type":["id"],"version":["1.3"],"parallelism":["1"]}}`)},
		{"$pbkdf2-sha256$i=27500,l=32$" + salt + "$" + key, keycloakPassword(secret, `{"hashIterations":27500,"algorithm":"pbkdf2-sha256","additionalParameters":{}}`)},
		{"$pbkdf2-sha512$i=210000,l=32$" + salt + "$" + key, keycloakPassword(secret, `{"hashIterations":210000,"algorithm":"pbkdf2-sha512"}`)},
		{"$pbkdf2-sha1$i=20000,l=32$" + salt + "$" + key, keycloakPassword(secret, `{"hashIterations":20000,"algorithm":"pbkdf2"}`)},
		{"unsupported", keycloakPassword(secret, `{"hashIterations":1,"algorithm":"bcrypt"}`)},
		{"unsupported", keycloakPassword(secret, `{"hashIterations":5,"algorithm":"argon2","additionalParameters":{"version":["1.0"]}}`)},
	} {
		got := rows(readAll(t, keycloakFile(test.credentials), transfer.Options{From: transfer.Keycloak}))
		assert.Equal(t, []ports.ImportRow{{
			Line: 1, ID: keycloakID, Email: "Ada@Example.com", PasswordHash: test.want, Status: "disabled", EmailVerified: "true",
			CreatedAt: "2023-09-05T04:20:31.918Z", Username: "ada", LeftOut: []string{ports.LeftSecondFactor},
		}}, got)
	}
	for _, credentials := range []string{
		keycloakPassword("no JSON", `{}`), keycloakPassword(secret, "no JSON"), keycloakPassword(`{"value":"!","salt":"AA=="}`, `{}`), keycloakPassword(`{"value":"AA==","salt":"!"}`, `{}`),
	} {
		got := rows(readAll(t, keycloakFile(credentials), transfer.Options{From: transfer.Keycloak}))
		require.Len(t, got, 1)
		assert.Equal(t, "The password credential does not have the form of Keycloak's.", got[0].Problem)
	}
}

func TestKeycloak_RequiredActionsAndTemporaryPasswordsAreKept(t *testing.T) {
	t.Parallel()
	password := func(more string) string {
		return `"credentials":[{"type":"password-history"},{"type":"password"` + more + `,"secretData":"{\"value\":\"AA==\",\"salt\":\"AA==\"}","credentialData":"{\"algorithm\":\"pbkdf2\"}"}]`
	}
	for name, test := range map[string]struct {
		user, change, verified string
		left                   []string
	}{
		"nothing":            {password(`,"temporary":false`), "", "true", nil},
		"temporary password": {password(`,"temporary":true`), "true", "true", nil},
		"new password":       {password("") + `,"requiredActions":["UPDATE_PASSWORD"]`, "true", "true", nil},
		"unconfirmed":        {`"requiredActions":["VERIFY_EMAIL"]`, "", "false", nil},
		"other actions":      {`"requiredActions":["CONFIGURE_TOTP","webauthn-register"]`, "", "true", []string{ports.LeftRequiredAction}},
		"passkey":            {`"credentials":[{"type":"webauthn-passwordless"}]`, "", "true", []string{ports.LeftSecondFactor}},
		"all": {
			`"credentials":[{"type":"otp"}],"requiredActions":["UPDATE_PASSWORD","VERIFY_EMAIL","TERMS_AND_CONDITIONS"]`, "true", "false",
			[]string{ports.LeftSecondFactor, ports.LeftRequiredAction},
		},
	} {
		records := readAll(t, `{"users":[{"id":"9","username":"ada","email":"ada@example.com","emailVerified":true,`+test.user+`}]}`, transfer.Options{From: transfer.Keycloak})
		got := rows(records)
		require.Len(t, got, 1, name)
		assert.Equal(t, test.change, got[0].PasswordChangeRequired, name)
		assert.Equal(t, test.verified, got[0].EmailVerified, name)
		assert.Equal(t, test.left, got[0].LeftOut, name)

		var report strings.Builder
		require.NoError(t, transfer.NewReport(&report).Write("realm.json", records[0], "No."))
		again := rows(readAll(t, report.String(), transfer.Options{}))
		require.Len(t, again, 1, name)
		assert.Equal(t, got[0], again[0], name, "a report keeps everything")
	}
}

func TestKeycloak_FindsItsUsers(t *testing.T) {
	t.Parallel()
	read := func(text string) []ports.ImportRow {
		return rows(readAll(t, text, transfer.Options{From: transfer.Keycloak}))
	}
	assert.Equal(t, []ports.ImportRow{
		{Line: 2, LegacyID: "f:ldap:ada", Email: "ada@example.com", Status: "active", EmailVerified: "false", Username: "ada@example.com"},
		{Line: 4, Problem: "The user does not have the form of a Keycloak user."},
		{Line: 6, Email: "", LegacyID: "9", Status: "active", EmailVerified: "false", Username: "nobody"},
	}, read(`{"users":[
		{"id":"f:ldap:ada","username":"ada@example.com","enabled":true},
		{"id":"1","username":"service-account-shop","serviceAccountClientId":"shop"},
		{"id":2}]}

		{"users":[{"id":"9","username":"nobody"}],"users_more":null}`))
	for says, text := range map[string]string{
		"holds no users":          `{"realm":"shop"}`,
		"holds no users ":         `{"users":null}`,
		"not an export of one":    `[{"realm":"one"},{"realm":"two"}]`,
		"line 2: the file ends":   "{\n" + `"users":[{"id":"1"}`,
		"line 2: the file is not": "{\n" + `"users":[{"id":"1","username":"a@example.com"},` + "\n" + `{"id":'x'}]}`,
		"more than 1 MiB":         `{"users":[{"id":"` + strings.Repeat("x", 3<<20) + `"}]}`,
	} {
		_, err := tryRead(strings.NewReader(text), transfer.Options{From: transfer.Keycloak})
		require.ErrorContains(t, err, strings.TrimSpace(says))
	}
	_, err := tryRead(strings.NewReader(`{"clients":["`+strings.Repeat("x", 3<<20)+`"],"users":[]}`), transfer.Options{From: transfer.Keycloak})
	require.NoError(t, err, "skipped parts may be large")
}

func TestKratos_ReadsIdentities(t *testing.T) {
	t.Parallel()
	read := func(text string) []ports.ImportRow {
		return rows(readAll(t, text, transfer.Options{From: transfer.Kratos}))
	}
	const first = `{"id":"` + keycloakID + `","schema_id":"default","state":"inactive","traits":{"email":"ada@example.com","name":{"first":"Ada"}},"metadata_public":{"plan":"pro"},"metadata_admin":{"note":"hidden"},
		"credentials":{"password":{"type":"password","identifiers":["ada@example.com"],"config":{"hashed_password":"$2a$12$x"},"version":0}},
		"verifiable_addresses":[{"value":"Ada@example.com","verified":true,"via":"email","status":"completed"}],
		"created_at":"2023-09-05T04:20:31.918273Z","updated_at":"2024-09-05T04:20:31.918273Z"}`
	want := ports.ImportRow{
		Line: 1, ID: keycloakID, Email: "ada@example.com", PasswordHash: "$2a$12$x", Status: "disabled", EmailVerified: "true",
		CreatedAt: "2023-09-05T04:20:31.918273Z", UpdatedAt: "2024-09-05T04:20:31.918273Z",
		Profile: `{"name":{"first":"Ada"}}`, App: `{"plan":"pro"}`, Username: "ada@example.com",
	}
	for _, text := range []string{first, "[" + first + "]", "[]" + first + "[]"} {
		assert.Equal(t, []ports.ImportRow{want}, read(text))
	}
	for text, want := range map[string]ports.ImportRow{
		`{"id":"x","state":"active","traits":{"email":"a@example.com"},"credentials":{"password":{"config":{}}},
			"verifiable_addresses":[{"value":"other@example.com","verified":true,"via":"email"},{"value":"a@example.com","verified":true,"via":"sms"}]}`: {LegacyID: "x", Email: "a@example.com", Status: "active", EmailVerified: "false"},
		`{"id":"x","traits":{"mail":"a@example.com"},"verifiable_addresses":[{"value":"v@example.com","via":"email"}]}`: {LegacyID: "x", Email: "v@example.com", Status: "active", EmailVerified: "false", Profile: `{"mail":"a@example.com"}`},
		`{"id":"x","traits":null,"credentials":{"password":{"identifiers":["i@example.com"],"config":{}}}}`:             {LegacyID: "x", Email: "i@example.com", Status: "active", EmailVerified: "false", Username: "i@example.com"},
		`{"id":"x","credentials":{"password":{"identifiers":["ada"],"config":{}},"totp":{"type":"totp"}}}`:              {LegacyID: "x", Status: "active", EmailVerified: "false", Username: "ada", LeftOut: []string{ports.LeftSecondFactor}},
		`{"id":"x","traits":{}}`: {LegacyID: "x", Status: "active", EmailVerified: "false"},
		`{"id":"x","traits":{"email":"a@example.com"},"credentials":{"password":{"identifiers":["a@example.com"]}}}`: {
			Problem: "The identity has a password that the export leaves out; ask for it with include_credential=password.",
		},
		`{"id":7}`: {Problem: "The identity does not have the form of a Kratos identity."},
	} {
		want.Line = 1
		assert.Equal(t, []ports.ImportRow{want}, read(text), text)
	}
	for _, text := range []string{"[{]", "nonsense", "[" + first} {
		_, err := tryRead(strings.NewReader(text), transfer.Options{From: transfer.Kratos})
		require.ErrorContains(t, err, "line ", text)
		require.NotErrorIs(t, err, io.EOF)
	}
}

// A file of other software has the fields that its reader makes; --map and --ignore apply to them.
func TestDocuments_FieldsCanBeMappedAndLeftOut(t *testing.T) {
	t.Parallel()
	const kratos = `{"id":"` + keycloakID + `","traits":{"email":"ada@example.com","plan":"pro"}}`
	for from, text := range map[transfer.Origin]string{transfer.Keycloak: keycloakFile(""), transfer.Kratos: kratos} {
		got := rows(readAll(t, strings.ReplaceAll(text, `"emailVerified"`, `"firstName":"Ada","emailVerified"`), transfer.Options{From: from, Map: map[string]string{"id": "legacy_id"}, Ignore: []string{"profile"}}))
		require.Len(t, got, 1)
		assert.Empty(t, got[0].ID, from)
		assert.Equal(t, keycloakID, got[0].LegacyID, from)
		assert.Empty(t, got[0].Profile, from)
	}
	twice := rows(readAll(t, kratos, transfer.Options{From: transfer.Kratos, Map: map[string]string{"id": "email"}}))
	assert.Equal(t, `The field "email" is given twice.`, twice[0].Problem)
}

// Keycloak's emailVerified speaks of the address, not of a username that looks like one.
func TestKeycloak_AUsernameIsNoVerifiedAddress(t *testing.T) {
	t.Parallel()
	for email, want := range map[string]string{``: "false", `"email":"ada@example.com",`: "true"} {
		got := rows(readAll(t, `{"users":[{"id":"`+keycloakID+`",`+email+`"username":"ada@example.com","emailVerified":true}]}`, transfer.Options{From: transfer.Keycloak}))
		require.Len(t, got, 1)
		assert.Equal(t, "ada@example.com", got[0].Email)
		assert.Equal(t, want, got[0].EmailVerified)
	}
}
