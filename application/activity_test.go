package application_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func (b *bundle) activity(cmd ports.ListActivityCommand) (ports.EventsResult, error) {
	return b.ListActivity.Execute(b.t.Context(), cmd)
}

func (b *bundle) export(p domain.Principal) (ports.ExportAccountResult, error) {
	return b.ExportAccount.Execute(b.t.Context(), ports.ExportAccountCommand{Principal: p})
}

// eventful lets a user act, and others act on the user. It returns who the
// user is, and the events about it as the user may see them, the newest first.
func (b *bundle) eventful() (domain.Principal, []domain.Event) {
	b.t.Helper()
	admin := b.admin(ada)
	b.account(bob, password)
	id := b.user(bob).ID().String()
	p := b.signIn(bob, password)
	_, err := b.tryLogin(bob, another)
	require.ErrorIs(b.t, err, domain.ErrInvalidCredentials)
	b.clock.Advance(time.Second)
	b.from = ports.Origin{Client: domain.Client{IP: "203.0.113.77", UserAgent: "Console/1.0"}, RequestID: "request-of-somebody-else"}
	require.NoError(b.t, b.setRole(admin, id, "admin"))
	require.NoError(b.t, b.setRole(domain.Operator(), id, "user"))
	b.from = origin
	var visible []domain.Event
	for _, e := range b.events() {
		if e.SubjectID == b.user(bob).ID() {
			visible = append(visible, e.ForSubject())
		}
	}
	require.Len(b.t, visible, 6)
	return p, newestFirst(visible)
}

func TestListActivity_ShowsCallersWhatHappenedToThem(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	p, visible := b.eventful()
	page, err := b.activity(ports.ListActivityCommand{Principal: p})
	require.NoError(t, err)
	assert.Equal(t, visible, page.Events)
	assert.Empty(t, page.NextCursor)
	text := fmt.Sprintf("%+v", page)
	adminID := b.user(ada).ID()
	for _, hidden := range []string{"203.0.113.77", "Console/1.0", "request-of-somebody-else", adminID.String(), fmt.Sprint([16]byte(adminID))} {
		assert.NotContains(t, text, hidden, "of an administrator only that one acted")
	}
	assert.Contains(t, text, origin.Client.IP)
	for _, e := range page.Events[:2] {
		assert.Equal(t, domain.EventRoleChanged, e.Type)
		assert.True(t, e.ByOperator)
	}
}

func TestListActivity_Pages(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	p, visible := b.eventful()
	var seen []domain.Event
	cmd := ports.ListActivityCommand{Principal: p, Limit: 4}
	for more := true; more; more = cmd.Cursor != "" {
		page, err := b.activity(cmd)
		require.NoError(t, err)
		seen = append(seen, page.Events...)
		cmd.Cursor = page.NextCursor
	}
	assert.Equal(t, visible, seen)
}

// V-28: nobody gets anywhere with another user's cursor.
func TestV28_ListActivityRefusesTheCursorsOfOthers(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	bobs, _ := b.eventful()
	adas := b.signIn(ada, password)
	page, err := b.activity(ports.ListActivityCommand{Principal: bobs, Limit: 1})
	require.NoError(t, err)
	all, err := b.audit(ports.ListAuditCommand{Limit: 1})
	require.NoError(t, err)
	users, err := b.list(ports.ListUsersCommand{Limit: 1})
	require.NoError(t, err)
	for _, cursor := range []string{page.NextCursor, all.NextCursor, users.NextCursor, "junk"} {
		require.NotEmpty(t, cursor)
		b.refused(domain.ErrInvalidCursor, func() error {
			_, err := b.activity(ports.ListActivityCommand{Principal: adas, Limit: 1, Cursor: cursor})
			return err
		})
	}
	_, err = b.activity(ports.ListActivityCommand{Principal: bobs, Limit: 2, Cursor: page.NextCursor})
	require.NoError(t, err)
}

func TestListActivity_Refusals(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	p := b.signIn(ada, password)
	for _, limit := range []int{-1, 201} {
		refusal := b.refused(domain.ErrInvalidParameter, func() error {
			_, err := b.activity(ports.ListActivityCommand{Principal: p, Limit: limit})
			return err
		})
		assert.Equal(t, "limit", refusal.Field)
	}
	for _, nobody := range []domain.Principal{{}, domain.Operator()} {
		b.refused(domain.ErrUnauthenticated, func() error { _, err := b.activity(ports.ListActivityCommand{Principal: nobody}); return err })
		b.refused(domain.ErrUnauthenticated, func() error { _, err := b.export(nobody); return err })
	}
}

func TestExportAccount_HoldsAllThatIsStoredAboutTheCaller(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	p, visible := b.eventful()
	own, _, err := p.SignedIn()
	require.NoError(t, err)
	ended := b.login(bob, password)
	require.NoError(t, b.logout(ended.AccessToken))
	require.NoError(t, b.changeEmail(p, moved, password))
	require.NoError(t, b.requestReset(bob))
	require.NoError(t, b.requestReset(ada)) // somebody else's

	result, err := b.export(p)
	require.NoError(t, err)
	assert.Equal(t, own.Snapshot(), result.User.Snapshot())
	_, session := b.actor(p)
	assert.ElementsMatch(t, []domain.SessionID{session, ended.SessionID}, sessionIDs(result.Sessions))
	var purposes []domain.MailKind
	for _, token := range result.Tokens {
		assert.Equal(t, own.ID(), token.UserID())
		purposes = append(purposes, token.Purpose())
	}
	assert.ElementsMatch(t, []domain.MailKind{domain.MailVerifyEmail, domain.MailChangeEmail, domain.MailResetPassword}, purposes)
	assert.Equal(t, visible, result.Events[len(result.Events)-len(visible):])
	assert.Len(t, result.Events, len(visible)+2, "a login and a logout more")
	for _, e := range result.Events {
		b.requireNoSecret(e)
	}
	assert.NotContains(t, fmt.Sprintf("%+v", result.Events), "203.0.113.77")
}

func TestExportAccount_HasEveryPageOfEvents(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	id := b.account(ada, password).ID()
	p := b.signIn(ada, password)
	for _, more := range []int{197, 200, 1, 50} { // 200, 400, 401 and 451 in all
		b.history(more, id)
		result, err := b.export(p)
		require.NoError(t, err)
		assert.Equal(t, newestFirst(b.events()), result.Events)
	}
	assert.Len(t, b.events(), 451)
}

func TestExportAccount_HoldsWhatAnAdministratorDidToOthers(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	target := b.account(bob, password)
	admin := b.admin(ada)
	role := domain.RoleAdmin.String()
	b.clock.Advance(time.Minute)
	_, err := b.ChangeUser.Execute(t.Context(), ports.ChangeUserCommand{Principal: admin, UserID: target.ID().String(), Role: &role, Origin: origin})
	require.NoError(t, err)

	result, err := b.export(admin)
	require.NoError(t, err)
	newest := result.Events[0]
	assert.Equal(t, domain.EventRoleChanged, newest.Type)
	assert.Equal(t, target.ID(), newest.SubjectID)
	assert.Equal(t, origin.Client, newest.Client, "the administrator's own address")
	times := map[domain.EventID]int{}
	for _, e := range result.Events {
		times[e.ID]++
	}
	assert.Len(t, times, len(result.Events), "each event once")
}

func TestExportAccount_IsBounded(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	id := b.account(ada, password).ID()
	p := b.signIn(ada, password)
	b.history(10_001, id)
	result, err := b.export(p)
	require.NoError(t, err)
	assert.True(t, result.EventsTruncated)
	assert.Equal(t, newestFirst(b.events())[:10_000], result.Events)
}
