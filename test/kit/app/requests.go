package app

import (
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Register sends a registration.
func (b *Bundle) Register(address, pass string) error {
	_, err := b.RegisterHere(address, pass)
	return err
}

// RegisterHere sends a registration, and returns the secret of its browser.
func (b *Bundle) RegisterHere(address, pass string) (domain.Secret, error) {
	result, err := b.UseCases.Register.Execute(b.Context(), ports.RegisterCommand{Email: address, Password: Secret(pass), Origin: b.From})
	return result.BrowserSecret, err
}

// Verify confirms an address by the secret of a mail.
func (b *Bundle) Verify(token domain.Secret) error {
	return b.VerifyWith(token, func(*ports.VerifyEmailCommand) {})
}

// VerifyWith confirms an address by the secret of a mail and what edit adds to it.
func (b *Bundle) VerifyWith(token domain.Secret, edit func(cmd *ports.VerifyEmailCommand)) error {
	cmd := ports.VerifyEmailCommand{TokenSecret: token, Origin: b.From}
	edit(&cmd)
	_, err := b.UseCases.VerifyEmail.Execute(b.Context(), cmd)
	return err
}

// Confirm confirms an address by the secret of a mail and the password of the account.
func (b *Bundle) Confirm(token domain.Secret, pass string) error {
	_, err := b.UseCases.VerifyEmail.Execute(b.Context(), ports.VerifyEmailCommand{
		TokenSecret: token, Confirmation: &ports.Confirmation{Password: Secret(pass)}, Origin: b.From,
	})
	return err
}

// ConfirmAs confirms an address by the secret of a mail and a session.
func (b *Bundle) ConfirmAs(p domain.Principal, token domain.Secret) error {
	_, err := b.UseCases.VerifyEmail.Execute(b.Context(), ports.VerifyEmailCommand{TokenSecret: token, Principal: p, Origin: b.From})
	return err
}

// Undo undoes a change of address by the secret of the mail to the former one.
func (b *Bundle) Undo(token domain.Secret) error {
	_, err := b.UseCases.UndoEmailChange.Execute(b.Context(), ports.UndoEmailChangeCommand{TokenSecret: token, Origin: b.From})
	return err
}

// Move moves an account to another address as its owner does, and returns the secret
// that undoes it. Both addresses get mails.
func (b *Bundle) Move(p domain.Principal, from, to, pass string) domain.Secret {
	b.Helper()
	require.NoError(b, b.ChangeEmail(p, to, pass))
	require.NoError(b, b.Confirm(b.LastSecret(to), pass))
	return b.LastSecret(from)
}

// ChangeUser changes a user as an administrator, and returns the user.
func (b *Bundle) ChangeUser(cmd ports.ChangeUserCommand) (*domain.User, error) {
	cmd.Origin = b.From
	result, err := b.UseCases.ChangeUser.Execute(b.Context(), cmd)
	return result.User, err
}

// Account makes an account with a verified address, by registering.
func (b *Bundle) Account(address, pass string) *domain.User {
	b.Helper()
	require.NoError(b, b.Register(address, pass))
	require.NoError(b, b.Verify(b.LastSecret(address)))
	return b.User(address)
}

// Admin makes an administrator and signs in.
func (b *Bundle) Admin(address string) domain.Principal {
	b.Helper()
	b.Account(address, Password)
	b.Edit(address, func(s *domain.UserSnapshot) { s.Role = domain.RoleAdmin.String() })
	return b.SignIn(address, Password)
}

// Origin is the default origin of requests.
var Origin = ports.Origin{Client: domain.Client{IP: "192.0.2.1", UserAgent: "Browser/1.0"}, RequestID: "request-1"}

// At returns the origin of requests from an address.
func At(ip string) ports.Origin { return ports.Origin{Client: domain.Client{IP: ip}} }

// TryLogin signs in.
func (b *Bundle) TryLogin(address, pass string) (ports.TokensResult, error) {
	result, err := b.LoginFrom(domain.Secret{}, address, pass)
	return result.TokensResult, err
}

// LoginFrom signs in from a device.
func (b *Bundle) LoginFrom(device domain.Secret, address, pass string) (ports.LoginResult, error) {
	cmd := ports.LoginCommand{Email: address, Password: Secret(pass), DeviceToken: device, Origin: b.From}
	return b.UseCases.Login.Execute(b.Context(), cmd)
}

// Login signs in, and demands that it succeeds.
func (b *Bundle) Login(address, pass string) ports.TokensResult {
	b.Helper()
	tokens, err := b.TryLogin(address, pass)
	require.NoError(b, err)
	return tokens
}

// Authenticate checks an access token.
func (b *Bundle) Authenticate(access domain.Secret) (domain.Principal, error) {
	result, err := b.UseCases.Authenticate.Execute(b.Context(), ports.AuthenticateCommand{AccessToken: access})
	return result.Principal, err
}

// Principal returns the principal of a session.
func (b *Bundle) Principal(tokens ports.TokensResult) domain.Principal {
	b.Helper()
	p, err := b.Authenticate(tokens.AccessToken)
	require.NoError(b, err)
	return p
}

// SignIn signs in, and returns the principal of the session.
func (b *Bundle) SignIn(address, pass string) domain.Principal {
	b.Helper()
	return b.Principal(b.Login(address, pass))
}

// Refresh exchanges a refresh token.
func (b *Bundle) Refresh(token domain.Secret) (ports.TokensResult, error) {
	result, err := b.UseCases.Refresh.Execute(b.Context(), ports.RefreshCommand{RefreshToken: token, Origin: b.From})
	return result.TokensResult, err
}

// RequireEnded demands that neither token of a session is accepted.
func (b *Bundle) RequireEnded(tokens ports.TokensResult) {
	b.Helper()
	_, err := b.Authenticate(tokens.AccessToken)
	require.ErrorIs(b, err, domain.ErrSessionEnded)
	_, err = b.Refresh(tokens.RefreshToken)
	require.ErrorIs(b, err, domain.ErrSessionEnded)
}

// RequireLive demands that the access token of a session is accepted.
func (b *Bundle) RequireLive(tokens ports.TokensResult) {
	b.Helper()
	_, err := b.Authenticate(tokens.AccessToken)
	require.NoError(b, err)
}

// RequestReset asks for the mail that resets a password.
func (b *Bundle) RequestReset(address string) error {
	_, err := b.UseCases.RequestPasswordReset.Execute(b.Context(), ports.RequestPasswordResetCommand{Email: address, Origin: b.From})
	return err
}

// CheckReset returns the address of the account whose password a secret sets.
func (b *Bundle) CheckReset(token domain.Secret) (string, error) {
	result, err := b.UseCases.CheckPasswordReset.Execute(b.Context(), ports.CheckPasswordResetCommand{TokenSecret: token, Origin: b.From})
	return result.Email.String(), err
}

// Reset sets a password by the secret of a mail.
func (b *Bundle) Reset(token domain.Secret, pass string) error {
	cmd := ports.ConfirmPasswordResetCommand{TokenSecret: token, NewPassword: Secret(pass), Origin: b.From}
	_, err := b.UseCases.ConfirmPasswordReset.Execute(b.Context(), cmd)
	return err
}

// ResetSecret asks for a reset, and returns the secret of its mail.
func (b *Bundle) ResetSecret(address string) domain.Secret {
	b.Helper()
	require.NoError(b, b.RequestReset(address))
	return b.LastSecret(address)
}

// ChangePassword changes a password inside a session.
func (b *Bundle) ChangePassword(p domain.Principal, current, next string) error {
	_, err := b.Renew(p, current, next)
	return err
}

// Renew changes a password inside a session, and returns the fresh session.
func (b *Bundle) Renew(p domain.Principal, current, next string) (ports.LoginResult, error) {
	cmd := ports.ChangePasswordCommand{Principal: p, Confirmation: ports.Confirmation{Password: Secret(current)}, NewPassword: Secret(next), Origin: b.From}
	return b.UseCases.ChangePassword.Execute(b.Context(), cmd)
}

// ChangeEmail asks for the move of an account to another address.
func (b *Bundle) ChangeEmail(p domain.Principal, address, pass string) error {
	cmd := ports.ChangeEmailCommand{Principal: p, NewEmail: address, Confirmation: ports.Confirmation{Password: Secret(pass)}, Origin: b.From}
	_, err := b.UseCases.ChangeEmail.Execute(b.Context(), cmd)
	return err
}

// DeleteAccount deletes the account of a principal.
func (b *Bundle) DeleteAccount(p domain.Principal, pass string) error {
	_, err := b.UseCases.DeleteAccount.Execute(b.Context(), ports.DeleteAccountCommand{Principal: p, Confirmation: ports.Confirmation{Password: Secret(pass)}, Origin: b.From})
	return err
}

// Logout ends the session of a token.
func (b *Bundle) Logout(token domain.Secret) error {
	_, err := b.UseCases.Logout.Execute(b.Context(), ports.LogoutCommand{BearerToken: token, Origin: b.From})
	return err
}

// SetRole changes the role of a user as an administrator.
func (b *Bundle) SetRole(p domain.Principal, id, role string) error {
	_, err := b.UseCases.ChangeUser.Execute(b.Context(), ports.ChangeUserCommand{Principal: p, UserID: id, Role: &role, Origin: b.From})
	return err
}

// SetStatus changes the status of a user as an administrator.
func (b *Bundle) SetStatus(p domain.Principal, id, status string) error {
	_, err := b.UseCases.ChangeUser.Execute(b.Context(), ports.ChangeUserCommand{Principal: p, UserID: id, Status: &status, Origin: b.From})
	return err
}

// DeleteUser deletes a user as an administrator.
func (b *Bundle) DeleteUser(p domain.Principal, id string) error {
	_, err := b.UseCases.DeleteUser.Execute(b.Context(), ports.DeleteUserCommand{Principal: p, UserID: id, Origin: b.From})
	return err
}
