package signin

import (
	"context"
	"errors"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Flow leads sign-ins from their first proof to a session.
type Flow struct {
	p        Ports
	settings Settings
	devices  *kit.Devices
	factors  SecondFactors
}

// SecondFactors are further ways to prove an identity, which users set up.
type SecondFactors interface {
	// Enrolled returns the methods that the user has set up. r may be part of a unit
	// of work. Errors: the errors of the stores.
	Enrolled(ctx context.Context, r ports.Repositories, user *domain.User) ([]domain.Method, error)
	// Prove checks a code by a method, and uses it up. Errors: domain.ErrInvalidCode,
	// domain.ErrRateLimited, domain.ErrInvalidParameter at method for a method that takes no
	// code.
	Prove(ctx context.Context, user *domain.User, method domain.Method, code domain.Secret, o ports.Origin) (domain.Proof, error)
}

// NewFlow returns a flow that demands the second factors that users have set up.
func NewFlow(p Ports, s Settings, factors SecondFactors) *Flow {
	return &Flow{p: p, settings: s, devices: kit.NewDevices(p.Signer, p.IDs), factors: factors}
}

// attempt is a sign-in between its first proof and its session.
type attempt struct {
	origin ports.Origin
	// user is the account as loaded before the check of the first proof. It is nil if
	// the address has no account.
	user *domain.User
	// email is the address of the sign-in, with an account or not.
	email domain.Email
	// device is the device that the sign-in comes from. known is true if the account
	// knows it.
	device domain.DeviceID
	known  bool
	// reported is true if a mail tells the user of the device.
	reported bool
	// clears are the counts of wrong passwords that the completed sign-in clears.
	clears []ports.FailureKey
	proofs domain.Proofs
	// expiresAt is the end of a sign-in of several steps. It is zero before the first
	// challenge.
	expiresAt time.Time
	// prepare returns the change to store beside the session. It may be nil.
	prepare func(ctx context.Context) (change, error)
}

// subject returns the identifier of the user. It is zero if the address has no account.
func (a attempt) subject() domain.UserID {
	if a.user == nil {
		return domain.UserID{}
	}
	return a.user.ID()
}

// change changes the user in the transaction that opens the session, and reports
// whether it changed the user.
type change func(user *domain.User, now time.Time) bool

// changes computes what the attempt's proofs change of the user; nil for nothing.
func (a attempt) changes(ctx context.Context) (change, error) {
	if a.prepare == nil {
		return nil, nil //nolint:nilnil // no change is a valid outcome
	}
	return a.prepare(ctx)
}

// proceed asks the policy what the attempt needs. It opens the session if nothing is
// left to prove, and returns the next step otherwise. Errors: the refusals of
// domain.SignInPolicy, domain.ErrInvalidCredentials if the account changed meanwhile.
func (f *Flow) proceed(ctx context.Context, a attempt) (ports.LoginResult, error) {
	step, err := f.next(ctx, f.p.Store.Repositories, a.user, a.proofs)
	if err != nil {
		return ports.LoginResult{}, err
	}
	if !step.Done {
		if err := f.settle(ctx, a); err != nil {
			return ports.LoginResult{}, err
		}
		return ports.LoginResult{Next: f.challenge(a, step)}, nil
	}
	return f.open(ctx, a)
}

// next applies the policy to user, with the second factors that r stores.
func (f *Flow) next(ctx context.Context, r ports.Repositories, user *domain.User, proofs domain.Proofs) (domain.SignInStep, error) {
	enrolled, err := f.factors.Enrolled(ctx, r, user)
	if err != nil {
		return domain.SignInStep{}, err
	}
	return f.settings.Policy.Next(user, enrolled, proofs)
}

// challenge returns the next step, with the signed proofs so far.
func (f *Flow) challenge(a attempt, step domain.SignInStep) *ports.NextStep {
	now := f.p.Clock.Now()
	c := domain.NewChallenge(a.user, a.proofs, now)
	if !a.expiresAt.IsZero() {
		c.ExpiresAt = a.expiresAt
	}
	return &ports.NextStep{Challenge: f.p.Signer.SignChallenge(c), ExpiresAt: c.ExpiresAt, ExpiresIn: c.ExpiresAt.Sub(now), Methods: step.Methods, PasswordChange: step.PasswordChange}
}

// resume returns the attempt of a challenge, after counting the step against the same
// limits as a first step, so that all methods together have one allowance for wrong
// evidence. Errors: domain.ErrRateLimited, domain.ErrInvalidCredentials if the challenge
// is not genuine or no longer holds.
func (f *Flow) resume(ctx context.Context, challenge, deviceToken domain.Secret, o ports.Origin) (attempt, error) {
	c, ok := f.p.Signer.ParseChallenge(challenge)
	if !ok {
		return attempt{}, domain.ErrInvalidCredentials
	}
	user, err := f.p.Store.Users.ByID(ctx, c.UserID)
	if err != nil {
		return attempt{}, kit.Hide(err, domain.ErrInvalidCredentials)
	}
	email, err := domain.ParseEmail(c.Email)
	if err != nil {
		return attempt{}, domain.ErrInvalidCredentials
	}
	a := attempt{origin: o, user: user, email: email, proofs: c.Proofs, expiresAt: c.ExpiresAt}
	claim := f.devices.Claim(deviceToken, email, f.p.Clock.Now())
	_, onDevice, err := f.failures(ctx, email, claim)
	if err != nil {
		return attempt{}, err
	}
	a.device, a.known = f.devices.Recognise(claim, user, onDevice.Count, f.p.Clock.Now())
	a.clears = append(a.clears, ports.FailuresOf(email), ports.FailuresOn(a.device))
	if a.known {
		err = f.countDevice(ctx, a, user.SessionEpoch())
	} else {
		err = f.countStranger(ctx, a)
	}
	if err != nil {
		return a, err
	}
	return a, c.Check(user, f.p.Clock.Now())
}

// recorded returns err. If err refuses a sign-in whose proof was checked, recorded
// first appends it to the audit log.
func (f *Flow) recorded(ctx context.Context, a attempt, err error) error {
	for _, refusal := range []*domain.Error{
		domain.ErrInvalidCredentials, domain.ErrEmailNotVerified, domain.ErrAccountDisabled, domain.ErrForbidden,
		domain.ErrPasswordChangeRequired, domain.ErrSecondFactorRequired,
	} {
		if !errors.Is(err, refusal) {
			continue
		}
		if err := f.p.Store.Audit.Append(ctx, f.refused(a, refusal, f.p.Clock.Now())); err != nil {
			return err
		}
		return err
	}
	return err
}

// refused returns the event of a sign-in that was refused after a proof was checked.
func (f *Flow) refused(a attempt, refusal *domain.Error, now time.Time) domain.Event {
	return kit.Event(f.p.IDs, domain.EventLoginRefused, a.origin, now).About(a.subject()).Saying(refusal.Code)
}
