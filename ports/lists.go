package ports

import (
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// MaxCandidates is how many rows a list reads at most to find a page, if no index serves all
// of its filters in its order. So the cost of a list does not grow with the tables.
//
// Each of the sets of such a query has an index of its own. If the smallest set has at most
// MaxCandidates rows, List looks for the page among them. Otherwise it looks among the first
// MaxCandidates rows of the walk, after the place of the page before. If the page is not full
// then and the walk goes on, the page is short and says where the search stopped.
const MaxCandidates = 10_000

// Page is a page of a list of rows R, whose places are keys K.
type Page[R, K any] struct {
	Rows []R
	// StoppedAt is the place of the last candidate, if the search stopped before the page was
	// full. The list goes on after it. It is nil if the page is full or the last one.
	StoppedAt *K
}

// UserPage is a page of users.
type UserPage = Page[*domain.User, UserKey]

// EventPage is a page of events.
type EventPage = Page[domain.Event, AuditKey]

// UserSet is a part of the users that an index holds together. Zero values do not filter.
type UserSet struct {
	EmailPrefix string
	EmailDomain string
	// EmailPart has no other order: List counts such a set, and never walks along it.
	EmailPart string
	// Role is the stored role, whether or not the address is confirmed.
	Role     domain.Role
	Status   domain.Status
	Verified *bool
	// CreatedAfter is inclusive and CreatedBefore exclusive.
	CreatedAfter, CreatedBefore time.Time
}

// Sets returns the sets of the query, and the one among them, or the set of all users, that
// an index holds in the query's order. served is true if that walk has no other users than
// those that the query selects.
func (q UserQuery) Sets() (walk UserSet, sets []UserSet, served bool) {
	in := func(set UserSet) { // rows of a set also have an order of time
		set.CreatedAfter, set.CreatedBefore = q.CreatedAfter, q.CreatedBefore
		sets = append(sets, set)
	}
	if q.EmailDomain != "" {
		in(UserSet{EmailDomain: q.EmailDomain})
	}
	if q.Role.AboveUser() { // most users act as user
		in(UserSet{Role: q.Role})
	}
	if q.Verified != nil {
		in(UserSet{Verified: q.Verified})
	}
	if q.Status != "" {
		in(UserSet{Status: q.Status})
	}
	timed := !q.CreatedAfter.IsZero() || !q.CreatedBefore.IsZero()
	if timed && len(sets) == 0 {
		in(UserSet{})
	}
	plain := len(sets) == 0
	if q.EmailPart != "" {
		sets = append(sets, UserSet{EmailPart: q.EmailPart})
	}
	if q.EmailPrefix != "" {
		sets = append(sets, UserSet{EmailPrefix: q.EmailPrefix})
	}
	if q.Order == EmailUp || q.Order == EmailDown {
		return UserSet{EmailPrefix: q.EmailPrefix}, sets, plain && q.EmailPart == "" && q.Role == ""
	}
	if !plain {
		walk = sets[0]
	}
	return walk, sets, len(sets) <= 1 && q.EmailPrefix == "" && q.EmailPart == "" && q.Role == ""
}

// Sets returns the sets of the query, and the one among them, or the set of all events, that
// List walks along. served is true if that walk has no other events than those that the query
// selects, but for the few that q.ExceptDetail leaves out. An index holds each set in the order
// of time.
func (q AuditQuery) Sets() (walk AuditQuery, sets []AuditQuery, served bool) {
	in := func(set AuditQuery) {
		set.After, set.Before = q.After, q.Before
		sets = append(sets, set)
	}
	if !q.SubjectID.IsZero() {
		in(AuditQuery{SubjectID: q.SubjectID})
	}
	if !q.ActorID.IsZero() {
		in(AuditQuery{ActorID: q.ActorID})
	}
	if q.Type != "" {
		in(AuditQuery{Type: q.Type})
	}
	if len(sets) == 0 {
		in(AuditQuery{})
	}
	return sets[0], sets, len(sets) == 1
}
