package contract

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func transferTests() []storeTest {
	return []storeTest{
		{"Transfer_RoundTripEveryField", transferRoundTrip},
		{"Transfer_FindsByEveryKeyAndOnce", transferMatching},
		{"Transfer_ReturnsTheLastEventOfEachUser", transferLastEvents},
		{"Transfer_ATakenKeyConflictsAndNothingIsStored", transferTaken},
		{"Transfer_AConflictRunsTheUnitAgain", transferRerun},
		{"Transfer_RecordsAllEvents", transferRecord},
		{"Transfer_PagesFollowTheIdentifier", transferPages},
		{"Transfer_AcceptsAsManyUsersAsDocumented", transferMost},
		{"Transfer_AcceptsEmptyLists", transferNothing},
	}
}

// addAll stores users in a unit of work.
func (s store) addAll(t testing.TB, users ...ports.TransferUser) error {
	t.Helper()
	return s.Work.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error { return r.Transfer.AddAll(ctx, users) })
}

// transferred returns users as comparable texts, by their addresses.
func transferred(users []ports.TransferUser) map[string]string {
	all := map[string]string{}
	for _, u := range users {
		all[u.User.Email().String()] = fmt.Sprintf("%+v %q", u.User.Snapshot(), u.LegacyID)
	}
	return all
}

func transferRoundTrip(t *testing.T, s store) {
	full := ports.TransferUser{LegacyID: "sält/42", User: newUser(t, "full@example.com", admin, disabled, verified, invitedAsAdmin, pending, claimed, marked, factored, func(s *domain.UserSnapshot) {
		s.PasswordHash = "$scheme$v=1$sält🔑/+=$"
		s.SessionEpoch = 7_000_000_000
		s.UpdatedAt, s.NewDeviceAt = start.Add(time.Microsecond), start.Add(2*time.Microsecond)
	})}
	full.Metadata = changedMetadata(t, full.User, `{"name":"Löwe"}`, `{"tenant":"acme"}`)
	requireEveryField(t, full.User.Snapshot())
	plain := ports.TransferUser{User: newUser(t, "plain@example.com", func(s *domain.UserSnapshot) { s.PasswordHash = "" })}
	require.NoError(t, s.addAll(t, full, plain))
	want := transferred([]ports.TransferUser{full, plain})
	page, err := s.Repositories.Transfer.Page(t.Context(), domain.UserID{}, 10)
	require.NoError(t, err)
	assert.Equal(t, want, transferred(page))
	assert.Equal(t, full.User.Snapshot(), s.user(t, full.User.ID()).Snapshot(), "the other repository sees them")
	for _, one := range page {
		if one.User.ID() == plain.User.ID() {
			assert.Nil(t, one.Metadata)
			continue
		}
		assert.Equal(t, full.Metadata.Saved().Snapshot(), one.Metadata.Snapshot())
		assert.Equal(t, full.Metadata.Saved().Snapshot(), s.metadata(t, one.User.ID()))
	}

	found := s.user(t, full.User.ID())
	found.VerifyEmail(start)
	require.NoError(t, s.Repositories.Users.Save(t.Context(), found))
	again, err := s.Repositories.Transfer.Matching(t.Context(), ports.TransferKeys{LegacyIDs: []string{full.LegacyID}})
	require.NoError(t, err)
	require.Len(t, again, 1, "a save keeps the legacy identifier")
	assert.Equal(t, full.LegacyID, again[0].LegacyID)
}

func transferMatching(t *testing.T, s store) {
	one := ports.TransferUser{User: newUser(t, "one@example.com"), LegacyID: "1"}
	two := ports.TransferUser{User: newUser(t, "two@example.com"), LegacyID: "2"}
	three := ports.TransferUser{User: newUser(t, "three@example.com")}
	require.NoError(t, s.addAll(t, one, two, three))
	for name, row := range map[string]struct {
		keys ports.TransferKeys
		want []ports.TransferUser
	}{
		"nothing":             {ports.TransferKeys{}, nil},
		"id":                  {ports.TransferKeys{IDs: []domain.UserID{newID(), one.User.ID()}}, []ports.TransferUser{one}},
		"address":             {ports.TransferKeys{Emails: []domain.Email{email(t, "two@example.com"), email(t, "nobody@example.com")}}, []ports.TransferUser{two}},
		"legacy identifier":   {ports.TransferKeys{LegacyIDs: []string{"2", "3"}}, []ports.TransferUser{two}},
		"no empty identifier": {ports.TransferKeys{LegacyIDs: []string{""}}, nil},
		"each once": {ports.TransferKeys{
			IDs: []domain.UserID{one.User.ID(), three.User.ID()}, Emails: []domain.Email{one.User.Email(), two.User.Email()}, LegacyIDs: []string{"1", "2"},
		}, []ports.TransferUser{one, two, three}},
	} {
		got, err := s.Repositories.Transfer.Matching(t.Context(), row.keys)
		require.NoError(t, err, name)
		assert.Equal(t, transferred(row.want), transferred(got), name)
		assert.Len(t, got, len(row.want), name)
	}
}

func transferLastEvents(t *testing.T, s store) {
	happened := func(kind domain.EventType, ids ...domain.UserID) map[domain.UserID]time.Time {
		last, err := s.Repositories.Transfer.LastEvents(t.Context(), kind, ids)
		require.NoError(t, err)
		return last
	}
	told := func(ids ...domain.UserID) map[domain.UserID]time.Time {
		return happened(domain.EventUserDeleted, ids...)
	}
	gone, goneTwice, here, unknown := newID(), newID(), newID(), newID()
	record := func(kind domain.EventType, subject, actor domain.UserID, at time.Time) {
		event := newEvent(subject)
		event.Type, event.ActorID, event.ByOperator, event.At = kind, actor, false, at
		require.NoError(t, s.Repositories.Audit.Append(t.Context(), event))
	}
	later := start.Add(time.Hour + time.Microsecond)
	record(domain.EventUserDeleted, gone, here, start)
	record(domain.EventUserDeleted, goneTwice, goneTwice, later)
	record(domain.EventUserDeleted, goneTwice, goneTwice, start)
	record(domain.EventLoggedIn, gone, gone, later)
	record(domain.EventUserCreated, here, here, start)
	record(domain.EventEmailChanged, here, here, later)
	record(domain.EventEmailChanged, gone, gone, start)
	assert.Equal(t, map[domain.UserID]time.Time{gone: start, goneTwice: later}, told(unknown, here, goneTwice, gone))
	assert.Equal(t, map[domain.UserID]time.Time{gone: start}, told(gone))
	assert.Empty(t, told(here, unknown), "the actor of a deletion is not deleted")
	assert.Empty(t, told())
	assert.Equal(t, map[domain.UserID]time.Time{here: later, gone: start}, happened(domain.EventEmailChanged, unknown, here, goneTwice, gone))
}

func transferTaken(t *testing.T, s store) {
	taken := ports.TransferUser{User: newUser(t, "taken@example.com"), LegacyID: "7"}
	require.NoError(t, s.addAll(t, taken))
	for name, second := range map[string]ports.TransferUser{
		"id":                {User: newUser(t, "other@example.com", func(s *domain.UserSnapshot) { s.ID = taken.User.ID() })},
		"address":           {User: newUser(t, "taken@example.com")},
		"legacy identifier": {User: newUser(t, "other@example.com"), LegacyID: "7"},
	} {
		runs := 0
		err := s.Work.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			if runs++; runs > 1 {
				return nil // as a caller that now finds the user
			}
			return r.Transfer.AddAll(ctx, []ports.TransferUser{{User: newUser(t, "first@example.com")}, second})
		})
		require.NoError(t, err, name)
		assert.Equal(t, 2, runs, name)
		page, err := s.Repositories.Transfer.Page(t.Context(), domain.UserID{}, 10)
		require.NoError(t, err)
		assert.Equal(t, transferred([]ports.TransferUser{taken}), transferred(page), name)
	}
}

func transferRerun(t *testing.T, s store) {
	taken := ports.TransferUser{User: newUser(t, "taken@example.com")}
	require.NoError(t, s.addAll(t, taken))
	require.ErrorIs(t, s.addAll(t, taken), domain.ErrUnavailable, "a conflict that does not end")
}

func transferRecord(t *testing.T, s store) {
	var want []domain.Event
	for range 3 {
		want = append(want, newEvent(newID()))
	}
	require.NoError(t, s.Repositories.Transfer.RecordAll(t.Context(), want))
	got := s.events(t, ports.AuditQuery{Limit: 10})
	assert.ElementsMatch(t, want, got)
}

func transferPages(t *testing.T, s store) {
	var all []ports.TransferUser
	for i := range 7 {
		all = append(all, ports.TransferUser{User: newUser(t, fmt.Sprintf("u%d@example.com", i)), LegacyID: fmt.Sprint(i % 2 * i)})
		if all[i].LegacyID == "0" {
			all[i].LegacyID = ""
		}
	}
	require.NoError(t, s.addAll(t, all...))
	slices.SortFunc(all, func(a, b ports.TransferUser) int { return slices.Compare(idOf(a), idOf(b)) })
	var got []ports.TransferUser
	var after domain.UserID
	for {
		page, err := s.Repositories.Transfer.Page(t.Context(), after, 3)
		require.NoError(t, err)
		if len(page) == 0 {
			break
		}
		require.LessOrEqual(t, len(page), 3)
		got = append(got, page...)
		after = page[len(page)-1].User.ID()
	}
	require.Len(t, got, len(all))
	for i := range all {
		assert.Equal(t, all[i].User.Snapshot(), got[i].User.Snapshot())
		assert.Equal(t, all[i].LegacyID, got[i].LegacyID)
	}
}

func idOf(u ports.TransferUser) []byte {
	id := u.User.ID()
	return id[:]
}

func transferMost(t *testing.T, s store) {
	var users []ports.TransferUser
	var keys ports.TransferKeys
	var events []domain.Event
	for i := range ports.MaxTransfer {
		u := ports.TransferUser{User: newUser(t, fmt.Sprintf("u%d@example.com", i)), LegacyID: fmt.Sprint(i)}
		users = append(users, u)
		keys.IDs, keys.Emails, keys.LegacyIDs = append(keys.IDs, u.User.ID()), append(keys.Emails, u.User.Email()), append(keys.LegacyIDs, u.LegacyID)
		events = append(events, newEvent(u.User.ID()))
	}
	require.NoError(t, s.addAll(t, users...))
	require.NoError(t, s.Repositories.Transfer.RecordAll(t.Context(), events))
	found, err := s.Repositories.Transfer.Matching(t.Context(), keys)
	require.NoError(t, err)
	assert.Len(t, found, ports.MaxTransfer)
	ids := keys.IDs
	for len(ids) < ports.MaxLastEvents {
		ids = append(ids, newID())
	}
	last, err := s.Repositories.Transfer.LastEvents(t.Context(), events[0].Type, ids)
	require.NoError(t, err)
	assert.Len(t, last, ports.MaxTransfer)
	page, err := s.Repositories.Transfer.Page(t.Context(), domain.UserID{}, ports.MaxTransfer)
	require.NoError(t, err)
	assert.Len(t, page, ports.MaxTransfer)
}

func transferNothing(t *testing.T, s store) {
	require.NoError(t, s.addAll(t))
	require.NoError(t, s.Repositories.Transfer.RecordAll(t.Context(), nil))
	page, err := s.Repositories.Transfer.Page(t.Context(), domain.UserID{}, 3)
	require.NoError(t, err)
	assert.Empty(t, page)
}
