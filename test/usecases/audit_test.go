package usecases_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

func TestAudit_RegistrationsAndConfirmations(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	register := func(pass string) func() { return func() { require.NoError(t, b.Register(app.Ada, pass)) } }
	got := b.Entries(register(app.Password))
	assert.Equal(t, []app.Entry{b.Own(domain.EventRegistered, app.Ada, domain.SessionID{}, "")}, got)
	again := b.About(domain.EventRegisteredAgain, app.Ada, "")
	assert.Equal(t, []app.Entry{again}, b.Entries(register(app.Password)))
	dropped := b.About(domain.EventPasswordDropped, app.Ada, "")
	assert.ElementsMatch(t, []app.Entry{again, dropped}, b.Entries(register(app.Another)))
	assert.Equal(t, []app.Entry{again}, b.Entries(register("a third password")), "there is no other password to drop")

	b.Clock.Advance(time.Second)
	verified := b.Own(domain.EventEmailVerified, app.Ada, domain.SessionID{}, "")
	assert.Equal(t, []app.Entry{verified}, b.Entries(func() { require.NoError(t, b.Verify(b.LastSecret(app.Ada))) }))
	reset := b.Own(domain.EventPasswordReset, app.Ada, domain.SessionID{}, "")
	assert.Equal(t, []app.Entry{reset}, b.Entries(func() { require.NoError(t, b.Reset(b.LastSecret(app.Ada), app.Password)) }))
	assert.Equal(t, []app.Entry{again}, b.Entries(register(app.Password)), "of a confirmed account, too")

	p := b.SignIn(app.Ada, app.Password)
	_, session := b.Actor(p)
	asked := b.Own(domain.EventEmailChangeRequested, app.Ada, session, "")
	assert.Equal(t, []app.Entry{asked}, b.Entries(func() { require.NoError(t, b.ChangeEmail(p, app.Moved, app.Password)) }), "nothing has moved yet")
	changed := b.Own(domain.EventEmailChanged, app.Ada, domain.SessionID{}, "")
	assert.Equal(t, []app.Entry{changed}, b.Entries(func() { require.NoError(t, b.Confirm(b.LastSecret(app.Moved), app.Password)) }))
}

func TestAudit_AnOpenlyRefusedTakenAddressIsNotRecorded(t *testing.T) {
	t.Parallel()
	b := app.New(t, app.Optional)
	require.NoError(t, b.Register(app.Ada, app.Password))
	assert.Empty(t, b.Entries(func() { require.ErrorIs(t, b.Register(app.Ada, app.Password), domain.ErrEmailTaken) }))
}

func TestAudit_LoginsAndEndsOfSessions(t *testing.T) {
	t.Parallel()
	b := app.New(t, func(s *assembly.Settings) { s.MaxSessionsPerUser = 3 })
	b.Account(app.Ada, app.Password)
	var tokens []ports.TokensResult
	login := func() { tokens = append(tokens, b.Login(app.Ada, app.Password)) }
	for n := range 3 {
		b.Clock.Advance(time.Minute)
		got := b.Entries(login)
		assert.Equal(t, []app.Entry{b.Own(domain.EventLoggedIn, app.Ada, tokens[n].SessionID, "")}, got)
	}
	b.Clock.Advance(time.Minute)
	got := b.Entries(login)
	assert.ElementsMatch(t, []app.Entry{
		b.Own(domain.EventLoggedIn, app.Ada, tokens[3].SessionID, ""),
		b.Own(domain.EventSessionRevoked, app.Ada, tokens[0].SessionID, "too_many_sessions"),
	}, got)

	p := b.Principal(tokens[3])
	revoked := b.Own(domain.EventSessionRevoked, app.Ada, tokens[1].SessionID, "revoked")
	assert.Equal(t, []app.Entry{revoked}, b.Entries(func() { require.NoError(t, b.Revoke(p, tokens[1].SessionID.String())) }))
	out := b.Own(domain.EventLoggedOut, app.Ada, tokens[2].SessionID, "")
	assert.Equal(t, []app.Entry{out}, b.Entries(func() { require.NoError(t, b.Logout(tokens[2].RefreshToken)) }))
	assert.Empty(t, b.Entries(func() { require.NoError(t, b.Logout(tokens[2].AccessToken)) }), "the session had ended")
	ended := b.Own(domain.EventSessionsEnded, app.Ada, tokens[3].SessionID, "")
	assert.Equal(t, []app.Entry{ended}, b.Entries(func() { b.LogoutEverywhere(p) }))
}

// A refused login is recorded if it reached the hash, for any reason. The event of an
// address without an account does not contain that address.
func TestAudit_RefusedLogins(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	require.NoError(t, b.Register(app.Bob, app.Password))
	try := func(want error, address, pass string) []app.Entry {
		return b.Entries(func() { _, err := b.TryLogin(address, pass); require.ErrorIs(t, err, want) })
	}
	assert.Equal(t, []app.Entry{b.About(domain.EventLoginRefused, app.Ada, "invalid_credentials")}, try(domain.ErrInvalidCredentials, app.Ada, app.Another))
	assert.Equal(t, []app.Entry{{Type: domain.EventLoginRefused, Detail: "invalid_credentials"}}, try(domain.ErrInvalidCredentials, "unknown@example.com", app.Password))
	assert.Equal(t, []app.Entry{b.About(domain.EventLoginRefused, app.Bob, "invalid_credentials")}, try(domain.ErrInvalidCredentials, app.Bob, app.Another))
	assert.Equal(t, []app.Entry{b.About(domain.EventLoginRefused, app.Bob, "email_not_verified")}, try(domain.ErrEmailNotVerified, app.Bob, app.Password))
	require.NoError(t, b.SetStatus(domain.Operator(), b.User(app.Ada).ID().String(), "disabled"))
	assert.Equal(t, []app.Entry{b.About(domain.EventLoginRefused, app.Ada, "account_disabled")}, try(domain.ErrAccountDisabled, app.Ada, app.Password))
	assert.Empty(t, try(domain.ErrInvalidEmail, "no address", app.Password), "no hash, no event")
}

func TestAudit_ALoginOvertakenByAChangeIsRefusedAndRecorded(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	id := b.Account(app.Ada, app.Password).ID().String()
	b.Hasher.BeforeVerify = func() { require.NoError(t, b.SetStatus(domain.Operator(), id, "disabled")) }
	got := b.Entries(func() {
		_, err := b.TryLogin(app.Ada, app.Password)
		require.ErrorIs(t, err, domain.ErrInvalidCredentials)
	})
	assert.Equal(t, []app.Entry{
		{Type: domain.EventStatusChanged, Subject: b.User(app.Ada).ID(), Operator: true, Detail: "disabled"},
		b.About(domain.EventLoginRefused, app.Ada, "invalid_credentials"),
	}, got, "no login is recorded")
}

func TestAudit_RenewalsAreNotRecordedButReuseIs(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	first := b.Login(app.Ada, app.Password)
	assert.Empty(t, b.Entries(func() {
		b.MustRefresh(b.MustRefresh(first.RefreshToken).RefreshToken)
		b.RequireLive(first)
	}))
	b.Clock.Advance(time.Minute)
	reused := b.About(domain.EventRefreshTokenReused, app.Ada, "")
	reused.Session = first.SessionID
	refresh := func(want error) func() {
		return func() { _, err := b.Refresh(first.RefreshToken); require.ErrorIs(t, err, want) }
	}
	assert.Equal(t, []app.Entry{reused}, b.Entries(refresh(domain.ErrRefreshTokenReused)))
	assert.Empty(t, b.Entries(refresh(domain.ErrSessionEnded)), "once")
}

func TestAudit_PasswordChecksInsideASession(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	p := b.SignIn(app.Ada, app.Password)
	_, session := b.Actor(p)
	refused := b.Own(domain.EventPasswordRefused, app.Ada, session, "")
	for _, request := range []func() error{
		func() error { return b.ChangePassword(p, app.Another, "a third password") },
		func() error { return b.ChangeEmail(p, app.Moved, app.Another) },
		func() error { return b.DeleteAccount(p, app.Another) },
	} {
		assert.Equal(t, []app.Entry{refused}, b.Entries(func() { require.ErrorIs(t, request(), domain.ErrWrongPassword) }))
	}
	// F-M4: a request to move the account is on record.
	moving := b.Own(domain.EventEmailChangeRequested, app.Ada, session, "")
	assert.Equal(t, []app.Entry{moving}, b.Entries(func() { require.NoError(t, b.ChangeEmail(p, app.Moved, app.Password)) }))
	changed := b.Own(domain.EventPasswordChanged, app.Ada, session, "")
	var fresh ports.LoginResult
	got := b.Entries(func() {
		var err error
		fresh, err = b.Renew(p, app.Password, app.Another)
		require.NoError(t, err)
	})
	assert.Equal(t, []app.Entry{changed, b.Own(domain.EventLoggedIn, app.Ada, fresh.SessionID, "")}, got)
}

func TestAudit_RequestsWithoutAnEvent(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	p := b.SignIn(app.Ada, app.Password)
	assert.Empty(t, b.Entries(func() {
		require.NoError(t, b.RequestReset(app.Ada))
		require.NoError(t, b.RequestReset("unknown@example.com"))
		require.NoError(t, b.RequestVerification(app.Ada))
		require.ErrorIs(t, b.Verify(app.Secret("junk")), domain.ErrInvalidToken)
		require.ErrorIs(t, b.Reset(app.Secret("junk"), app.Another), domain.ErrInvalidToken)
		require.ErrorIs(t, b.Logout(app.Secret("junk")), domain.ErrUnauthenticated)
		require.ErrorIs(t, b.Register(app.Bob, "short"), domain.ErrPasswordTooShort)
		require.ErrorIs(t, b.Revoke(p, domain.SessionID{1}.String()), domain.ErrSessionNotFound)
		for _, request := range b.AdminRequests(p, b.User(app.Ada).ID().String()) {
			require.ErrorIs(t, request(), domain.ErrForbidden)
		}
	}))
}
