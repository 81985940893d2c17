package signin_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

const unknownAddress = "unknown@example.com"

// guess enters n wrong passwords from a device, each of which is checked.
func guess(b *app.Bundle, device domain.Secret, address string, n int) {
	b.Helper()
	for range n {
		_, err := b.LoginFrom(device, address, "wrong")
		require.ErrorIs(b, err, domain.ErrInvalidCredentials)
	}
}

// locked demands that a lock refuses a right and a wrong password before the hash.
func locked(b *app.Bundle, device domain.Secret, address string, left time.Duration) {
	b.Helper()
	assert.Zero(b, b.Hashes(func() {
		for _, password := range []string{app.Password, "wrong"} {
			refusal := b.Refused(domain.ErrRateLimited, func() error { _, err := b.LoginFrom(device, address, password); return err })
			assert.Equal(b, "login_failures", refusal.Exceeded.Limit)
			assert.Equal(b, left, refusal.RetryAfter)
		}
	}))
}

// F-M7: 100 wrong passwords in a row lock an address for 24 hours, with an account or
// not. After that, ten more lock it again.
func TestGuessing_ALockByWrongPasswordsInARow(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	for _, address := range []string{app.Ada, unknownAddress} {
		guess(b, domain.Secret{}, address, 100)
		locked(b, domain.Secret{}, address, 24*time.Hour)
		b.Clock.Advance(24*time.Hour - time.Microsecond)
		locked(b, domain.Secret{}, address, time.Microsecond)
		b.Clock.Advance(time.Microsecond)
		for range 3 {
			guess(b, domain.Secret{}, address, 10)
			locked(b, domain.Secret{}, address, 24*time.Hour)
			b.Clock.Advance(24 * time.Hour)
		}
	}
	b.Login(app.Ada, app.Password)
}

// F-M7: every spelling of an address counts as one, and each address by itself.
func TestGuessing_CountsByTheCanonicalAddress(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	b.Account(app.Bob, app.Password)
	for range 50 {
		guess(b, domain.Secret{}, "ADA@Example.com", 1)
		guess(b, domain.Secret{}, " ada@example.com ", 1)
	}
	locked(b, domain.Secret{}, app.Ada, 24*time.Hour)
	b.Login(app.Bob, app.Password)
}

// F-M7: a completed sign-in clears the count.
func TestGuessing_ACompletedSignInClearsTheCount(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	for range 3 {
		guess(b, domain.Secret{}, app.Ada, 99)
		b.Login(app.Ada, app.Password)
	}
	guess(b, domain.Secret{}, app.Ada, 99)
	session := b.SignIn(app.Ada, app.Password)
	guess(b, domain.Secret{}, app.Ada, 99)
	require.NoError(t, b.ChangePassword(session, app.Password, app.Another), "so does one by a new password within a session")
	guess(b, domain.Secret{}, app.Ada, 99)
	b.Login(app.Ada, app.Another)
}

// F-M7: a sign-in that is not completed clears nothing, and is no wrong password.
func TestGuessing_ARefusalThatIsNoWrongPasswordCountsNothing(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	require.NoError(t, b.Register(app.Ada, app.Password)) // not confirmed
	guess(b, domain.Secret{}, app.Ada, 99)
	for range 3 {
		b.Refused(domain.ErrEmailNotVerified, func() error { _, err := b.TryLogin(app.Ada, app.Password); return err })
	}
	b.Limit(ports.LimitLoginAccount, domain.Quota{Events: 1, Per: time.Hour})
	b.Refused(domain.ErrEmailNotVerified, func() error { _, err := b.TryLogin(app.Ada, app.Password); return err })
	b.Exceeded(ports.LimitLoginAccount, domain.Secret{}, app.Ada)
	b.Limits(nil)
	b.Hasher.Fail(1)
	_, err := b.TryLogin(app.Ada, "wrong")
	require.ErrorIs(t, err, app.ErrFault)
	b.Hasher.Fail(0)
	guess(b, domain.Secret{}, app.Ada, 1)
	locked(b, domain.Secret{}, app.Ada, 24*time.Hour)
}

// F-M7: known devices go on while the address is locked, and a sign-in from one clears
// the lock.
func TestGuessing_KnownDevicesGoOn(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	device := b.Device(app.Ada, app.Password)
	guess(b, domain.Secret{}, app.Ada, 100)
	locked(b, domain.Secret{}, app.Ada, 24*time.Hour)
	guess(b, device, app.Ada, 1)
	locked(b, domain.Secret{}, app.Ada, 24*time.Hour)
	b.Again(device, app.Ada, app.Password)
	b.Login(app.Ada, app.Password)
}

// F-M7: resets go on while the address is locked, and one clears the lock.
func TestGuessing_ResetsGoOn(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	guess(b, domain.Secret{}, app.Ada, 100)
	locked(b, domain.Secret{}, app.Ada, 24*time.Hour)
	require.NoError(t, b.Reset(b.ResetSecret(app.Ada), app.Another))
	b.Login(app.Ada, app.Another)
	guess(b, domain.Secret{}, app.Ada, 99)
	b.Login(app.Ada, app.Another)
}

// F-M7: 20 wrong passwords in a row make a device unknown. A sign-in in between begins
// the row anew, and afterwards the device uses up no attempts of known ones.
func TestGuessing_MakesADeviceUnknown(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	stolen, other := b.Device(app.Ada, app.Password), b.Device(app.Ada, app.Password)
	guess(b, stolen, app.Ada, 19)
	stolen = b.Again(stolen, app.Ada, app.Password)
	guess(b, stolen, app.Ada, 20)
	guess(b, stolen, app.Ada, 80) // it counts as unknown, up to the lock of the address
	locked(b, stolen, app.Ada, 24*time.Hour)
	b.Limits(map[ports.Limit]domain.Quota{ports.LimitLoginDevices: {Events: 2, Per: time.Hour}})
	for range 5 { // the first shows this replica that the device is unknown
		_, err := b.LoginFrom(stolen, app.Ada, "wrong")
		require.ErrorIs(t, err, domain.ErrRateLimited)
	}
	b.Again(other, app.Ada, app.Password)
	b.Clock.Advance(100 * 24 * time.Hour)
	guess(b, domain.Secret{}, app.Ada, 100)
	locked(b, stolen, app.Ada, 24*time.Hour)
	fresh := app.New(t) // another replica remembers nothing
	fresh.Change(func(p *assembly.Ports) { p.Store, p.Signer, p.Clock = b.Ports.Store, b.Ports.Signer, b.Clock })
	_, err := fresh.LoginFrom(stolen, app.Ada, app.Password)
	require.ErrorIs(t, err, domain.ErrRateLimited, "it stays unknown as long as its token lives")
}

// F-M7: a lock has one event and one mail, to the account if there is one.
func TestGuessing_ALockHasOneEventAndOneMail(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	b.Account("disabled@example.com", app.Password)
	b.Edit("disabled@example.com", func(s *domain.UserSnapshot) { s.Status = domain.StatusDisabled.String() })
	device := b.Device(app.Ada, app.Password)
	for address, mails := range map[string][]string{app.Ada: {"login_locked " + app.Ada}, unknownAddress: {}, "disabled@example.com": {}} {
		var subject domain.UserID
		if address != unknownAddress {
			subject = b.User(address).ID()
		}
		guess(b, domain.Secret{}, address, 99)
		var entries []app.Entry
		assert.Equal(t, mails, b.Mailed(func() {
			entries = b.Entries(func() { guess(b, domain.Secret{}, address, 1) })
		}))
		assert.Equal(t, []app.Entry{
			{Type: domain.EventLoginLocked, Subject: subject},
			{Type: domain.EventLoginRefused, Subject: subject, Detail: "invalid_credentials"},
		}, entries, address)
		assert.Empty(t, b.Mailed(func() { locked(b, domain.Secret{}, address, 24*time.Hour) }))
	}
	assert.Empty(t, b.Mailed(func() { guess(b, device, app.Ada, 15) }), "nor for wrong passwords from known devices meanwhile")
	b.Clock.Advance(24 * time.Hour)
	assert.Equal(t, []string{"login_locked " + app.Ada}, b.Mailed(func() { guess(b, domain.Secret{}, app.Ada, 10) }), "the next lock has its own")
}

// F-M7: the lock and its mail and events are stored together or not at all.
func TestGuessing_ALockIsStoredWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	guess(b, domain.Secret{}, app.Ada, 99)
	assert.Empty(t, b.Mailed(func() {
		for call := 3; call <= 9; call++ { // after the two look-ups
			b.Store.Fail(memory.Fault{Call: call})
			_, err := b.TryLogin(app.Ada, "wrong")
			require.ErrorIs(t, err, domain.ErrUnavailable, call)
			b.Store.Heal()
		}
	}))
	assert.Equal(t, []string{"login_locked " + app.Ada}, b.Mailed(func() { guess(b, domain.Secret{}, app.Ada, 1) }))
	locked(b, domain.Secret{}, app.Ada, 24*time.Hour)
}

// F-M7: 100/0 locks until a completed sign-in or a reset clears it (NIST SP 800-63B-4
// section 3.2.2).
func TestGuessing_ALockMayHaveNoEnd(t *testing.T) {
	t.Parallel()
	b := app.New(t, func(s *assembly.Settings) { s.LoginFailures = domain.FailureLimit{Failures: 100} })
	b.Account(app.Ada, app.Password)
	device := b.Device(app.Ada, app.Password)
	for _, address := range []string{app.Ada, unknownAddress} {
		guess(b, domain.Secret{}, address, 100)
	}
	b.Clock.Advance(100 * 24 * time.Hour)
	_, err := b.UseCases.CleanUp.Execute(t.Context(), ports.CleanUpCommand{})
	require.NoError(t, err)
	locked(b, domain.Secret{}, app.Ada, 24*time.Hour)
	locked(b, domain.Secret{}, unknownAddress, 24*time.Hour)
	b.Again(device, app.Ada, app.Password)
	b.Login(app.Ada, app.Password)
	guess(b, domain.Secret{}, app.Ada, 100)
	require.NoError(t, b.Reset(b.ResetSecret(app.Ada), app.Another))
	b.Login(app.Ada, app.Another)
}

// F-M7: the operator may turn the lock off. Devices keep their own bound.
func TestGuessing_TheLockMayBeOff(t *testing.T) {
	t.Parallel()
	b := app.New(t, func(s *assembly.Settings) { s.LoginFailures = domain.FailureLimit{} })
	b.Account(app.Ada, app.Password)
	device := b.Device(app.Ada, app.Password)
	assert.Empty(t, b.Mailed(func() { guess(b, domain.Secret{}, app.Ada, 300) }))
	guess(b, device, app.Ada, 20)
	b.Limits(map[ports.Limit]domain.Quota{ports.LimitLoginAccount: {Events: 1, Per: time.Hour}})
	guess(b, device, app.Ada, 1)
	b.Exceeded(ports.LimitLoginAccount, device, app.Ada)
	b.Limits(nil)
	b.Login(app.Ada, app.Password)
}

// F-M7: a count is kept for 30 days after the last wrong password.
func TestGuessing_ACountIsKeptForThirtyDays(t *testing.T) {
	t.Parallel()
	for wait, removed := range map[time.Duration]int{30*24*time.Hour - time.Microsecond: 0, 30 * 24 * time.Hour: 1} {
		b := app.New(t)
		b.Account(app.Ada, app.Password)
		guess(b, domain.Secret{}, app.Ada, 99)
		b.Clock.Advance(wait)
		result, err := b.UseCases.CleanUp.Execute(t.Context(), ports.CleanUpCommand{})
		require.NoError(t, err)
		assert.Equal(t, removed, result.Failures)
		guess(b, domain.Secret{}, app.Ada, 1)
		if removed == 0 {
			locked(b, domain.Secret{}, app.Ada, 24*time.Hour)
		} else {
			guess(b, domain.Secret{}, app.Ada, 1)
		}
	}
}
