package contract

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// tooMany is one more row than a list looks at.
const tooMany = ports.MaxCandidates + 1

// addMany stores users, one a second from an hour after start on.
func (s store) addMany(t testing.TB, letter string, edits ...func(*domain.UserSnapshot)) (all []*domain.User) {
	t.Helper()
	require.NoError(t, s.Work.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		all = nil
		var some []ports.TransferUser
		for i := range tooMany {
			at := createdAt(start.Add(time.Hour + time.Duration(i)*time.Second))
			user := newUser(t, fmt.Sprintf("%s%05d@example.com", letter, i), append(edits, at)...)
			all = append(all, user)
			some = append(some, ports.TransferUser{User: user})
			if len(some) == ports.MaxTransfer || i == tooMany-1 {
				if err := r.Transfer.AddAll(ctx, some); err != nil {
					return err
				}
				some = nil
			}
		}
		return nil
	}))
	return all
}

// search returns a page, and the address at which its search stopped, if it did.
func (s store) search(t testing.TB, q ports.UserQuery) (found []string, stopped string) {
	t.Helper()
	page, err := s.Repositories.Users.List(t.Context(), q)
	require.NoError(t, err)
	if page.StoppedAt == nil {
		return addresses(page.Rows), ""
	}
	user, err := s.Repositories.Users.ByID(t.Context(), page.StoppedAt.ID)
	require.NoError(t, err)
	assert.Equal(t, keyOf(user), page.StoppedAt)
	return addresses(page.Rows), page.StoppedAt.Email
}

// walkThrough returns the addresses of all pages, whether they are short or not.
func (s store) walkThrough(t testing.TB, q ports.UserQuery) (all []string) {
	t.Helper()
	for range 2*tooMany/q.Limit + 4 {
		page, err := s.Repositories.Users.List(t.Context(), q)
		require.NoError(t, err)
		all = append(all, addresses(page.Rows)...)
		switch {
		case page.StoppedAt != nil:
			q.After = page.StoppedAt
		case len(page.Rows) < q.Limit:
			return all
		default:
			q.After = keyOf(page.Rows[q.Limit-1])
		}
	}
	require.Fail(t, "the pages don't end")
	return nil
}

// A list whose filters no index serves in its order reads a bounded number of users, and says
// where it stopped, so that the next page goes on there.
func listBroad(t *testing.T, s store) {
	before, after := s.addMany(t, "b", verified, disabled), s.addMany(t, "n", unverified)
	yes, no := true, false
	at := func(u *domain.User) string { return u.Email().String() }
	expect := func(q ports.UserQuery, want []*domain.User, stop string, why string) {
		t.Helper()
		found, stopped := s.search(t, q)
		assert.Equal(t, addresses(want), found, why)
		assert.Equal(t, stop, stopped, why)
	}
	unconfirmed := ports.UserQuery{Limit: 2, Order: ports.EmailUp, Verified: &no}
	expect(unconfirmed, nil, at(before[tooMany-2]), "the last one that it looks at")
	part := ports.UserQuery{Limit: 2, Order: ports.EmailUp, EmailPart: "@example", Verified: &no}
	expect(part, nil, at(before[tooMany-2]), "too many addresses have the part")
	part.EmailPart = "09999@"
	expect(part, after[tooMany-2:tooMany-1], "", "few addresses have the part")
	part.EmailPart, part.Verified = "example.", nil
	expect(part, before[:2], "", "a full page is found")
	part.Order, part.EmailPart = ports.EmailDown, "10000@ex"
	expect(part, []*domain.User{after[10_000], before[10_000]}, "", "few addresses have the part")
	unconfirmed.After = keyOf(before[0])
	expect(unconfirmed, nil, at(before[tooMany-1]), "it looks further on a later page")
	unconfirmed.After = keyOf(before[1])
	expect(unconfirmed, after[:1], at(after[0]), "one is among the first, two are not")
	unconfirmed.Limit = 1
	expect(unconfirmed, after[:1], "", "a full page is found")
	unconfirmed.Limit, unconfirmed.After = 2, keyOf(before[2])
	expect(unconfirmed, after[:2], "", "as is the next one")
	confirmed := ports.UserQuery{Limit: 2, Order: ports.EmailDown, Verified: &yes}
	expect(confirmed, nil, at(after[1]), "the other way round")
	confirmed.After = keyOf(after[1])
	expect(confirmed, []*domain.User{before[tooMany-1], before[tooMany-2]}, "", "the other way round")
	expect(ports.UserQuery{Limit: 2, Order: ports.OldestFirst, Status: domain.StatusActive, Verified: &yes}, nil, at(before[tooMany-2]), "by time")
	expect(ports.UserQuery{Limit: 2, Order: ports.NewestFirst, Status: domain.StatusActive, Verified: &yes}, nil, at(before[1]), "by time")
	for _, order := range []ports.UserOrder{ports.OldestFirst, ports.NewestFirst} {
		assert.Empty(t, s.walkThrough(t, ports.UserQuery{Limit: 2, Order: order, Status: domain.StatusActive, Verified: &yes}))
		assert.Len(t, s.list(t, ports.UserQuery{Limit: 2, Order: order, EmailPrefix: "b"}), 2, "many begin so")
		assert.Empty(t, s.list(t, ports.UserQuery{Limit: 2, Order: order, EmailPrefix: "c"}), "few begin so")
		assert.Len(t, s.list(t, ports.UserQuery{Limit: 2, Order: order, Status: domain.StatusActive, Verified: &no}), 2)
	}
	assert.Equal(t, addresses(before[:2]), s.list(t, ports.UserQuery{Limit: 2, Order: ports.EmailUp, Verified: &yes}))
	unconfirmed.After = nil
	assert.Equal(t, addresses(after), s.walkThrough(t, ports.UserQuery{Limit: 1000, Order: ports.EmailUp, Verified: &no}), "no user is lost between pages")
	unconfirmed.CreatedAfter = before[1].CreatedAt()
	assert.Equal(t, addresses(after[1:3]), s.list(t, unconfirmed), "a set within a time is smaller")
	unconfirmed.CreatedAfter = time.Time{}
	require.NoError(t, s.Repositories.Users.Delete(t.Context(), after[0]))
	assert.Equal(t, addresses(after[1:3]), s.list(t, unconfirmed), "a set that is small enough is read whole")
}

// A list of events does the same.
func auditBroad(t *testing.T, s store) {
	ada, bob := domain.UserID(newID()), domain.UserID(newID())
	require.NoError(t, s.Work.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		var some []domain.Event
		for i := range tooMany {
			at := start.Add(time.Duration(i) * time.Second)
			some = append(some,
				newEvent(ada, func(e *domain.Event) { e.At = at }),
				newEvent(bob, func(e *domain.Event) { e.At, e.Type, e.Outcome = at, domain.EventLoginRefused, domain.OutcomeRefused }))
			if len(some) >= ports.MaxTransfer-1 || i == tooMany-1 {
				if err := r.Transfer.RecordAll(ctx, some); err != nil {
					return err
				}
				some = nil
			}
		}
		return nil
	}))
	q := ports.AuditQuery{Limit: 2, SubjectID: ada, Type: domain.EventLoginRefused}
	page, err := s.Repositories.Audit.List(t.Context(), q)
	require.NoError(t, err)
	assert.Empty(t, page.Rows)
	require.NotNil(t, page.StoppedAt)
	assert.Equal(t, start.Add(time.Second), page.StoppedAt.At)
	q.Older = page.StoppedAt
	page, err = s.Repositories.Audit.List(t.Context(), q)
	require.NoError(t, err)
	assert.Equal(t, ports.EventPage{Rows: []domain.Event{}}, page, "the search goes on to the end")
	q.Older = nil
	assert.Len(t, s.events(t, ports.AuditQuery{Limit: 2, SubjectID: ada, Type: domain.EventLoggedIn}), 2)
	q.After = start.Add(time.Second)
	page, err = s.Repositories.Audit.List(t.Context(), q)
	require.NoError(t, err)
	assert.Equal(t, ports.EventPage{Rows: []domain.Event{}}, page, "a set within a time is smaller")
}
