package application

import (
	"context"
	"errors"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Login signs a user in by e-mail address and password.
type Login struct{ d Dependencies }

// NewLogin returns the use case.
func NewLogin(d Dependencies) *Login { return &Login{d} }

// attempt is one login on its way.
type attempt struct {
	cmd   ports.LoginCommand
	email domain.Email
	// user is the account of the address; nil if there is none.
	user *domain.User
	// device is the one the login comes from: known to the account, or new.
	device domain.DeviceID
}

// Execute starts a session. Whatever is wrong with address or password gives
// one answer at the cost of one hash; what is wrong with the account is told
// only to those who know the password. Errors: domain.ErrInvalidEmail for
// what is no address, domain.ErrRateLimited, domain.ErrInvalidCredentials,
// domain.ErrEmailNotVerified, domain.ErrAccountDisabled, domain.ErrOverloaded.
func (uc *Login) Execute(ctx context.Context, cmd ports.LoginCommand) (ports.LoginResult, error) {
	email, err := domain.ParseEmail(cmd.Email)
	if err != nil {
		return ports.LoginResult{}, err
	}
	user, err := uc.d.Stores.Users.ByEmail(ctx, email)
	if err != nil && !isNotFound(err) {
		return ports.LoginResult{}, err
	}
	a := attempt{cmd: cmd, email: email, user: user}
	if err := uc.limit(ctx, &a); err != nil {
		return ports.LoginResult{}, err
	}
	result, err := uc.signIn(ctx, a)
	for _, refusal := range []*domain.Error{domain.ErrInvalidCredentials, domain.ErrEmailNotVerified, domain.ErrAccountDisabled} {
		if errors.Is(err, refusal) {
			return ports.LoginResult{}, uc.refuse(ctx, a, refusal)
		}
	}
	return result, err
}

// limit counts the login. Devices that the account knows have an allowance of
// their own, so that strangers' attempts cannot use up the owner's.
func (uc *Login) limit(ctx context.Context, a *attempt) error {
	network, account := a.cmd.Origin.Client.Network(), a.email.String()
	counts := []count{
		{ports.LimitLoginIP, network},
		{ports.LimitLoginAccountIP, pair(account, network)},
		{ports.LimitLoginAccount, account},
	}
	device, genuine := uc.d.Signer.ParseDevice(a.cmd.DeviceToken)
	if genuine && a.user != nil && device.KnownTo(a.user, uc.d.Clock.Now()) {
		a.device = device.ID
		counts = []count{counts[0], {ports.LimitLoginDevice, pair(account, device.ID.String())}}
	} else {
		a.device = uc.d.IDs.NewDeviceID()
	}
	var about domain.UserID
	if a.user != nil {
		about = a.user.ID()
	}
	return uc.d.take(ctx, a.cmd.Origin, about, counts...)
}

// signIn spends one hash, whether or not the address has an account, and starts
// the session.
func (uc *Login) signIn(ctx context.Context, a attempt) (ports.LoginResult, error) {
	var hash domain.PasswordHash
	if a.user != nil {
		hash = a.user.PasswordHash()
	}
	match, err := uc.d.Hasher.Verify(ctx, hash, a.cmd.Password)
	if err != nil {
		return ports.LoginResult{}, err
	}
	if a.user == nil || !match.Matches {
		return ports.LoginResult{}, domain.ErrInvalidCredentials
	}
	if _, err := uc.policy().Next(a.user, nil, domain.Proofs{domain.ProofByPassword(uc.d.Clock.Now())}); err != nil {
		return ports.LoginResult{}, err
	}
	upgraded, err := uc.upgradedHash(ctx, match, a.cmd.Password)
	if err != nil {
		return ports.LoginResult{}, err
	}
	now := uc.d.Clock.Now()
	user, session, err := uc.startSession(ctx, a, upgraded, now)
	if err != nil {
		return ports.LoginResult{}, err
	}
	tokens, err := uc.d.tokens(session, user, now)
	if err != nil {
		return ports.LoginResult{}, err
	}
	return ports.LoginResult{TokensResult: tokens, DeviceToken: uc.d.remember(a.device, user, now).DeviceToken}, nil
}

// startSession stores the session, with the upgraded hash if there is one. It
// is serializable, so that logins at the same moment cannot pass the limit on
// sessions together.
func (uc *Login) startSession(ctx context.Context, a attempt, upgraded domain.PasswordHash, now time.Time) (*domain.User, *domain.Session, error) {
	session := domain.StartSession(uc.d.IDs.NewSessionID(), a.user, domain.Proofs{domain.ProofByPassword(now)}, a.cmd.Origin.Client, uc.d.Settings.Limits, now)
	event := uc.d.event(domain.EventLoggedIn, a.cmd.Origin, now).About(a.user.ID()).ByOwner().In(session.ID())
	var user *domain.User
	err := uc.d.Work.DoSerializable(ctx, func(ctx context.Context, r ports.Repositories) error {
		var err error
		user, err = sameCredentials(ctx, r, a.user)
		if err != nil {
			return err
		}
		if _, err := uc.policy().Next(user, nil, domain.Proofs{domain.ProofByPassword(now)}); err != nil {
			return err
		}
		if !upgraded.IsZero() && user.PasswordHash() == a.user.PasswordHash() {
			user.UpgradeHash(upgraded, now)
			if err := r.Users.Save(ctx, user); err != nil {
				return err
			}
		}
		if err := uc.makeRoom(ctx, r, a, user, now); err != nil {
			return err
		}
		if err := r.Sessions.Add(ctx, session); err != nil {
			return err
		}
		return r.Audit.Append(ctx, event)
	})
	return user, session, hide(err, domain.ErrInvalidCredentials)
}

// policy is what a sign-in must prove.
func (uc *Login) policy() domain.SignInPolicy {
	return domain.SignInPolicy{VerificationRequired: uc.d.Settings.EmailVerificationRequired}
}

// refuse records a login whose password was checked, and returns the refusal.
func (uc *Login) refuse(ctx context.Context, a attempt, refusal *domain.Error) error {
	event := uc.d.event(domain.EventLoginRefused, a.cmd.Origin, uc.d.Clock.Now()).Saying(refusal.Code)
	if a.user != nil {
		event = event.About(a.user.ID())
	}
	if err := uc.d.Stores.Audit.Append(ctx, event); err != nil {
		return err
	}
	return refusal
}

// upgradedHash returns a new hash of the password where the stored one is out
// of date, else the zero hash. Too many waiting hashes are no reason to refuse
// who has proven the password: a later login will replace the stored one.
func (uc *Login) upgradedHash(ctx context.Context, match ports.PasswordMatch, password domain.Secret) (domain.PasswordHash, error) {
	if !match.Outdated {
		return domain.PasswordHash{}, nil
	}
	hash, err := uc.d.Hasher.Hash(ctx, password)
	if errors.Is(err, domain.ErrOverloaded) {
		return domain.PasswordHash{}, nil
	}
	return hash, err
}

// makeRoom ends the user's oldest sessions so that one more fits the limit.
func (uc *Login) makeRoom(ctx context.Context, r ports.Repositories, a attempt, user *domain.User, now time.Time) error {
	live, err := r.Sessions.LiveByUser(ctx, user.ID(), user.SessionEpoch(), now)
	if err != nil {
		return err
	}
	for len(live) > 0 && len(live) >= uc.d.Settings.MaxSessionsPerUser {
		oldest := live[len(live)-1]
		oldest.Revoke(domain.RevokedByTooMany, now)
		if err := r.Sessions.Save(ctx, oldest); err != nil {
			return err
		}
		event := uc.d.event(domain.EventSessionRevoked, a.cmd.Origin, now).About(user.ID()).ByOwner().
			In(oldest.ID()).Saying(string(domain.RevokedByTooMany))
		if err := r.Audit.Append(ctx, event); err != nil {
			return err
		}
		live = live[:len(live)-1]
	}
	return nil
}
