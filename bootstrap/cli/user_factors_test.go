package cli

import (
	"encoding/base32"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/bootstrap/service"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

const factorPassword = "seven ravens under the bridge"

// enrolled sets up so many authenticator applications for ada, as the API does, and returns
// their ids.
func enrolled(t *testing.T, environment map[string]string, applications int) (ids []string) {
	t.Helper()
	cfg, err := config.Load(environment)
	require.NoError(t, err)
	backend, err := service.OpenBackend(t.Context(), cfg, slog.New(slog.DiscardHandler), service.Console{Writer: t.Output()})
	require.NoError(t, err)
	defer backend.Close(t.Context())
	require.NoError(t, backend.Prepare(t.Context()))
	u, password := backend.UseCases, domain.NewSecret(factorPassword)
	login, err := u.Login.Execute(t.Context(), ports.LoginCommand{Email: "ada@example.com", Password: password})
	require.NoError(t, err)
	given := ports.Confirmation{Password: password}
	for range applications {
		signedIn, err := u.Authenticate.Execute(t.Context(), ports.AuthenticateCommand{AccessToken: login.AccessToken})
		require.NoError(t, err)
		added, err := u.AddTOTP.Execute(t.Context(), ports.AddTOTPCommand{Principal: signedIn.Principal, Name: "Telephone", Confirmation: given})
		require.NoError(t, err)
		secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(added.Secret.Reveal())
		require.NoError(t, err)
		code := domain.NewTOTP().Code(secret, domain.NewTOTP().Step(time.Now()))
		id := added.Factor.ID().String()
		confirmed, err := u.ConfirmTOTP.Execute(t.Context(), ports.ConfirmTOTPCommand{Principal: signedIn.Principal, FactorID: id, Code: domain.NewSecret(code)})
		require.NoError(t, err)
		if len(confirmed.RecoveryCodes) > 0 {
			given.Code = confirmed.RecoveryCodes[0] // the next application needs a code
		}
		ids = append(ids, id)
	}
	return ids
}

// F-MFA: the operator sees and removes second factors.
func TestUserFactors_AreListedAndRemoved(t *testing.T) {
	t.Parallel()
	env := map[string]string{"DATABASE_URL": "sqlite://" + filepath.Join(t.TempDir(), "auth.db"), "BCRYPT_COST": "10"}
	code, _, errs := run(t, env, factorPassword+"\n", "user", "create", "--email", "ada@example.com")
	require.Equal(t, exitOK, code, errs)
	succeeds := func(args ...string) string {
		t.Helper()
		code, out, errs := run(t, env, "", append([]string{"user"}, args...)...)
		assert.Equal(t, exitOK, code, errs)
		assert.Empty(t, errs)
		return out
	}
	fails := func(want int, says string, args ...string) {
		t.Helper()
		code, out, errs := run(t, env, "", append([]string{"user"}, args...)...)
		assert.Equal(t, want, code, errs)
		assert.Contains(t, errs, says)
		assert.Empty(t, out)
	}
	assert.Equal(t, "ID  TYPE  NAME  CREATED  LAST USED\nrecovery codes left: 0\n", succeeds("factors", "ada@example.com"))
	fails(exitFailed, "no such second factor", "remove-factor", "ada@example.com", "--all")

	ids := enrolled(t, env, 2)
	list := succeeds("factors", "Ada@example.com")
	assert.Regexp(t, `(?m)^`+ids[0]+`  totp  Telephone  \S+Z +-$`, list)
	assert.Contains(t, list, ids[1])
	assert.Contains(t, list, "\nrecovery codes left: 9\n")
	fails(exitFailed, "no such second factor", "remove-factor", "ada@example.com", domain.FactorID{9}.String())
	assert.Equal(t, "removed the second factor "+ids[0]+" of ada@example.com; all sessions have ended\n", succeeds("remove-factor", "ada@example.com", ids[0]))
	assert.NotContains(t, succeeds("factors", "ada@example.com"), ids[0])
	assert.Equal(t, "removed all second factors and recovery codes of ada@example.com; all sessions have ended\n", succeeds("remove-factor", "ada@example.com", "--all"))
	assert.Contains(t, succeeds("factors", "ada@example.com"), "\nrecovery codes left: 0\n")

	for _, command := range [][]string{{"factors", "grace@example.com"}, {"remove-factor", "grace@example.com", "--all"}, {"factors", "junk"}} {
		fails(exitFailed, "no such user", command...)
	}
	for _, command := range [][]string{
		{"factors"},
		{"factors", "grace@"},
		{"remove-factor", "grace@", "--all"},
		{"remove-factor", "--all"},
		{"remove-factor", "ada@example.com"},
		{"remove-factor", "ada@example.com", ids[0], "--all"},
		{"remove-factor", "ada@example.com", ids[0], ids[1]},
	} {
		fails(exitUsage, "error: ", command...)
	}
}
