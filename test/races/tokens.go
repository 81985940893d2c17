package races

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/contract"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

func tokenRaces() []race {
	return []race{
		{"Reset_OfFiftyAtOnceOnePasswordWins", resetAtOnce},
		{"VerifyEmail_OfFiftyAtOnceOneConfirms", verifyAtOnce},
		{"ChangeEmail_OneAccountGetsTheAddress", changeEmailAtOnce},
		{"ChangePassword_OneOfManyWins", changePasswordAtOnce},
	}
}

// passwords returns n different passwords.
func passwords(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("a password of number %d", i)
	}
	return all
}

// winner returns the index of the one call that succeeded, and demands that it is alone.
func winner(t testing.TB, errs []error, losses ...error) int {
	t.Helper()
	require.Equal(t, 1, count(t, errs, nil, losses...), "winners")
	for i, err := range errs {
		if err == nil {
			return i
		}
	}
	return -1
}

// V-06: a link resets one password, even if many requests use it at once.
func resetAtOnce(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	a := newArena(t, fresh(t))
	a.account(app.Ada, "")
	secret := a.ResetSecret(app.Ada)
	all := passwords(50)
	errs := together(len(all), func(i int) error { return a.Reset(secret, all[i]) })
	won := winner(t, errs, domain.ErrInvalidToken)
	a.requireOnlyPassword(app.Ada, all[won], append(all, app.Password))
	assert.Equal(t, 1, a.mailed(domain.MailPasswordChanged))
}

func verifyAtOnce(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	a := newArena(t, fresh(t))
	_, err := a.UseCases.Register.Execute(t.Context(), ports.RegisterCommand{Email: app.Ada, Password: domain.NewSecret(app.Password)})
	require.NoError(t, err)
	secret := a.LastSecret(app.Ada)
	errs := together(50, func(int) error {
		_, err := a.UseCases.VerifyEmail.Execute(t.Context(), ports.VerifyEmailCommand{TokenSecret: secret})
		return err
	})
	winner(t, errs, domain.ErrInvalidToken)
	a.Login(app.Ada, app.Password)
}

func changeEmailAtOnce(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	const wanted = "wanted@example.org"
	a := newArena(t, fresh(t))
	owners := make([]string, 8)
	secrets := make([]domain.Secret, len(owners))
	for i := range owners {
		owners[i] = fmt.Sprintf("owner%d@example.com", i)
		a.account(owners[i], "")
		cmd := ports.ChangeEmailCommand{
			Principal: a.Principal(a.Login(owners[i], app.Password)), NewEmail: wanted, Confirmation: ports.Confirmation{Password: domain.NewSecret(app.Password)},
		}
		_, err := a.UseCases.ChangeEmail.Execute(t.Context(), cmd)
		require.NoError(t, err)
		secrets[i] = a.LastSecret(wanted)
	}
	errs := together(len(owners), func(i int) error {
		_, err := a.UseCases.VerifyEmail.Execute(t.Context(), ports.VerifyEmailCommand{TokenSecret: secrets[i]})
		return err
	})
	won := winner(t, errs, domain.ErrInvalidToken)
	a.Login(wanted, app.Password)
	for i, owner := range owners {
		if i != won {
			a.Login(owner, app.Password)
		}
	}
}

func changePasswordAtOnce(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	a := newArena(t, fresh(t))
	a.account(app.Ada, "")
	all := passwords(8)
	principals := make([]domain.Principal, len(all))
	for i := range principals {
		principals[i] = a.Principal(a.Login(app.Ada, app.Password))
	}
	renewed := make([]ports.LoginResult, len(all))
	errs := together(len(all), func(i int) error {
		var err error
		renewed[i], err = a.Renew(principals[i], app.Password, all[i])
		return err
	})
	won := winner(t, errs, domain.ErrSessionEnded, domain.ErrWrongPassword)
	// F-M1: of all sessions the winner's fresh one is left.
	live := a.Live(a.User(app.Ada))
	require.Len(t, live, 1)
	assert.Equal(t, renewed[won].SessionID, live[0].ID())
	a.RequireLive(renewed[won].TokensResult)
	a.requireOnlyPassword(app.Ada, all[won], append(all, app.Password))
}
