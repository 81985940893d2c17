package application_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// entry is what differs from event to event of one request.
type entry struct {
	Type           domain.EventType
	Actor, Subject domain.UserID
	Operator       bool
	Session        domain.SessionID
	Detail         string
}

// entries returns the events that fn causes. Of each it demands what every
// event has to say: when, how it ended, and where the request came from; and
// that no address, password or token got in.
func (b *bundle) entries(fn func()) []entry {
	b.t.Helper()
	all := []entry{}
	for _, e := range b.recorded(fn) {
		assert.False(b.t, e.ID.IsZero())
		assert.Equal(b.t, b.clock.Now(), e.At)
		assert.Equal(b.t, e.Type.Outcome(), e.Outcome)
		assert.Equal(b.t, b.from.Client, e.Client)
		assert.Equal(b.t, b.from.RequestID, e.RequestID)
		b.requireNoSecret(e)
		all = append(all, entry{e.Type, e.ActorID, e.SubjectID, e.ByOperator, e.SessionID, e.Detail})
	}
	return all
}

// requireNoSecret demands that an event has neither an address nor a password
// nor a mailed secret.
func (b *bundle) requireNoSecret(e domain.Event) {
	b.t.Helper()
	text := fmt.Sprintf("%+v", e)
	secrets := []string{"@", "example", password, another}
	for _, mail := range b.mailbox.All() {
		if !mail.TokenSecret.IsEmpty() {
			secrets = append(secrets, mail.TokenSecret.Reveal())
		}
	}
	for _, s := range secrets {
		assert.NotContains(b.t, text, s)
	}
}

// actor is the user and session behind a principal.
func (b *bundle) actor(p domain.Principal) (domain.UserID, domain.SessionID) {
	b.t.Helper()
	user, session, err := p.SignedIn()
	require.NoError(b.t, err)
	return user.ID(), session.ID()
}

// own is an event of users that act on themselves.
func (b *bundle) own(t domain.EventType, address string, session domain.SessionID, detail string) entry {
	id := b.user(address).ID()
	return entry{Type: t, Actor: id, Subject: id, Session: session, Detail: detail}
}

// about is an event that nobody signed in caused.
func (b *bundle) about(t domain.EventType, address, detail string) entry {
	return entry{Type: t, Subject: b.user(address).ID(), Detail: detail}
}

func TestAudit_RegistrationsAndConfirmations(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	register := func(pass string) func() { return func() { require.NoError(t, b.register(ada, pass)) } }
	got := b.entries(register(password))
	assert.Equal(t, []entry{b.own(domain.EventRegistered, ada, domain.SessionID{}, "")}, got)
	again := b.about(domain.EventRegisteredAgain, ada, "")
	assert.Equal(t, []entry{again}, b.entries(register(password)))
	dropped := b.about(domain.EventPasswordDropped, ada, "")
	assert.ElementsMatch(t, []entry{again, dropped}, b.entries(register(another)))
	assert.Equal(t, []entry{again}, b.entries(register("a third password")), "there is no password left to drop")

	b.clock.Advance(time.Second)
	verified := b.own(domain.EventEmailVerified, ada, domain.SessionID{}, "")
	assert.Equal(t, []entry{verified}, b.entries(func() { require.NoError(t, b.verify(b.lastSecret(ada))) }))
	reset := b.own(domain.EventPasswordReset, ada, domain.SessionID{}, "")
	assert.Equal(t, []entry{reset}, b.entries(func() { require.NoError(t, b.reset(b.lastSecret(ada), password)) }))
	assert.Equal(t, []entry{again}, b.entries(register(password)), "of a confirmed account, too")

	p := b.signIn(ada, password)
	assert.Empty(t, b.entries(func() { require.NoError(t, b.changeEmail(p, moved, password)) }), "nothing has moved yet")
	changed := b.own(domain.EventEmailChanged, ada, domain.SessionID{}, "")
	assert.Equal(t, []entry{changed}, b.entries(func() { require.NoError(t, b.verify(b.lastSecret(moved))) }))
}

func TestAudit_ATakenAddressThatIsRefusedOpenlyIsNoEvent(t *testing.T) {
	t.Parallel()
	b := newBundle(t, optional)
	require.NoError(t, b.register(ada, password))
	assert.Empty(t, b.entries(func() { require.ErrorIs(t, b.register(ada, password), domain.ErrEmailTaken) }))
}

func TestAudit_LoginsAndWhatEndsSessions(t *testing.T) {
	t.Parallel()
	b := newBundle(t, func(s *assembly.Settings) { s.MaxSessionsPerUser = 3 })
	b.account(ada, password)
	var tokens []ports.TokensResult
	login := func() { tokens = append(tokens, b.login(ada, password)) }
	for n := range 3 {
		b.clock.Advance(time.Minute)
		got := b.entries(login)
		assert.Equal(t, []entry{b.own(domain.EventLoggedIn, ada, tokens[n].SessionID, "")}, got)
	}
	b.clock.Advance(time.Minute)
	got := b.entries(login)
	assert.ElementsMatch(t, []entry{
		b.own(domain.EventLoggedIn, ada, tokens[3].SessionID, ""),
		b.own(domain.EventSessionRevoked, ada, tokens[0].SessionID, "too_many_sessions"),
	}, got)

	p := b.principal(tokens[3])
	revoked := b.own(domain.EventSessionRevoked, ada, tokens[1].SessionID, "revoked")
	assert.Equal(t, []entry{revoked}, b.entries(func() { require.NoError(t, b.revoke(p, tokens[1].SessionID.String())) }))
	out := b.own(domain.EventLoggedOut, ada, tokens[2].SessionID, "")
	assert.Equal(t, []entry{out}, b.entries(func() { require.NoError(t, b.logout(tokens[2].RefreshToken)) }))
	assert.Empty(t, b.entries(func() { require.NoError(t, b.logout(tokens[2].AccessToken)) }), "it was over")
	ended := b.own(domain.EventSessionsEnded, ada, tokens[3].SessionID, "")
	assert.Equal(t, []entry{ended}, b.entries(func() { b.logoutEverywhere(p) }))
}

// A login that reached the hash is recorded, whatever it was refused for; of an
// address without an account nothing is kept.
func TestAudit_RefusedLogins(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	require.NoError(t, b.register(bob, password))
	try := func(want error, address, pass string) []entry {
		return b.entries(func() { _, err := b.tryLogin(address, pass); require.ErrorIs(t, err, want) })
	}
	assert.Equal(t, []entry{b.about(domain.EventLoginRefused, ada, "invalid_credentials")}, try(domain.ErrInvalidCredentials, ada, another))
	assert.Equal(t, []entry{{Type: domain.EventLoginRefused, Detail: "invalid_credentials"}}, try(domain.ErrInvalidCredentials, "unknown@example.com", password))
	assert.Equal(t, []entry{b.about(domain.EventLoginRefused, bob, "invalid_credentials")}, try(domain.ErrInvalidCredentials, bob, another))
	assert.Equal(t, []entry{b.about(domain.EventLoginRefused, bob, "email_not_verified")}, try(domain.ErrEmailNotVerified, bob, password))
	require.NoError(t, b.setStatus(domain.Operator(), b.user(ada).ID().String(), "disabled"))
	assert.Equal(t, []entry{b.about(domain.EventLoginRefused, ada, "account_disabled")}, try(domain.ErrAccountDisabled, ada, password))
	assert.Empty(t, try(domain.ErrInvalidEmail, "no address", password), "no hash, no event")
}

func TestAudit_ALoginOvertakenByAChangeIsRefusedAndRecorded(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	id := b.account(ada, password).ID().String()
	b.hasher.beforeVerify = func() { require.NoError(t, b.setStatus(domain.Operator(), id, "disabled")) }
	got := b.entries(func() { _, err := b.tryLogin(ada, password); require.ErrorIs(t, err, domain.ErrInvalidCredentials) })
	assert.Equal(t, []entry{
		{Type: domain.EventStatusChanged, Subject: b.user(ada).ID(), Operator: true, Detail: "disabled"},
		b.about(domain.EventLoginRefused, ada, "invalid_credentials"),
	}, got, "and no login")
}

func TestAudit_RenewalsAreNotRecordedButReuseIs(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	first := b.login(ada, password)
	assert.Empty(t, b.entries(func() {
		b.mustRefresh(b.mustRefresh(first.RefreshToken).RefreshToken)
		b.requireLive(first)
	}))
	b.clock.Advance(time.Minute)
	reused := b.about(domain.EventRefreshTokenReused, ada, "")
	reused.Session = first.SessionID
	refresh := func(want error) func() {
		return func() { _, err := b.refresh(first.RefreshToken); require.ErrorIs(t, err, want) }
	}
	assert.Equal(t, []entry{reused}, b.entries(refresh(domain.ErrRefreshTokenReused)))
	assert.Empty(t, b.entries(refresh(domain.ErrSessionEnded)), "once")
}

func TestAudit_PasswordChecksInsideASession(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	p := b.signIn(ada, password)
	_, session := b.actor(p)
	refused := b.own(domain.EventPasswordRefused, ada, session, "")
	for _, request := range []func() error{
		func() error { return b.changePassword(p, another, "a third password") },
		func() error { return b.changeEmail(p, moved, another) },
		func() error { return b.deleteAccount(p, another) },
	} {
		assert.Equal(t, []entry{refused}, b.entries(func() { require.ErrorIs(t, request(), domain.ErrWrongPassword) }))
	}
	changed := b.own(domain.EventPasswordChanged, ada, session, "")
	assert.Equal(t, []entry{changed}, b.entries(func() { require.NoError(t, b.changePassword(p, password, another)) }))
}

func TestAudit_WhatIsNoEvent(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	p := b.signIn(ada, password)
	assert.Empty(t, b.entries(func() {
		require.NoError(t, b.requestReset(ada))
		require.NoError(t, b.requestReset("unknown@example.com"))
		require.NoError(t, b.requestVerification(ada))
		require.ErrorIs(t, b.verify(secret("junk")), domain.ErrInvalidToken)
		require.ErrorIs(t, b.reset(secret("junk"), another), domain.ErrInvalidToken)
		require.ErrorIs(t, b.logout(secret("junk")), domain.ErrUnauthenticated)
		require.ErrorIs(t, b.register(bob, "short"), domain.ErrPasswordTooShort)
		require.ErrorIs(t, b.revoke(p, domain.SessionID{1}.String()), domain.ErrSessionNotFound)
		for _, request := range b.adminRequests(p, b.user(ada).ID().String()) {
			require.ErrorIs(t, request(), domain.ErrForbidden)
		}
	}))
}
