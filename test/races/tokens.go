package races

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/contract"
)

func tokenRaces() []race {
	return []race{
		{"Reset_OfFiftyAtOnceOnePasswordWins", resetAtOnce},
		{"VerifyEmail_OfFiftyAtOnceOneConfirms", verifyAtOnce},
		{"ChangeEmail_OneAccountGetsTheAddress", changeEmailAtOnce},
		{"ChangePassword_OneOfManyWins", changePasswordAtOnce},
	}
}

// passwords returns n different ones.
func passwords(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("a password of number %d", i)
	}
	return all
}

// winner returns which one succeeded and demands that it is the only one.
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

// V-06.
func resetAtOnce(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	a := newArena(t, fresh(t))
	a.account(ada, "")
	secret := a.resetSecret(ada)
	all := passwords(50)
	errs := together(len(all), func(i int) error { return a.reset(secret, all[i]) })
	won := winner(t, errs, domain.ErrInvalidToken)
	a.requireOnlyPassword(ada, all[won], append(all, password))
	assert.Equal(t, 1, a.mailed(domain.MailPasswordChanged))
}

func verifyAtOnce(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	a := newArena(t, fresh(t))
	_, err := a.Register.Execute(t.Context(), ports.RegisterCommand{Email: ada, Password: domain.NewSecret(password)})
	require.NoError(t, err)
	secret := a.lastSecret(ada)
	errs := together(50, func(int) error {
		_, err := a.VerifyEmail.Execute(t.Context(), ports.VerifyEmailCommand{TokenSecret: secret})
		return err
	})
	winner(t, errs, domain.ErrInvalidToken)
	a.mustLogin(ada, password)
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
			Principal: a.principal(a.mustLogin(owners[i], password)), NewEmail: wanted, Confirmation: ports.Confirmation{Password: domain.NewSecret(password)},
		}
		_, err := a.ChangeEmail.Execute(t.Context(), cmd)
		require.NoError(t, err)
		secrets[i] = a.lastSecret(wanted)
	}
	errs := together(len(owners), func(i int) error {
		_, err := a.VerifyEmail.Execute(t.Context(), ports.VerifyEmailCommand{TokenSecret: secrets[i]})
		return err
	})
	won := winner(t, errs, domain.ErrInvalidToken)
	a.mustLogin(wanted, password)
	for i, owner := range owners {
		if i != won {
			a.mustLogin(owner, password)
		}
	}
}

func changePasswordAtOnce(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	a := newArena(t, fresh(t))
	a.account(ada, "")
	all := passwords(8)
	principals := make([]domain.Principal, len(all))
	for i := range principals {
		principals[i] = a.principal(a.mustLogin(ada, password))
	}
	errs := together(len(all), func(i int) error { return a.changePassword(principals[i], all[i]) })
	won := winner(t, errs, domain.ErrSessionEnded, domain.ErrWrongPassword)
	a.requireOnlyPassword(ada, all[won], append(all, password))
}
