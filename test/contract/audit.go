package contract

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func auditTests() []storeTest {
	return []storeTest{
		{"Audit_RoundTripEveryField", auditRoundTrip},
		{"Audit_TimesComeBackInUTCToTheMicrosecond", auditTimes},
		{"Audit_AnIdentifierIsStoredOnce", auditUniqueID},
		{"Audit_RefusesMalformedEvents", auditMalformed},
		{"Audit_SeveralAreStoredTogether", auditSeveral},
		{"Audit_EntriesOutliveTheUserTheyAreAbout", auditOutlives},
		{"Audit_CommitsWithTheChangeItRecords", auditAtomic},
		{"Audit_EraseBlanksTheUsersOwnEventsAndReasons", auditErase},
		{"Audit_EraseIsUndoneWithItsUnit", auditEraseRollsBack},
		{"Audit_DeleteBeforeRemovesTheOldestInBatches", auditDeleteBefore},
		{"Audit_DeleteBeforeIsUndoneWithItsUnit", auditDeleteRollsBack},
		{"Audit_PagesShowEachEventOnceTheNewestFirst", auditPages},
		{"Audit_PagesContinueAfterADeletedEvent", auditPageGone},
		{"Audit_EveryCombinationOfFilters", auditFilters},
		{"Audit_ManyEventsPageInOrder", auditMany},
		{"Audit_ReadsABoundedNumberOfCandidates", auditBroad},
		{"Audit_FeedGivesEachEventOnceInOrderOfArrival", auditFeed},
		{"Audit_FeedOfSeveralTypes", auditFeedTypes},
		{"Audit_FeedGivesNoPositionInAnUndoneUnit", auditFeedRollsBack},
		{"Audit_FeedOutlivesRemovalAndErasure", auditFeedRetention},
		{"Audit_FeedOfManyEvents", auditFeedMany},
	}
}

// newEvent returns an event about u, caused by u, changed by edits.
func newEvent(u domain.UserID, edits ...func(*domain.Event)) domain.Event {
	client := domain.Client{IP: "192.0.2.7", UserAgent: "Browser/1.0"}
	e := domain.NewEvent(newID(), domain.EventLoggedIn, client, "request", start).About(u).ByOwner()
	for _, edit := range edits {
		edit(&e)
	}
	return e
}

// addEvent stores a new event.
func (s store) addEvent(t testing.TB, u domain.UserID, edits ...func(*domain.Event)) domain.Event {
	t.Helper()
	e := newEvent(u, edits...)
	require.NoError(t, s.Repositories.Audit.Append(t.Context(), e))
	return e
}

// events loads one page.
func (s store) events(t testing.TB, q ports.AuditQuery) []domain.Event {
	t.Helper()
	page, err := s.Repositories.Audit.List(t.Context(), q)
	require.NoError(t, err)
	require.LessOrEqual(t, len(page.Rows), q.Limit)
	return page.Rows
}

// allEvents walks through all pages of q.
func (s store) allEvents(t testing.TB, q ports.AuditQuery) []domain.Event {
	t.Helper()
	var all []domain.Event
	for {
		page := s.events(t, q)
		all = append(all, page...)
		require.LessOrEqual(t, len(all), 20_000, "the pages don't end")
		if len(page) < q.Limit {
			return all
		}
		last := page[len(page)-1]
		q.Older = &ports.AuditKey{At: last.At, ID: last.ID}
	}
}

// newestFirst returns events in the order of the log.
func newestFirst(events []domain.Event) []domain.Event {
	events = slices.Clone(events)
	slices.SortFunc(events, func(a, b domain.Event) int {
		if c := b.At.Compare(a.At); c != 0 {
			return c
		}
		return bytes.Compare(b.ID[:], a.ID[:])
	})
	return events
}

func auditRoundTrip(t *testing.T, s store) {
	full := newEvent(newID(), func(e *domain.Event) {
		e.ActorID, e.SessionID = newID(), newID()
		e.Client = domain.Client{IP: "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff", UserAgent: "Бraüser/🦊 '\"%_\\;--"}
		e.RequestID, e.Detail = strings.Repeat("r", 64), "account_disabled"
		e.Reason = "Spam;\nsee case 4711 – 🦊 '\"%_"
		e.ByOperator = true // for the next line only: an event has one actor
	})
	requireEveryField(t, full)
	full.ByOperator = false
	byOperator := full.By(domain.Operator())
	byOperator.ID, byOperator.ActorID = newID(), domain.UserID{}
	bare := domain.Event{ID: newID(), Type: domain.EventRateLimited, Outcome: domain.OutcomeRefused, At: start}
	require.True(t, byOperator.ByOperator)
	all := []domain.Event{full, byOperator, bare}
	for _, kind := range domain.EventTypes() {
		all = append(all, domain.NewEvent(newID(), kind, domain.Client{}, "", start))
	}
	for _, e := range all {
		require.NoError(t, s.Repositories.Audit.Append(t.Context(), e))
	}
	assert.Equal(t, newestFirst(all), s.events(t, ports.AuditQuery{Limit: 100}))
}

func auditTimes(t *testing.T, s store) {
	east := start.Add(999 * time.Nanosecond).In(time.FixedZone("east", 5*3600))
	e := s.addEvent(t, newID(), func(e *domain.Event) { e.At = east })
	for name, q := range map[string]ports.AuditQuery{
		"all":    {},
		"after":  {After: east.Add(-time.Microsecond)},
		"before": {Before: east.Add(time.Microsecond)},
		"older":  {Older: &ports.AuditKey{At: east.Add(time.Microsecond), ID: e.ID}},
	} {
		q.Limit = 10
		page := s.events(t, q)
		require.Len(t, page, 1, name)
		assert.Equal(t, start, page[0].At, name)
		assert.Equal(t, time.UTC, page[0].At.Location(), name)
	}
	assert.Empty(t, s.events(t, ports.AuditQuery{Limit: 10, Older: &ports.AuditKey{At: east, ID: e.ID}}))
}

func auditUniqueID(t *testing.T, s store) {
	first := s.addEvent(t, newID())
	again := newEvent(newID(), func(e *domain.Event) { e.ID = first.ID })
	require.Error(t, s.Repositories.Audit.Append(t.Context(), again))
	assert.Equal(t, []domain.Event{first}, s.events(t, ports.AuditQuery{Limit: 10}))
}

// auditMalformed holds that a store refuses malformed events, such as an event with an
// address or a secret in its detail.
func auditMalformed(t *testing.T, s store) {
	for name, edit := range map[string]func(e *domain.Event){
		"no time":              func(e *domain.Event) { e.At = time.Time{} },
		"no type":              func(e *domain.Event) { e.Type = "" },
		"a sentence as type":   func(e *domain.Event) { e.Type = "Logged in" },
		"no outcome":           func(e *domain.Event) { e.Outcome = "" },
		"two actors":           func(e *domain.Event) { e.ByOperator = true },
		"an address in detail": func(e *domain.Event) { e.Detail = "ada@example.com" },
		"a secret in detail":   func(e *domain.Event) { e.Detail = strings.Repeat("a", 65) },
		"a line in detail":     func(e *domain.Event) { e.Detail = "admin\n" },
	} {
		require.Error(t, s.Repositories.Audit.Append(t.Context(), newEvent(newID(), edit)), name)
	}
	assert.Empty(t, s.events(t, ports.AuditQuery{Limit: 10}))
}

func auditOutlives(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	e := s.addEvent(t, u.ID(), func(e *domain.Event) { e.SessionID = s.addSession(t, u, start).ID() })
	require.NoError(t, s.Repositories.Users.Delete(t.Context(), u))
	assert.Equal(t, []domain.Event{e}, s.events(t, ports.AuditQuery{Limit: 10, SubjectID: u.ID()}))
}

// auditSeveral appends several events in one call, which stores all or none.
func auditSeveral(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	one, two, three := newEvent(u.ID()), newEvent(u.ID(), func(e *domain.Event) { e.Type = domain.EventLoggedOut }), newEvent(u.ID())
	three.ID = one.ID
	require.Error(t, s.Repositories.Audit.Append(t.Context(), one, two, three))
	require.NoError(t, s.Repositories.Audit.Append(t.Context()))
	assert.Empty(t, s.events(t, ports.AuditQuery{Limit: 10}))
	require.NoError(t, s.Repositories.Audit.Append(t.Context(), one, two))
	assert.ElementsMatch(t, []domain.Event{one, two}, s.events(t, ports.AuditQuery{Limit: 10}))
}

// auditAtomic writes a change and its entry in one unit, as the service does. The tests
// of units try each way in which a unit ends; their writes include an entry.
func auditAtomic(t *testing.T, s store) {
	u := s.addUser(t, "ada@example.com")
	no := errors.New("no")
	for _, do := range []work{s.Work.Do, s.Work.DoSerializable} {
		err := do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			e := newEvent(u.ID())
			if err := r.Audit.Append(ctx, e); err != nil {
				return err
			}
			page, err := r.Audit.List(ctx, ports.AuditQuery{Limit: 10})
			assert.Equal(t, []domain.Event{e}, page.Rows, "a unit sees what it wrote")
			return errors.Join(err, no)
		})
		require.ErrorIs(t, err, no)
		assert.Empty(t, s.events(t, ports.AuditQuery{Limit: 10}))
		stale := s.detached(t, u)
		require.NoError(t, s.Repositories.Users.Save(t.Context(), s.user(t, u.ID())))
		require.ErrorIs(t, do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			return errors.Join(r.Audit.Append(ctx, newEvent(u.ID())), r.Users.Save(ctx, stale))
		}), domain.ErrUnavailable, "it conflicts each time")
		assert.Empty(t, s.events(t, ports.AuditQuery{Limit: 10}))
		u = s.user(t, u.ID())
	}
}

// F-M4: the acts on others keep their origin.
func auditErase(t *testing.T, s store) {
	ada, bob := domain.UserID(newID()), domain.UserID(newID())
	var all []domain.Event
	for _, subject := range []domain.UserID{{}, ada, bob} {
		for _, actor := range []domain.UserID{{}, ada, bob} {
			all = append(all, s.addEvent(t, subject, func(e *domain.Event) { e.ActorID, e.SessionID, e.Reason = actor, newID(), "Spam." }))
		}
		all = append(all, s.addEvent(t, subject, func(e *domain.Event) { e.ActorID, e.ByOperator = domain.UserID{}, true }))
	}
	all = append(all,
		s.addEvent(t, ada, func(e *domain.Event) { e.Client.IP = "" }),
		s.addEvent(t, ada, func(e *domain.Event) { e.Client.UserAgent = "" }))
	require.NoError(t, s.Repositories.Audit.Erase(t.Context(), domain.UserID{}))
	assert.Equal(t, newestFirst(all), s.events(t, ports.AuditQuery{Limit: 50}), "the zero identifier selects no event")

	erased := 0
	for i, e := range all {
		if e.ActorID == ada && e.SubjectID != bob || e.SubjectID == ada && e.ActorID.IsZero() && !e.ByOperator {
			all[i].Client = domain.Client{}
			erased++
		}
		if e.SubjectID == ada {
			all[i].Reason = ""
		}
	}
	require.Equal(t, 5, erased)
	for range 2 { // erasing nothing is not an error
		require.NoError(t, s.Repositories.Audit.Erase(t.Context(), ada))
		assert.Equal(t, newestFirst(all), s.events(t, ports.AuditQuery{Limit: 50}))
	}
}

func auditEraseRollsBack(t *testing.T, s store) {
	ada, no := domain.UserID(newID()), errors.New("no")
	e := s.addEvent(t, ada)
	require.ErrorIs(t, s.Work.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		return errors.Join(r.Audit.Erase(ctx, ada), no)
	}), no)
	assert.Equal(t, []domain.Event{e}, s.events(t, ports.AuditQuery{Limit: 10}))
}

func auditDeleteBefore(t *testing.T, s store) {
	u := domain.UserID(newID())
	var all []domain.Event
	for i := range 7 {
		at := start.Add(time.Duration(i/2) * time.Second) // two events at each time
		all = append(all, s.addEvent(t, u, func(e *domain.Event) { e.At = at }))
	}
	all = newestFirst(all)
	cut := start.Add(3 * time.Second) // the time of the last one, which stays
	for _, want := range []int{3, 3, 0} {
		n, err := s.Repositories.Audit.DeleteBefore(t.Context(), cut, 3)
		require.NoError(t, err)
		assert.Equal(t, want, n)
		all = all[:len(all)-n]
		assert.Equal(t, all, s.events(t, ports.AuditQuery{Limit: 50}), "the oldest went first")
	}
	assert.Len(t, all, 1)
}

func auditDeleteRollsBack(t *testing.T, s store) {
	e, no := s.addEvent(t, newID()), errors.New("no")
	require.ErrorIs(t, s.Work.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		n, err := r.Audit.DeleteBefore(ctx, start.Add(time.Hour), 10)
		assert.Equal(t, 1, n)
		return errors.Join(err, no)
	}), no)
	assert.Equal(t, []domain.Event{e}, s.events(t, ports.AuditQuery{Limit: 10}))
}
