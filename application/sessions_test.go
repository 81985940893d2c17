package application_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func (b *bundle) revoke(p domain.Principal, id string) error {
	_, err := b.RevokeSession.Execute(b.t.Context(), ports.RevokeSessionCommand{Principal: p, SessionID: id, Origin: b.from})
	return err
}

func sessionIDs(sessions []*domain.Session) []domain.SessionID {
	ids := []domain.SessionID{}
	for _, s := range sessions {
		ids = append(ids, s.ID())
	}
	return ids
}

// S-35.
func TestListSessions_ShowsTheCallersLiveOnesNewestFirst(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	b.account(bob, password)
	b.login(bob, password)
	b.login(ada, password)
	b.clock.Advance(8 * 24 * time.Hour) // that one expires
	first := b.login(ada, password)
	b.clock.Advance(time.Second)
	require.NoError(t, b.logout(b.login(ada, password).AccessToken))
	second := b.login(ada, password)

	result, err := b.ListSessions.Execute(t.Context(), ports.ListSessionsCommand{Principal: b.principal(first)})
	require.NoError(t, err)
	assert.Equal(t, []domain.SessionID{second.SessionID, first.SessionID}, sessionIDs(result.Sessions))
	assert.Equal(t, first.SessionID, result.Current)
	for _, nobody := range []domain.Principal{{}, domain.Operator()} {
		_, err = b.ListSessions.Execute(t.Context(), ports.ListSessionsCommand{Principal: nobody})
		require.ErrorIs(t, err, domain.ErrUnauthenticated)
	}
}

func TestRevokeSession_EndsOneOfTheCallersSessions(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	own, other := b.login(ada, password), b.login(ada, password)
	p := b.principal(own)
	require.NoError(t, b.revoke(p, other.SessionID.String()))
	b.requireEnded(other)
	b.requireLive(own)
	b.refused(domain.ErrSessionNotFound, func() error { return b.revoke(p, other.SessionID.String()) })
	require.NoError(t, b.revoke(p, own.SessionID.String()), "the current one, too")
	b.requireEnded(own)
}

// B-22, B-24: one answer for all that is not a live session of the caller.
func TestRevokeSession_RefusesEverythingElseAlike(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	b.account(bob, password)
	expired := b.login(ada, password)
	b.clock.Advance(8 * 24 * time.Hour)
	bobs := b.login(bob, password)
	own := b.login(ada, password)
	p := b.principal(own)
	id := bobs.SessionID.String()
	for _, text := range []string{
		id, expired.SessionID.String(), domain.SessionID{0: 1}.String(), domain.SessionID{}.String(),
		"", "1 OR 1=1", "'", strings.ToUpper(own.SessionID.String()), "{" + id + "}", "urn:uuid:" + id, strings.Repeat("a", 400),
	} {
		refusal := b.refused(domain.ErrSessionNotFound, func() error { return b.revoke(p, text) })
		assert.Same(t, domain.ErrSessionNotFound, refusal)
	}
	b.requireLive(bobs)
	for _, nobody := range []domain.Principal{{}, domain.Operator()} {
		b.refused(domain.ErrUnauthenticated, func() error { return b.revoke(nobody, own.SessionID.String()) })
	}
}

func TestAdminSessions_AreListedAndEnded(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	admin := b.admin(ada)
	user := b.account(bob, password)
	tokens := []ports.TokensResult{b.login(bob, password), b.login(bob, password)}
	bystander := b.login(ada, password)
	for _, p := range []domain.Principal{admin, domain.Operator()} {
		result, err := b.ListUserSessions.Execute(t.Context(), ports.ListUserSessionsCommand{Principal: p, UserID: user.ID().String()})
		require.NoError(t, err)
		assert.ElementsMatch(t, []domain.SessionID{tokens[0].SessionID, tokens[1].SessionID}, sessionIDs(result.Sessions))
		assert.True(t, result.Current.IsZero())
	}
	_, err := b.EndUserSessions.Execute(t.Context(), ports.EndUserSessionsCommand{Principal: admin, UserID: user.ID().String()})
	require.NoError(t, err)
	b.requireEnded(tokens[0])
	b.requireEnded(tokens[1])
	b.requireLive(bystander)
	result, err := b.ListUserSessions.Execute(t.Context(), ports.ListUserSessionsCommand{Principal: admin, UserID: user.ID().String()})
	require.NoError(t, err)
	assert.Empty(t, result.Sessions)
	b.login(bob, password)
}
