// Package factors manages second factors: authenticator applications that show one-time codes
// (TOTP, RFC 6238), and recovery codes for the day on which those are lost. Codes proves them
// in sign-ins and in changes that take a proof again.
package factors

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Ports are the driven ports of Codes.
type Ports struct {
	Store   ports.Store
	Keys    ports.DataKeys
	Random  ports.Random
	Limiter ports.RateLimiter
	Clock   ports.Clock
	IDs     ports.IDs
}

// Codes makes and checks one-time codes and recovery codes.
type Codes struct{ p Ports }

// NewCodes returns the codes on the ports.
func NewCodes(p Ports) *Codes { return &Codes{p} }

// use is a code that somebody gave for an account.
type use struct {
	user   *domain.User
	method domain.Method
	code   domain.Secret
	origin ports.Origin
	// by is the signed-in user. It is zero in a sign-in.
	by domain.Principal
}

// Enrolled implements signin.SecondFactors.
func (c *Codes) Enrolled(_ context.Context, _ ports.Repositories, user *domain.User) ([]domain.Method, error) {
	if !user.HasSecondFactor() {
		return nil, nil
	}
	return []domain.Method{domain.MethodOneTimeCode, domain.MethodRecoveryCode}, nil
}

// Prove implements signin.SecondFactors. Errors: domain.ErrInvalidCode, domain.ErrRateLimited,
// domain.ErrInvalidParameter at method.
func (c *Codes) Prove(ctx context.Context, user *domain.User, method domain.Method, code domain.Secret, o ports.Origin) (domain.Proof, error) {
	if method != domain.MethodOneTimeCode && method != domain.MethodRecoveryCode {
		return domain.Proof{}, kit.InvalidParameter("method", "method must be one of those that the sign-in offered.")
	}
	return c.use(ctx, use{user: user, method: method, code: code, origin: o}, domain.ErrInvalidCode)
}

// Demand implements kit.SecondFactor: it returns nil if the signed-in user has no second
// factor, or if code is one of its codes or a recovery code. Errors: domain.ErrCodeRequired,
// domain.ErrWrongCode, domain.ErrRateLimited.
func (c *Codes) Demand(ctx context.Context, p domain.Principal, user *domain.User, code domain.Secret, o ports.Origin) error {
	// The factor may be newer than the request's view of its user.
	user, err := c.p.Store.Users.ByID(ctx, user.ID())
	switch {
	case err != nil:
		return kit.Hide(err, domain.ErrSessionEnded)
	case !user.HasSecondFactor():
		return nil
	case code.IsEmpty():
		return domain.ErrCodeRequired
	}
	method := domain.MethodOneTimeCode
	if _, recovery := domain.ParseRecoveryCode(code); recovery {
		method = domain.MethodRecoveryCode
	}
	_, err = c.use(ctx, use{user: user, method: method, code: code, origin: o, by: p}, domain.ErrWrongCode)
	return err
}

// use counts the attempt, and uses the code up. The verdict leaves the unit of work in a
// variable, because returning it as an error would roll the count back. Errors: wrong,
// domain.ErrRateLimited.
func (c *Codes) use(ctx context.Context, u use, wrong *domain.Error) (domain.Proof, error) {
	count := ports.Count{Limit: ports.LimitFactorAccount, Key: u.user.ID().String()}
	if err := c.limits().TakeBy(ctx, u.origin, u.by, u.user.ID(), count); err != nil {
		return domain.Proof{}, err
	}
	now := c.p.Clock.Now()
	var proof domain.Proof
	var verdict error
	err := c.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) (err error) {
		if u.method == domain.MethodRecoveryCode {
			proof, verdict, err = c.recover(ctx, r, u, now)
		} else {
			proof, verdict, err = c.accept(ctx, r, u, now)
		}
		if err != nil || !errors.Is(verdict, domain.ErrWrongCode) {
			return err
		}
		return c.refuse(ctx, r, u, now)
	})
	switch {
	case err != nil:
		return domain.Proof{}, err
	case errors.Is(verdict, domain.ErrWrongCode):
		return domain.Proof{}, wrong
	}
	return proof, verdict
}

// errLocked refuses one-time codes after too many wrong ones in a row.
var errLocked = domain.ErrRateLimited.WithRetryAfter(domain.FailureRetention).WithDetail(
	"There were too many wrong codes in a row. Use a recovery code, reset the password, or ask an administrator.").
	WithExceeded(domain.Exceeded{Limit: "code_failures", Quota: domain.Quota{Events: domain.MaxCodeFailures, Per: domain.FailureRetention}})

// accept accepts a one-time code of one of the user's factors.
func (c *Codes) accept(ctx context.Context, r ports.Repositories, u use, now time.Time) (proof domain.Proof, verdict, err error) {
	counts, err := r.Failures.Read(ctx, now, ports.FailuresOfCodes(u.user.ID()))
	if err != nil {
		return domain.Proof{}, nil, err
	}
	if counts[0].Count >= domain.MaxCodeFailures {
		return domain.Proof{}, errLocked, nil
	}
	all, err := r.Factors.ByUser(ctx, u.user.ID())
	if err != nil {
		return domain.Proof{}, nil, err
	}
	var unread error // of a factor that cannot be opened, which must not keep the others out
	for _, factor := range all {
		if !factor.IsConfirmed() {
			continue
		}
		secret, err := c.open(factor)
		if err != nil {
			unread = err
			continue
		}
		if factor.Use(secret, u.code, now) != nil {
			continue
		}
		if _, _, err := u.by.SignedIn(); err == nil { // a sign-in clears the row at its end
			if err := r.Failures.Clear(ctx, ports.FailuresOfCodes(u.user.ID())); err != nil {
				return domain.Proof{}, nil, err
			}
		}
		return factor.Proof(now), nil, r.Factors.Save(ctx, factor)
	}
	if unread != nil {
		return domain.Proof{}, nil, unread
	}
	return domain.Proof{}, domain.ErrWrongCode, nil
}

// recover uses up a recovery code, and mails the user how many are left. It ends a row of wrong
// codes.
func (c *Codes) recover(ctx context.Context, r ports.Repositories, u use, now time.Time) (proof domain.Proof, verdict, err error) {
	digits, ok := domain.ParseRecoveryCode(u.code)
	if !ok {
		return domain.Proof{}, domain.ErrWrongCode, nil
	}
	id := u.user.ID()
	used, err := r.Recovery.Use(ctx, id, c.p.Keys.Hashes(digits, domain.RecoveryContext(id)), now)
	if err != nil || !used {
		return domain.Proof{}, domain.ErrWrongCode, err
	}
	if err := r.Failures.Clear(ctx, ports.FailuresOfCodes(id)); err != nil {
		return domain.Proof{}, nil, err
	}
	event := kit.Event(c.p.IDs, domain.EventRecoveryCodeUsed, u.origin, now).About(id).ByOwner()
	return domain.ProofByRecoveryCode(now), nil,
		kit.Mails(r, c.p.IDs, now).Notice(ctx, id, domain.MailRecoveryCodeUsed, u.origin.Client, event)
}

// refuse counts and records a wrong code. One mail tells the owner when codes are refused from
// then on.
func (c *Codes) refuse(ctx context.Context, r ports.Repositories, u use, now time.Time) error {
	id := u.user.ID()
	count, err := r.Failures.Add(ctx, ports.FailuresOfCodes(id), ports.Failure{At: now, LockedSince: now, ExpiresAt: now.Add(domain.FailureRetention)})
	if err != nil {
		return err
	}
	refused := kit.Event(c.p.IDs, domain.EventCodeRefused, u.origin, now).About(id).By(u.by).Saying(string(u.method))
	if count != domain.MaxCodeFailures {
		return r.Audit.Append(ctx, refused)
	}
	locked := kit.Event(c.p.IDs, domain.EventCodesLocked, u.origin, now).About(id)
	return kit.Mails(r, c.p.IDs, now).Notice(ctx, id, domain.MailCodesLocked, u.origin.Client, refused, locked)
}

func (c *Codes) limits() kit.Limits {
	return kit.Limits{Limiter: c.p.Limiter, Audit: c.p.Store.Audit, Clock: c.p.Clock, IDs: c.p.IDs}
}

// open decrypts the secret of a factor.
func (c *Codes) open(factor *domain.Factor) ([]byte, error) {
	keyID, sealed := factor.Sealed()
	return c.p.Keys.Open(ports.Sealed{KeyID: keyID, Box: []byte(sealed)}, domain.FactorContext(factor.ID()))
}

// newFactor returns a factor with a fresh secret, and the secret.
func (c *Codes) newFactor(user domain.UserID, name string, now time.Time) (*domain.Factor, []byte, error) {
	secret, err := c.random(domain.TOTPSecretSize)
	if err != nil {
		return nil, nil, err
	}
	id := c.p.IDs.NewFactorID()
	sealed, err := c.p.Keys.Seal(secret, domain.FactorContext(id))
	if err != nil {
		return nil, nil, err
	}
	return domain.NewFactor(id, user, name, sealed.KeyID, string(sealed.Box), now), secret, nil
}

// newRecoveryCodes returns fresh recovery codes, and their keyed hashes.
func (c *Codes) newRecoveryCodes(user domain.UserID) (codes []domain.Secret, hashes []ports.KeyedHash, err error) {
	for range domain.RecoveryCodes {
		random, err := c.random(domain.TOTPSecretSize)
		if err != nil {
			return nil, nil, err
		}
		code := domain.NewRecoveryCode(random)
		digits, _ := domain.ParseRecoveryCode(code)
		hash, err := c.p.Keys.Hash(digits, domain.RecoveryContext(user))
		if err != nil {
			return nil, nil, err
		}
		codes, hashes = append(codes, code), append(hashes, hash)
	}
	return codes, hashes, nil
}

// random returns size random bytes, at most 32. Errors: internal ones only.
func (c *Codes) random(size int) ([]byte, error) {
	all, err := base64.RawURLEncoding.DecodeString(c.p.Random.Secret().Reveal())
	if err != nil {
		return nil, err
	}
	if len(all) < size {
		return nil, errors.New("factors: too few random bytes")
	}
	return all[:size], nil
}
