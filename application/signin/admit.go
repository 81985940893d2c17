package signin

import (
	"context"
	"strconv"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// admit begins a sign-in to an address by password: it counts the limits, loads the
// account, and refuses a lock. Known devices have a limit and an allowance of wrong
// passwords of their own, so that strangers cannot use up the owner's attempts.
//
// The token of a device states its address, so the limits come before the store is
// asked for anything. An account that does not know the device any more makes it an
// unknown one, before the password is checked. A token of version 1 states no address:
// the limits then come after the account. Errors: domain.ErrRateLimited.
func (f *Flow) admit(ctx context.Context, email domain.Email, claim kit.DeviceClaim, o ports.Origin) (attempt, error) {
	now := f.p.Clock.Now()
	a := attempt{origin: o, email: email}
	if err := f.countBefore(ctx, a, claim); err != nil {
		return a, err
	}
	user, err := f.p.Store.Users.ByEmail(ctx, email)
	if err != nil && !kit.IsNotFound(err) {
		return a, err
	}
	a.user = user
	onAddress, onDevice, err := f.failures(ctx, email, claim)
	if err != nil {
		return a, err
	}
	a.device, a.known = f.devices.Recognise(claim, user, onDevice.Count, now)
	if a.known {
		a.clears = stained(a, onAddress, onDevice)
		if claim.StatesAddress() {
			return a, nil
		}
		return a, f.countDevice(ctx, a, user.SessionEpoch())
	}
	a.clears = stained(a, onAddress, domain.Failures{})
	if claim.Made() {
		if err := f.countStranger(ctx, a); err != nil {
			return a, err
		}
	}
	return a, f.settings.Failures.Check(onAddress, now)
}

// countBefore counts the sign-in before the account is loaded, if the token of the
// device allows it.
func (f *Flow) countBefore(ctx context.Context, a attempt, claim kit.DeviceClaim) error {
	switch {
	case claim.StatesAddress():
		return f.countDevice(ctx, a, claim.Epoch())
	case claim.Made():
		return nil
	default:
		return f.countStranger(ctx, a)
	}
}

// countDevice counts a step of a sign-in from a device that the account knows, or knew
// at an earlier epoch. Each epoch counts apart, so that a device that was forgotten
// cannot use up the attempts of the known ones.
func (f *Flow) countDevice(ctx context.Context, a attempt, epoch int64) error {
	return f.p.limits().TakeAbout(ctx, a.origin, f.about(a),
		ports.Count{Limit: ports.LimitLoginDevices, Key: kit.Pair(a.email.String(), strconv.FormatInt(epoch, 10))})
}

// countStranger counts a step of a sign-in from a device that the account does not
// know.
func (f *Flow) countStranger(ctx context.Context, a attempt) error {
	network := a.origin.Client.Network()
	return f.p.limits().TakeAbout(ctx, a.origin, f.about(a),
		ports.Count{Limit: ports.LimitLoginIP, Key: network},
		ports.Count{Limit: ports.LimitLoginAccountIP, Key: kit.Pair(a.email.String(), network)},
		ports.Count{Limit: ports.LimitLoginAccount, Key: a.email.String()})
}

// about returns how to find the user of an attempt, for the audit log.
func (f *Flow) about(a attempt) func(context.Context) (domain.UserID, error) {
	return func(ctx context.Context) (domain.UserID, error) {
		if a.user != nil {
			return a.user.ID(), nil
		}
		user, err := f.p.Store.Users.ByEmail(ctx, a.email)
		if err != nil {
			if kit.IsNotFound(err) {
				return domain.UserID{}, nil
			}
			return domain.UserID{}, err
		}
		return user.ID(), nil
	}
}

// failures reads the wrong passwords in a row of the address, unless the limit is off,
// and of the device if one is claimed, in one call of the store.
func (f *Flow) failures(ctx context.Context, email domain.Email, claim kit.DeviceClaim) (onAddress, onDevice domain.Failures, err error) {
	var keys []ports.FailureKey
	var counts []*domain.Failures
	if !f.settings.Failures.IsOff() {
		keys, counts = append(keys, ports.FailuresOf(email)), append(counts, &onAddress)
	}
	if claim.Made() {
		keys, counts = append(keys, claim.Key()), append(counts, &onDevice)
	}
	if len(keys) == 0 {
		return onAddress, onDevice, nil
	}
	all, err := f.p.Store.Failures.Read(ctx, f.p.Clock.Now(), keys...)
	if err != nil {
		return onAddress, onDevice, err
	}
	for i, count := range counts {
		*count = all[i]
	}
	return onAddress, onDevice, nil
}

// stained returns the counts that a completed sign-in clears.
func stained(a attempt, onAddress, onDevice domain.Failures) []ports.FailureKey {
	var keys []ports.FailureKey
	if onAddress != (domain.Failures{}) {
		keys = append(keys, ports.FailuresOf(a.email))
	}
	if onDevice != (domain.Failures{}) {
		keys = append(keys, ports.FailuresOn(a.device))
	}
	return keys
}

// wrongPassword counts a wrong password, and records the refusal. The address counts
// with an account or not, by the same statements, so that the time reveals nothing.
// Errors: domain.ErrInvalidCredentials after the count is stored, else the errors of
// the store.
func (f *Flow) wrongPassword(ctx context.Context, a attempt) error {
	now := f.p.Clock.Now()
	err := f.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		if a.known {
			failure := ports.Failure{At: now, LockedSince: now, ExpiresAt: now.Add(domain.DeviceLife)}
			if _, err := r.Failures.Add(ctx, ports.FailuresOn(a.device), failure); err != nil {
				return err
			}
		}
		if err := f.countFailure(ctx, r, a, now); err != nil {
			return err
		}
		return r.Audit.Append(ctx, f.refused(a, domain.ErrInvalidCredentials, now))
	})
	if err != nil {
		return err
	}
	return domain.ErrInvalidCredentials
}

// countFailure counts a wrong password for the address, and locks it after too many in
// a row. The mail about a lock is queued by address, whether or not it has an account.
func (f *Flow) countFailure(ctx context.Context, r ports.Repositories, a attempt, now time.Time) error {
	limit, key := f.settings.Failures, ports.FailuresOf(a.email)
	if limit.IsOff() {
		return nil
	}
	count, err := r.Failures.Add(ctx, key, ports.Failure{
		At: now, LockedSince: limit.LockedSince(now), ExpiresAt: now.Add(domain.FailureRetention),
	})
	if err != nil || !limit.Locks(count) {
		return err
	}
	if err := r.Failures.Lock(ctx, key, now); err != nil {
		return err
	}
	if err := r.Audit.Append(ctx, kit.Event(f.p.IDs, domain.EventLoginLocked, a.origin, now).About(a.subject())); err != nil {
		return err
	}
	return r.Jobs.Enqueue(ctx, ports.MailJob{
		Mail: domain.MailLoginLocked, Email: a.email.String(), Client: a.origin.Client.Canonical(), AcceptedAt: now, ExpiresAt: now.Add(ports.NoticeLife),
	})
}
