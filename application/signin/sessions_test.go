package signin_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// S-35.
func TestListSessions_ShowsTheCallersLiveOnesNewestFirst(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	b.Account(app.Bob, app.Password)
	b.Login(app.Bob, app.Password)
	b.Login(app.Ada, app.Password)
	b.Clock.Advance(8 * 24 * time.Hour) // that one expires
	first := b.Login(app.Ada, app.Password)
	b.Clock.Advance(time.Second)
	require.NoError(t, b.Logout(b.Login(app.Ada, app.Password).AccessToken))
	second := b.Login(app.Ada, app.Password)

	result, err := b.UseCases.ListSessions.Execute(t.Context(), ports.ListSessionsCommand{Principal: b.Principal(first)})
	require.NoError(t, err)
	assert.Equal(t, []domain.SessionID{second.SessionID, first.SessionID}, app.SessionIDs(result.Sessions))
	assert.Equal(t, first.SessionID, result.Current)
	for _, signedOut := range []domain.Principal{{}, domain.Operator()} {
		_, err = b.UseCases.ListSessions.Execute(t.Context(), ports.ListSessionsCommand{Principal: signedOut})
		require.ErrorIs(t, err, domain.ErrUnauthenticated)
	}
}

// F-H1: a holder of a copied token cannot time the refreshes of the other holder, in the
// list of sessions or in the export.
func TestListSessions_ShowsTheCurrentOneAsUsedNow(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	own := b.Login(app.Ada, app.Password)
	b.Clock.Advance(time.Second)
	other := b.Login(app.Ada, app.Password)
	p := b.Principal(own)
	b.Clock.Advance(time.Hour)
	refreshed := b.MustRefresh(own.RefreshToken)
	b.MustRefresh(other.RefreshToken)
	b.Clock.Advance(time.Minute)
	from := ports.Origin{Client: domain.Client{IP: "203.0.113.9", UserAgent: "curl/8"}}
	list, err := b.UseCases.ListSessions.Execute(t.Context(), ports.ListSessionsCommand{Principal: p, Origin: from})
	require.NoError(t, err)
	export, err := b.UseCases.ExportAccount.Execute(t.Context(), ports.ExportAccountCommand{Principal: p, Origin: from})
	require.NoError(t, err)
	b.Edit(app.Ada, func(s *domain.UserSnapshot) { s.Role = domain.RoleAdmin.String() })
	p = b.Principal(refreshed)
	admin, err := b.UseCases.ListUserSessions.Execute(t.Context(), ports.ListUserSessionsCommand{Principal: p, UserID: b.User(app.Ada).ID().String(), Origin: from})
	require.NoError(t, err)
	for name, sessions := range map[string][]*domain.Session{"list": list.Sessions, "export": export.Sessions, "administration": admin.Sessions} {
		require.Len(t, sessions, 2, name)
		assert.Equal(t, b.Clock.Now(), sessions[1].LastSeenAt(), name)
		assert.Equal(t, b.Clock.Now().Add(7*24*time.Hour), sessions[1].ExpiresAt(), name)
		assert.Equal(t, from.Client, sessions[1].Client(), name)
		assert.Equal(t, b.Clock.Now().Add(-time.Minute), sessions[0].LastSeenAt(), "%s: other sessions as they are", name)
		assert.Equal(t, app.Origin.Client, sessions[0].Client(), name)
	}
}

// F-H1: a replay appears in the events of its own session once the grace is over, and in
// those of other sessions at once.
func TestListActivity_HidesFreshReplaysOfTheOwnSession(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	own, other := b.Login(app.Ada, app.Password), b.Login(app.Ada, app.Password)
	p, bystander := b.Principal(own), b.Principal(other)
	b.MustRefresh(own.RefreshToken)
	b.From.Client.UserAgent = "another"
	b.MustRefresh(own.RefreshToken)
	replays := func(p domain.Principal) int {
		page, err := b.Activity(ports.ListActivityCommand{Principal: p})
		require.NoError(t, err)
		export, err := b.Export(p)
		require.NoError(t, err)
		shown := 0
		for _, e := range slices.Concat(page.Events, export.Events) {
			if e.Type == domain.EventRefreshReplayed {
				shown++
			}
		}
		return shown
	}
	assert.Zero(t, replays(p))
	assert.Equal(t, 2, replays(bystander))
	b.Clock.Advance(10*time.Second + time.Microsecond)
	assert.Equal(t, 2, replays(p))
}

func TestRevokeSession_EndsOneOfTheCallersSessions(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	own, other := b.Login(app.Ada, app.Password), b.Login(app.Ada, app.Password)
	p := b.Principal(own)
	require.NoError(t, b.Revoke(p, other.SessionID.String()))
	b.RequireEnded(other)
	b.RequireLive(own)
	b.Refused(domain.ErrSessionNotFound, func() error { return b.Revoke(p, other.SessionID.String()) })
	require.NoError(t, b.Revoke(p, own.SessionID.String()), "the current one, too")
	b.RequireEnded(own)
}

// B-22, B-24: one answer for all that is not a live session of the caller.
func TestRevokeSession_RefusesEverythingElseAlike(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	b.Account(app.Bob, app.Password)
	expired := b.Login(app.Ada, app.Password)
	b.Clock.Advance(8 * 24 * time.Hour)
	bobs := b.Login(app.Bob, app.Password)
	own := b.Login(app.Ada, app.Password)
	p := b.Principal(own)
	id := bobs.SessionID.String()
	for _, text := range []string{
		id, expired.SessionID.String(), domain.SessionID{0: 1}.String(), domain.SessionID{}.String(),
		"", "1 OR 1=1", "'", strings.ToUpper(own.SessionID.String()), "{" + id + "}", "urn:uuid:" + id, strings.Repeat("a", 400),
	} {
		refusal := b.Refused(domain.ErrSessionNotFound, func() error { return b.Revoke(p, text) })
		assert.Same(t, domain.ErrSessionNotFound, refusal)
	}
	b.RequireLive(bobs)
	for _, signedOut := range []domain.Principal{{}, domain.Operator()} {
		b.Refused(domain.ErrUnauthenticated, func() error { return b.Revoke(signedOut, own.SessionID.String()) })
	}
}

func TestAdminSessions_AreListedAndEnded(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	admin := b.Admin(app.Ada)
	user := b.Account(app.Bob, app.Password)
	tokens := []ports.TokensResult{b.Login(app.Bob, app.Password), b.Login(app.Bob, app.Password)}
	bystander := b.Login(app.Ada, app.Password)
	for _, p := range []domain.Principal{admin, domain.Operator()} {
		result, err := b.UseCases.ListUserSessions.Execute(t.Context(), ports.ListUserSessionsCommand{Principal: p, UserID: user.ID().String()})
		require.NoError(t, err)
		assert.ElementsMatch(t, []domain.SessionID{tokens[0].SessionID, tokens[1].SessionID}, app.SessionIDs(result.Sessions))
		assert.True(t, result.Current.IsZero())
	}
	_, err := b.UseCases.EndUserSessions.Execute(t.Context(), ports.EndUserSessionsCommand{Principal: admin, UserID: user.ID().String()})
	require.NoError(t, err)
	b.RequireEnded(tokens[0])
	b.RequireEnded(tokens[1])
	b.RequireLive(bystander)
	result, err := b.UseCases.ListUserSessions.Execute(t.Context(), ports.ListUserSessionsCommand{Principal: admin, UserID: user.ID().String()})
	require.NoError(t, err)
	assert.Empty(t, result.Sessions)
	b.Login(app.Bob, app.Password)
}
