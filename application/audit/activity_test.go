package audit_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// eventful lets a user act, and others act on the user. It returns the user's
// principal, and the events about the user as the user may see them, newest first.
func eventful(b *app.Bundle) (domain.Principal, []domain.Event) {
	b.Helper()
	admin := b.Admin(app.Ada)
	b.Account(app.Bob, app.Password)
	id := b.User(app.Bob).ID().String()
	p := b.SignIn(app.Bob, app.Password)
	_, err := b.TryLogin(app.Bob, app.Another)
	require.ErrorIs(b, err, domain.ErrInvalidCredentials)
	b.Clock.Advance(time.Second)
	b.From = ports.Origin{Client: domain.Client{IP: "203.0.113.77", UserAgent: "Console/1.0"}, RequestID: "request-of-somebody-else"}
	require.NoError(b, b.SetRole(admin, id, "admin"))
	require.NoError(b, b.SetRole(domain.Operator(), id, "user"))
	b.From = app.Origin
	var visible []domain.Event
	for _, e := range b.Events() {
		if e.SubjectID == b.User(app.Bob).ID() {
			visible = append(visible, e.ForSubject())
		}
	}
	require.Len(b, app.WithoutMails(visible), 6)
	require.Len(b, visible, 12, "with a mail to confirm the address, and one for each new role")
	return p, app.NewestFirst(visible)
}

func TestListActivity_ShowsCallersWhatHappenedToThem(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	p, visible := eventful(b)
	page, err := b.Activity(ports.ListActivityCommand{Principal: p})
	require.NoError(t, err)
	assert.Equal(t, visible, page.Events)
	assert.Empty(t, page.NextCursor)
	text := fmt.Sprintf("%+v", page)
	adminID := b.User(app.Ada).ID()
	for _, hidden := range []string{"203.0.113.77", "Console/1.0", "request-of-somebody-else", adminID.String(), fmt.Sprint([16]byte(adminID))} {
		assert.NotContains(t, text, hidden, "of an administrator only that one acted")
	}
	assert.Contains(t, text, app.Origin.Client.IP)
	for _, e := range app.WithoutMails(page.Events)[:2] {
		assert.Equal(t, domain.EventRoleChanged, e.Type)
		assert.True(t, e.ByOperator)
	}
}

func TestListActivity_Pages(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	p, visible := eventful(b)
	var seen []domain.Event
	cmd := ports.ListActivityCommand{Principal: p, Limit: 4}
	for more := true; more; more = cmd.Cursor != "" {
		page, err := b.Activity(cmd)
		require.NoError(t, err)
		seen = append(seen, page.Events...)
		cmd.Cursor = page.NextCursor
	}
	assert.Equal(t, visible, seen)
}

// V-28: the cursor of another user is refused.
func TestV28_ListActivityRefusesTheCursorsOfOthers(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	bobs, _ := eventful(b)
	adas := b.SignIn(app.Ada, app.Password)
	page, err := b.Activity(ports.ListActivityCommand{Principal: bobs, Limit: 1})
	require.NoError(t, err)
	all, err := b.Audit(ports.ListAuditCommand{Limit: 1})
	require.NoError(t, err)
	users, err := b.List(ports.ListUsersCommand{Limit: 1})
	require.NoError(t, err)
	for _, cursor := range []string{page.NextCursor, all.NextCursor, users.NextCursor, "junk"} {
		require.NotEmpty(t, cursor)
		b.Refused(domain.ErrInvalidCursor, func() error {
			_, err := b.Activity(ports.ListActivityCommand{Principal: adas, Limit: 1, Cursor: cursor})
			return err
		})
	}
	_, err = b.Activity(ports.ListActivityCommand{Principal: bobs, Limit: 2, Cursor: page.NextCursor})
	require.NoError(t, err)
}

func TestListActivity_Refusals(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	p := b.SignIn(app.Ada, app.Password)
	for _, limit := range []int{-1, 201} {
		refusal := b.Refused(domain.ErrInvalidParameter, func() error {
			_, err := b.Activity(ports.ListActivityCommand{Principal: p, Limit: limit})
			return err
		})
		assert.Equal(t, "limit", refusal.Field)
	}
	for _, signedOut := range []domain.Principal{{}, domain.Operator()} {
		b.Refused(domain.ErrUnauthenticated, func() error { _, err := b.Activity(ports.ListActivityCommand{Principal: signedOut}); return err })
		b.Refused(domain.ErrUnauthenticated, func() error { _, err := b.Export(signedOut); return err })
	}
}

func TestExportAccount_HoldsAllThatIsStoredAboutTheCaller(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	p, visible := eventful(b)
	own, _, err := p.SignedIn()
	require.NoError(t, err)
	ended := b.Login(app.Bob, app.Password)
	require.NoError(t, b.Logout(ended.AccessToken))
	require.NoError(t, b.ChangeEmail(p, app.Moved, app.Password))
	require.NoError(t, b.RequestReset(app.Bob))
	require.NoError(t, b.RequestReset(app.Ada)) // of another user

	var result ports.ExportAccountResult
	recorded := b.Recorded(func() { result, err = b.Export(p) })
	require.NoError(t, err)
	require.Len(t, recorded, 1, "F-M4: an export is on record")
	assert.Equal(t, domain.EventAccountExported, recorded[0].Type)
	assert.Equal(t, []domain.UserID{own.ID(), own.ID()}, []domain.UserID{recorded[0].ActorID, recorded[0].SubjectID})
	assert.Equal(t, own.Snapshot(), result.User.Snapshot())
	_, session := b.Actor(p)
	assert.ElementsMatch(t, []domain.SessionID{session, ended.SessionID}, app.SessionIDs(result.Sessions))
	var purposes []domain.MailKind
	for _, token := range result.Tokens {
		assert.Equal(t, own.ID(), token.UserID())
		purposes = append(purposes, token.Purpose())
	}
	assert.ElementsMatch(t, []domain.MailKind{domain.MailVerifyEmail, domain.MailChangeEmail, domain.MailResetPassword}, purposes)
	assert.Equal(t, visible, result.Events[len(result.Events)-len(visible):])
	assert.Len(t, app.WithoutMails(result.Events), len(app.WithoutMails(visible))+3, "a login, a logout and the request to move more")
	for _, e := range result.Events {
		b.RequireNoSecret(e)
	}
	assert.NotContains(t, fmt.Sprintf("%+v", result.Events), "203.0.113.77")
}

func TestExportAccount_HoldsTheSecondFactors(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	p := b.SignIn(app.Ada, app.Password)
	b.Enrol(p, app.Password, domain.Secret{})

	result, err := b.Export(p)
	require.NoError(t, err)
	require.Len(t, result.Factors.Factors, 1)
	assert.Equal(t, domain.RecoveryCodes, result.Factors.RecoveryCodesLeft)
}

func TestExportAccount_HasEveryPageOfEvents(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	id := b.Account(app.Ada, app.Password).ID()
	p := b.SignIn(app.Ada, app.Password)
	for _, all := range []int{200, 400, 401, 451} { // with an event of each export before
		b.History(all-len(b.Events()), id)
		before := b.Events()
		for i := range before {
			before[i] = before[i].ForSubject()
		}
		result, err := b.Export(p)
		require.NoError(t, err)
		assert.Equal(t, app.NewestFirst(before), result.Events)
	}
	assert.Len(t, b.Events(), 452)
}

func TestExportAccount_HoldsWhatAnAdministratorDidToOthers(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	target := b.Account(app.Bob, app.Password)
	admin := b.Admin(app.Ada)
	role := domain.RoleAdmin.String()
	b.Clock.Advance(time.Minute)
	_, err := b.UseCases.ChangeUser.Execute(t.Context(), ports.ChangeUserCommand{Principal: admin, UserID: target.ID().String(), Role: &role, Origin: app.Origin})
	require.NoError(t, err)

	result, err := b.Export(admin)
	require.NoError(t, err)
	newest := result.Events[0]
	assert.Equal(t, domain.EventRoleChanged, newest.Type)
	assert.Equal(t, target.ID(), newest.SubjectID)
	assert.Equal(t, app.Origin.Client, newest.Client, "the administrator's own address")
	times := map[domain.EventID]int{}
	for _, e := range result.Events {
		times[e.ID]++
	}
	assert.Len(t, times, len(result.Events), "each event once")
}

func TestExportAccount_IsBounded(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	id := b.Account(app.Ada, app.Password).ID()
	p := b.SignIn(app.Ada, app.Password)
	b.History(10_001, id)
	before := b.Events()
	result, err := b.Export(p)
	require.NoError(t, err)
	assert.True(t, result.EventsTruncated)
	assert.Equal(t, app.NewestFirst(before)[:10_000], result.Events)
}
