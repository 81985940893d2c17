package storecalls

import (
	"context"
	"math/bits"
	"strings"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// filter is one filter of a list, or the place of a later page.
type filter[Q any] struct {
	name string
	set  func(q *Q)
}

// combined visits every set of filters.
func combined[Q any](filters []filter[Q], visit func(names []string, q Q)) {
	for set := range uint(1) << len(filters) {
		var q Q
		names := make([]string, 0, bits.OnesCount(set))
		for i, f := range filters {
			if set&(1<<i) != 0 {
				f.set(&q)
				names = append(names, f.name)
			}
		}
		visit(names, q)
	}
}

const later = "later page"

// filtersIn returns how many of the names are filters.
func filtersIn(names []string) int {
	n := len(names)
	for _, name := range names {
		if name == later {
			n--
		}
	}
	return n
}

// UserLists returns the lists of users in each order with each set of filters, on the first
// page and on a later one.
func UserLists(s Sample) []Call {
	yes, no := true, false
	filters := []filter[ports.UserQuery]{
		{"prefix", func(q *ports.UserQuery) { q.EmailPrefix = s.Prefix }},
		{"role admin", func(q *ports.UserQuery) { q.Role = domain.RoleAdmin }},
		{"disabled", func(q *ports.UserQuery) { q.Status = domain.StatusDisabled }},
		{"not verified", func(q *ports.UserQuery) { q.Verified = &no }},
		{"created after", func(q *ports.UserQuery) { q.CreatedAfter = s.Created }},
		{"created before", func(q *ports.UserQuery) { q.CreatedBefore = s.Created.Add(week) }},
		{later, func(q *ports.UserQuery) { q.After = &s.UserAt }},
	}
	var calls []Call
	list := func(order ports.UserOrder, names []string, q ports.UserQuery) {
		q.Limit, q.Order = page, order
		calls = append(calls, Call{
			Name: strings.Join(append([]string{"users by " + string(order)}, names...), ", "), Rows: page, Sets: filtersIn(names),
			Run: func(ctx context.Context, r ports.Repositories) error {
				page, err := r.Users.List(ctx, q)
				return refusal(err, q.After == nil && page.StoppedAt != nil)
			},
		})
	}
	for _, order := range []ports.UserOrder{ports.NewestFirst, ports.OldestFirst, ports.EmailUp, ports.EmailDown} {
		combined(filters, func(names []string, q ports.UserQuery) { list(order, names, q) })
		list(order, []string{"role user"}, ports.UserQuery{Role: domain.RoleUser})
		list(order, []string{"active"}, ports.UserQuery{Status: domain.StatusActive})
		list(order, []string{"verified"}, ports.UserQuery{Verified: &yes})
		list(order, []string{"domain"}, ports.UserQuery{EmailDomain: s.Domain})
		list(order, []string{"domain", "disabled"}, ports.UserQuery{EmailDomain: s.Domain, Status: domain.StatusDisabled})
		list(order, []string{"part"}, ports.UserQuery{EmailPart: s.Part})
		list(order, []string{"part", later}, ports.UserQuery{EmailPart: s.Part, After: &s.UserAt})
		list(order, []string{"part", "disabled"}, ports.UserQuery{EmailPart: s.Part, Status: domain.StatusDisabled})
	}
	return calls
}

// refusal returns err, or the refusal of a first page whose search stopped.
func refusal(err error, stopped bool) error {
	if err == nil && stopped {
		return domain.ErrTooBroad
	}
	return err
}

// AuditLists returns the lists of events with each set of filters, on the first page and on a
// later one.
func AuditLists(s Sample) []Call {
	subject := s.UserAt.ID
	filters := []filter[ports.AuditQuery]{
		{"subject", func(q *ports.AuditQuery) { q.SubjectID = subject }},
		{"actor", func(q *ports.AuditQuery) { q.ActorID = subject }},
		{"type", func(q *ports.AuditQuery) { q.Type = domain.EventPasswordChanged }},
		{"after", func(q *ports.AuditQuery) { q.After = s.Occurred }},
		{"before", func(q *ports.AuditQuery) { q.Before = s.Occurred.Add(week) }},
		{later, func(q *ports.AuditQuery) { q.Older = &s.EventAt }},
	}
	var calls []Call
	combined(filters, func(names []string, q ports.AuditQuery) {
		q.Limit = page
		calls = append(calls, Call{
			Name: strings.Join(append([]string{"events"}, names...), ", "), Rows: page, Sets: filtersIn(names),
			Run: func(ctx context.Context, r ports.Repositories) error {
				page, err := r.Audit.List(ctx, q)
				return refusal(err, q.Older == nil && page.StoppedAt != nil)
			},
		})
	})
	return calls
}

// feed reads a page of the feed, which gives positions to ports.FeedBatch events first.
func feed(q ports.FeedQuery) func(context.Context, ports.Repositories) error {
	return func(ctx context.Context, r ports.Repositories) error {
		_, err := r.Audit.Feed(ctx, q)
		return err
	}
}
