package app

import (
	"encoding/base32"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Authenticator is an authenticator application in a test.
type Authenticator struct {
	b      *Bundle
	secret []byte
	// ID is the identifier of its factor.
	ID string
	// Recovery are the recovery codes that came with it.
	Recovery []domain.Secret
}

// AddTOTP begins to set up an authenticator application.
func (b *Bundle) AddTOTP(p domain.Principal, given ports.Confirmation) (ports.AddTOTPResult, error) {
	return b.UseCases.AddTOTP.Execute(b.Context(), ports.AddTOTPCommand{Principal: p, Name: "Telephone", Confirmation: given, Origin: b.From})
}

// ConfirmTOTP gives the first code of a factor.
func (b *Bundle) ConfirmTOTP(p domain.Principal, id string, code domain.Secret) (ports.ConfirmTOTPResult, error) {
	return b.UseCases.ConfirmTOTP.Execute(b.Context(), ports.ConfirmTOTPCommand{Principal: p, FactorID: id, Code: code, Origin: b.From})
}

// Enrol sets up an authenticator application, with a code for a further one.
func (b *Bundle) Enrol(p domain.Principal, pass string, code domain.Secret) *Authenticator {
	b.Helper()
	a := b.Pending(p, pass, code)
	confirmed, err := b.ConfirmTOTP(p, a.ID, a.Code())
	require.NoError(b, err)
	a.Recovery = confirmed.RecoveryCodes
	b.Clock.Advance(30 * time.Second)
	return a
}

// Pending sets up an authenticator application whose first code is still to be given.
func (b *Bundle) Pending(p domain.Principal, pass string, code domain.Secret) *Authenticator {
	b.Helper()
	added, err := b.AddTOTP(p, ports.Confirmation{Password: Secret(pass), Code: code})
	require.NoError(b, err)
	secret, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(added.Secret.Reveal())
	require.NoError(b, err)
	return &Authenticator{b: b, secret: secret, ID: added.Factor.ID().String()}
}

// Secret returns the secret of the application.
func (a *Authenticator) Secret() string { return string(a.secret) }

// Code returns the code that the application shows now.
func (a *Authenticator) Code() domain.Secret { return a.CodeAt(0) }

// CodeAt returns the code that it shows so many periods from now.
func (a *Authenticator) CodeAt(periods int64) domain.Secret {
	t := domain.NewTOTP()
	return domain.NewSecret(t.Code(a.secret, t.Step(a.b.Clock.Now())+periods))
}

// Next waits for the next period, and returns its code.
func (a *Authenticator) Next() domain.Secret {
	a.b.Clock.Advance(30 * time.Second)
	return a.Code()
}

// Challenge signs in as far as the second factor.
func (b *Bundle) Challenge(address, pass string) domain.Secret {
	b.Helper()
	result, err := b.LoginFrom(domain.Secret{}, address, pass)
	require.ErrorIs(b, err, domain.ErrSecondFactorRequired)
	require.NotNil(b, result.Next)
	require.True(b, result.AccessToken.IsEmpty() && result.RefreshToken.IsEmpty() && result.DeviceToken.IsEmpty(), "no token before the last proof")
	return result.Next.Challenge
}

// Continue gives a code to a challenge.
func (b *Bundle) Continue(challenge domain.Secret, method domain.Method, code domain.Secret) (ports.LoginResult, error) {
	return b.UseCases.ContinueLogin.Execute(b.Context(), ports.ContinueLoginCommand{Challenge: challenge, Method: string(method), Code: code, Origin: b.From})
}

// SignInTwice signs in with a password and a code.
func (b *Bundle) SignInTwice(address, pass string, a *Authenticator) domain.Principal {
	b.Helper()
	result, err := b.Continue(b.Challenge(address, pass), domain.MethodOneTimeCode, a.Next())
	require.NoError(b, err)
	return b.Principal(result.TokensResult)
}
