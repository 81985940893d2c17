package application_test

import (
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func (b *bundle) register(address, pass string) error {
	_, err := b.Register.Execute(b.t.Context(), ports.RegisterCommand{Email: address, Password: secret(pass), Origin: b.from})
	return err
}

func (b *bundle) verify(token domain.Secret) error {
	_, err := b.VerifyEmail.Execute(b.t.Context(), ports.VerifyEmailCommand{TokenSecret: token, Origin: b.from})
	return err
}

// account makes an account with a verified address, by registering.
func (b *bundle) account(address, pass string) *domain.User {
	b.t.Helper()
	require.NoError(b.t, b.register(address, pass))
	require.NoError(b.t, b.verify(b.lastSecret(address)))
	return b.user(address)
}

// admin makes an administrator and signs in.
func (b *bundle) admin(address string) domain.Principal {
	b.t.Helper()
	b.account(address, password)
	b.change(address, func(s *domain.UserSnapshot) { s.Role = domain.RoleAdmin.String() })
	return b.signIn(address, password)
}

// origin is where requests come from unless a test says otherwise.
var origin = ports.Origin{Client: domain.Client{IP: "192.0.2.1", UserAgent: "Browser/1.0"}, RequestID: "request-1"}

// at returns the origin of requests from an address.
func at(ip string) ports.Origin { return ports.Origin{Client: domain.Client{IP: ip}} }

func (b *bundle) tryLogin(address, pass string) (ports.TokensResult, error) {
	result, err := b.loginFrom(domain.Secret{}, address, pass)
	return result.TokensResult, err
}

// loginFrom signs in from a device.
func (b *bundle) loginFrom(device domain.Secret, address, pass string) (ports.LoginResult, error) {
	cmd := ports.LoginCommand{Email: address, Password: secret(pass), DeviceToken: device, Origin: b.from}
	return b.Login.Execute(b.t.Context(), cmd)
}

func (b *bundle) login(address, pass string) ports.TokensResult {
	b.t.Helper()
	tokens, err := b.tryLogin(address, pass)
	require.NoError(b.t, err)
	return tokens
}

func (b *bundle) authenticate(access domain.Secret) (domain.Principal, error) {
	result, err := b.Authenticate.Execute(b.t.Context(), ports.AuthenticateCommand{AccessToken: access})
	return result.Principal, err
}

// principal returns who acts with tokens.
func (b *bundle) principal(tokens ports.TokensResult) domain.Principal {
	b.t.Helper()
	p, err := b.authenticate(tokens.AccessToken)
	require.NoError(b.t, err)
	return p
}

func (b *bundle) signIn(address, pass string) domain.Principal {
	b.t.Helper()
	return b.principal(b.login(address, pass))
}

func (b *bundle) refresh(token domain.Secret) (ports.TokensResult, error) {
	result, err := b.Refresh.Execute(b.t.Context(), ports.RefreshCommand{RefreshToken: token, Origin: b.from})
	return result.TokensResult, err
}

// requireEnded demands that neither token of a session is any good.
func (b *bundle) requireEnded(tokens ports.TokensResult) {
	b.t.Helper()
	_, err := b.authenticate(tokens.AccessToken)
	require.ErrorIs(b.t, err, domain.ErrSessionEnded)
	_, err = b.refresh(tokens.RefreshToken)
	require.ErrorIs(b.t, err, domain.ErrSessionEnded)
}

// requireLive demands that the session's access token is good.
func (b *bundle) requireLive(tokens ports.TokensResult) {
	b.t.Helper()
	_, err := b.authenticate(tokens.AccessToken)
	require.NoError(b.t, err)
}

func (b *bundle) requestReset(address string) error {
	_, err := b.RequestPasswordReset.Execute(b.t.Context(), ports.RequestPasswordResetCommand{Email: address, Origin: b.from})
	return err
}

func (b *bundle) reset(token domain.Secret, pass string) error {
	cmd := ports.ConfirmPasswordResetCommand{TokenSecret: token, NewPassword: secret(pass), Origin: b.from}
	_, err := b.ConfirmPasswordReset.Execute(b.t.Context(), cmd)
	return err
}

// resetSecret asks for a reset and returns the secret from the mail.
func (b *bundle) resetSecret(address string) domain.Secret {
	b.t.Helper()
	require.NoError(b.t, b.requestReset(address))
	return b.lastSecret(address)
}

func (b *bundle) changePassword(p domain.Principal, current, next string) error {
	cmd := ports.ChangePasswordCommand{Principal: p, Confirmation: ports.Confirmation{Password: secret(current)}, NewPassword: secret(next), Origin: b.from}
	_, err := b.ChangePassword.Execute(b.t.Context(), cmd)
	return err
}

func (b *bundle) changeEmail(p domain.Principal, address, pass string) error {
	cmd := ports.ChangeEmailCommand{Principal: p, NewEmail: address, Confirmation: ports.Confirmation{Password: secret(pass)}, Origin: b.from}
	_, err := b.ChangeEmail.Execute(b.t.Context(), cmd)
	return err
}

func (b *bundle) deleteAccount(p domain.Principal, pass string) error {
	_, err := b.DeleteAccount.Execute(b.t.Context(), ports.DeleteAccountCommand{Principal: p, Confirmation: ports.Confirmation{Password: secret(pass)}, Origin: b.from})
	return err
}

func (b *bundle) logout(token domain.Secret) error {
	_, err := b.Logout.Execute(b.t.Context(), ports.LogoutCommand{BearerToken: token, Origin: b.from})
	return err
}

// setRole and setStatus change a user as an administrator.
func (b *bundle) setRole(p domain.Principal, id, role string) error {
	_, err := b.ChangeUser.Execute(b.t.Context(), ports.ChangeUserCommand{Principal: p, UserID: id, Role: &role, Origin: b.from})
	return err
}

func (b *bundle) setStatus(p domain.Principal, id, status string) error {
	_, err := b.ChangeUser.Execute(b.t.Context(), ports.ChangeUserCommand{Principal: p, UserID: id, Status: &status, Origin: b.from})
	return err
}

func (b *bundle) deleteUser(p domain.Principal, id string) error {
	_, err := b.DeleteUser.Execute(b.t.Context(), ports.DeleteUserCommand{Principal: p, UserID: id, Origin: b.from})
	return err
}
