package signin

import (
	"context"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Login signs a user in by e-mail address and password.
type Login struct{ flow *Flow }

// NewLogin returns the use case.
func NewLogin(f *Flow) *Login { return &Login{f} }

// Execute starts a session. An unknown address and a wrong password give the same
// refusal at the same cost: one hash. Only the right password reveals that the
// account is disabled or not verified. Errors: domain.ErrInvalidEmail,
// domain.ErrRateLimited, domain.ErrInvalidCredentials,
// domain.ErrEmailNotVerified, domain.ErrAccountDisabled, domain.ErrOverloaded.
func (uc *Login) Execute(ctx context.Context, cmd ports.LoginCommand) (ports.LoginResult, error) {
	f := uc.flow
	email, err := domain.ParseEmail(cmd.Email)
	if err != nil {
		return ports.LoginResult{}, err
	}
	user, err := f.p.Store.Users.ByEmail(ctx, email)
	if err != nil && !kit.IsNotFound(err) {
		return ports.LoginResult{}, err
	}
	device, known := f.devices.Recognise(cmd.DeviceToken, user, f.p.Clock.Now())
	a := attempt{origin: cmd.Origin, user: user, device: device}
	if err := f.count(ctx, email.String(), a, known); err != nil {
		return ports.LoginResult{}, err
	}
	result, err := uc.signIn(ctx, a, cmd.Password)
	return result, f.recorded(ctx, a, err)
}

func (uc *Login) signIn(ctx context.Context, a attempt, password domain.Secret) (ports.LoginResult, error) {
	a, err := uc.flow.provePassword(ctx, a, password)
	if err != nil {
		return ports.LoginResult{}, err
	}
	return uc.flow.proceed(ctx, a)
}
