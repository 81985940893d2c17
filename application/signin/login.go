package signin

import (
	"context"
	"errors"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Login signs a user in by e-mail address and password.
type Login struct{ flow *Flow }

// NewLogin returns the use case.
func NewLogin(f *Flow) *Login { return &Login{f} }

// Execute starts a session. An unknown address and a wrong password give the same
// refusal at the same cost: one hash. Only the right password reveals that the
// account is disabled or not verified. A place for the hash comes before the store is asked
// for anything. Limits, and a lock by wrong passwords in a row, refuse before the hash and
// give the place back. What the sign-in needs next is refused with domain.ErrSecondFactorRequired
// or domain.ErrPasswordChangeRequired, and the result has the next step, for ContinueLogin or
// ReplacePassword. Errors: domain.ErrInvalidEmail,
// domain.ErrRateLimited, domain.ErrInvalidCredentials,
// domain.ErrEmailNotVerified, domain.ErrAccountDisabled, domain.ErrOverloaded.
func (uc *Login) Execute(ctx context.Context, cmd ports.LoginCommand) (ports.LoginResult, error) {
	f := uc.flow
	email, err := domain.ParseEmail(cmd.Email)
	if err != nil {
		return ports.LoginResult{}, err
	}
	claim := f.devices.Claim(cmd.DeviceToken, email, f.p.Clock.Now())
	place, err := f.p.Hasher.Reserve(ctx, ports.Reservation{Network: cmd.Origin.Client.Network(), Known: claim.StatesAddress(), Account: claim.Account()})
	if err != nil {
		return ports.LoginResult{}, err
	}
	defer place.Release()
	a, err := f.admit(ctx, email, claim, cmd.Origin)
	if err != nil {
		return ports.LoginResult{}, err
	}
	a, err = f.provePassword(ctx, a, place, cmd.Password)
	if errors.Is(err, domain.ErrInvalidCredentials) {
		return ports.LoginResult{}, f.wrongPassword(ctx, a)
	}
	if err != nil {
		return ports.LoginResult{}, err
	}
	result, err := f.proceed(ctx, a)
	if err == nil {
		err = result.Demand()
	}
	return result, f.recorded(ctx, a, err)
}
