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

// Execute starts a session. Whatever is wrong with address or password gives
// one answer at the cost of one hash; what is wrong with the account is told
// only to those who know the password. Errors: domain.ErrInvalidEmail for
// what is no address, domain.ErrInvalidCredentials, domain.ErrEmailNotVerified,
// domain.ErrAccountDisabled, domain.ErrOverloaded.
func (uc *Login) Execute(ctx context.Context, cmd ports.LoginCommand) (ports.TokensResult, error) {
	email, err := domain.ParseEmail(cmd.Email)
	if err != nil {
		return ports.TokensResult{}, err
	}
	checked, match, err := uc.checkPassword(ctx, email, cmd.Password)
	if err != nil {
		return ports.TokensResult{}, err
	}
	if err := checked.CheckSignIn(uc.d.Settings.EmailVerificationRequired); err != nil {
		return ports.TokensResult{}, err
	}
	upgraded, err := uc.upgradedHash(ctx, match, cmd.Password)
	if err != nil {
		return ports.TokensResult{}, err
	}
	now := uc.d.Clock.Now()
	session := domain.StartSession(uc.d.IDs.NewSessionID(), checked, cmd.Client, uc.d.Settings.Limits, now)
	var user *domain.User
	// Serializable, so that logins at the same moment cannot pass the limit on
	// sessions together.
	err = uc.d.Work.DoSerializable(ctx, func(ctx context.Context, r ports.Repositories) error {
		var err error
		user, err = sameCredentials(ctx, r, checked)
		if err != nil {
			return err
		}
		if err := user.CheckSignIn(uc.d.Settings.EmailVerificationRequired); err != nil {
			return err
		}
		if !upgraded.IsZero() && user.PasswordHash() == checked.PasswordHash() {
			user.UpgradeHash(upgraded, now)
			if err := r.Users.Save(ctx, user); err != nil {
				return err
			}
		}
		if err := uc.makeRoom(ctx, r, user, now); err != nil {
			return err
		}
		return r.Sessions.Add(ctx, session)
	})
	if err != nil {
		return ports.TokensResult{}, hide(err, domain.ErrInvalidCredentials)
	}
	return uc.d.tokens(session, user, now)
}

// checkPassword spends one hash, whether or not the address has an account.
func (uc *Login) checkPassword(ctx context.Context, email domain.Email, password domain.Secret) (*domain.User, ports.PasswordMatch, error) {
	user, err := uc.d.Stores.Users.ByEmail(ctx, email)
	if err != nil && !isNotFound(err) {
		return nil, ports.PasswordMatch{}, err
	}
	var hash domain.PasswordHash
	if user != nil {
		hash = user.PasswordHash()
	}
	match, err := uc.d.Hasher.Verify(ctx, hash, password)
	if err != nil {
		return nil, ports.PasswordMatch{}, err
	}
	if user == nil || !match.Matches {
		return nil, ports.PasswordMatch{}, domain.ErrInvalidCredentials
	}
	return user, match, nil
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
func (uc *Login) makeRoom(ctx context.Context, r ports.Repositories, user *domain.User, now time.Time) error {
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
		live = live[:len(live)-1]
	}
	return nil
}
