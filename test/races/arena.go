package races

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/contract"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// arena has every use case, over the stores under test.
type arena struct{ *app.Bundle }

func newArena(t testing.TB, stores contract.Stores, edits ...func(*assembly.Settings)) arena {
	t.Helper()
	return arena{app.Over(t, stores.Port(), stores.Enqueued, edits...)}
}

// mailed delivers the pending mails, and returns the number of mails of a kind.
func (a arena) mailed(kind domain.MailKind) int {
	a.Helper()
	n := 0
	for _, mail := range a.Mails() {
		if strings.HasPrefix(mail, string(kind)+" ") {
			n++
		}
	}
	return n
}

// account makes an account with a verified address.
func (a arena) account(address, role string) *domain.User {
	a.Helper()
	result, err := a.UseCases.CreateUser.Execute(a.Context(), ports.CreateUserCommand{
		Principal: domain.Operator(), Email: address, Role: role, Password: domain.NewSecret(app.Password), Verified: true,
	})
	require.NoError(a, err)
	return result.User
}

// requireOnlyPassword demands that only is the one password of all that signs in. If
// only is empty, no password may sign in.
func (a arena) requireOnlyPassword(address, only string, all []string) {
	a.Helper()
	for _, pass := range all {
		_, err := a.TryLogin(address, pass)
		if pass == only {
			require.NoError(a, err)
		} else {
			require.ErrorIs(a, err, domain.ErrInvalidCredentials)
		}
	}
}

func (a arena) changePassword(p domain.Principal, next string) error {
	cmd := ports.ChangePasswordCommand{Principal: p, Confirmation: ports.Confirmation{Password: domain.NewSecret(app.Password)}, NewPassword: domain.NewSecret(next)}
	_, err := a.UseCases.ChangePassword.Execute(a.Context(), cmd)
	return err
}

func (a arena) changeUser(id domain.UserID, role, status *string) error {
	cmd := ports.ChangeUserCommand{Principal: domain.Operator(), UserID: id.String(), Role: role, Status: status}
	_, err := a.UseCases.ChangeUser.Execute(a.Context(), cmd)
	return err
}

func (a arena) disable(id domain.UserID) error {
	disabled := domain.StatusDisabled.String()
	return a.changeUser(id, nil, &disabled)
}

func (a arena) deleteUser(id domain.UserID) error {
	_, err := a.UseCases.DeleteUser.Execute(a.Context(), ports.DeleteUserCommand{Principal: domain.Operator(), UserID: id.String()})
	return err
}
