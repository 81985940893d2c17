package audit_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

func TestFeedAudit_GoesOnFromAPosition(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Bob, app.Password)
	feed := func(cmd ports.FeedAuditCommand) ports.FeedResult {
		cmd.Principal = domain.Operator()
		page, err := b.UseCases.FeedAudit.Execute(b.Context(), cmd)
		require.NoError(t, err)
		return page
	}
	first := feed(ports.FeedAuditCommand{Limit: 1})
	require.Len(t, first.Events, 1)
	assert.Equal(t, domain.EventRegistered, first.Events[0].Event.Type)
	assert.True(t, first.More)
	rest := feed(ports.FeedAuditCommand{After: first.Position})
	assert.False(t, rest.More)
	assert.Len(t, append(first.Events, rest.Events...), len(b.Events()))

	b.Clock.Advance(-time.Hour) // another replica, whose clock is behind
	b.SignIn(app.Bob, app.Password)
	next := feed(ports.FeedAuditCommand{After: rest.Position, Types: []string{"logged_in", "logged_in", "logged_out"}})
	require.Len(t, next.Events, 1)
	assert.Equal(t, domain.EventLoggedIn, next.Events[0].Event.Type)
	assert.Empty(t, feed(ports.FeedAuditCommand{After: next.Position}).Events)
}

// The feed holds a fresh replay of the caller's own session back, as the list does, and shows it
// later: it misses nothing.
func TestFeedAudit_ShowsFreshReplaysOfTheOwnSessionLater(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Admin(app.Ada)
	tokens := b.Login(app.Ada, app.Password)
	p := b.Principal(tokens)
	b.MustRefresh(tokens.RefreshToken)
	b.Clock.Advance(time.Second)
	b.From.Client.UserAgent = "another"
	b.MustRefresh(tokens.RefreshToken)
	b.Clock.Advance(time.Second)
	b.Account(app.Bob, app.Password) // events after the replay
	read := func(after int64) ports.FeedResult {
		page, err := b.UseCases.FeedAudit.Execute(b.Context(), ports.FeedAuditCommand{Principal: p, After: after})
		require.NoError(t, err)
		return page
	}
	before := read(0)
	for _, e := range before.Events {
		assert.NotEqual(t, domain.EventRefreshReplayed, e.Event.Type)
	}
	assert.Empty(t, read(before.Position).Events)
	b.Clock.Advance(time.Minute)
	after := read(before.Position)
	require.NotEmpty(t, after.Events)
	assert.Equal(t, domain.EventRefreshReplayed, after.Events[0].Event.Type)
	assert.Len(t, append(before.Events, after.Events...), len(b.Events()))
}

func TestFeedAudit_Refusals(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Bob, app.Password)
	plain := b.SignIn(app.Bob, app.Password)
	refused := func(want error, cmd ports.FeedAuditCommand) *domain.Error {
		return b.Refused(want, func() error { _, err := b.UseCases.FeedAudit.Execute(b.Context(), cmd); return err })
	}
	assert.Empty(t, refused(domain.ErrForbidden, ports.FeedAuditCommand{Principal: plain}).Field)
	assert.Empty(t, refused(domain.ErrUnauthenticated, ports.FeedAuditCommand{}).Field)
	for field, cmd := range map[string]ports.FeedAuditCommand{
		"limit": {Limit: 201}, "after": {After: -1}, "type": {Types: []string{"nonsense"}},
	} {
		cmd.Principal = domain.Operator()
		assert.Equal(t, field, refused(domain.ErrInvalidParameter, cmd).Field)
	}
	beyond := refused(domain.ErrInvalidParameter, ports.FeedAuditCommand{Principal: domain.Operator(), After: 1_000})
	assert.Contains(t, beyond.Error(), "Go on after ", "a log that was restored from a backup")
}
