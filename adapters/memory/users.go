package memory

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// errDuplicateID is a programming error: identifiers are made fresh.
var errDuplicateID = errors.New("memory: the identifier is in use")

type users struct{ in scope }

var _ ports.UserRepository = users{}

func (r users) ByID(ctx context.Context, id domain.UserID) (user *domain.User, err error) {
	err = r.in.call(ctx, reading, func(u *unit) error {
		row, found := u.data.users[id]
		if !found {
			return domain.ErrUserNotFound
		}
		user, err = domain.RestoreUser(row)
		return err
	})
	return user, err
}

func (r users) WithMetadata(ctx context.Context, id domain.UserID) (user *domain.User, all *domain.Metadata, err error) {
	err = r.in.call(ctx, reading, func(u *unit) error {
		row, found := u.data.users[id]
		if !found {
			return domain.ErrUserNotFound
		}
		if user, err = domain.RestoreUser(row); err != nil {
			return err
		}
		all, err = metadataOf(u, id)
		return err
	})
	return user, all, err
}

func (r users) ByIDs(ctx context.Context, ids []domain.UserID) (found []*domain.User, err error) {
	err = r.in.call(ctx, reading, func(u *unit) error {
		var rows []domain.UserSnapshot
		for id, row := range u.data.users {
			if slices.Contains(ids, id) {
				rows = append(rows, row)
			}
		}
		found, err = restoreAll(rows, domain.RestoreUser)
		return err
	})
	return found, err
}

func (r users) ByEmail(ctx context.Context, email domain.Email) (user *domain.User, err error) {
	err = r.in.call(ctx, reading, func(u *unit) error {
		id, found := u.data.emails[email.String()]
		if !found {
			return domain.ErrUserNotFound
		}
		user, err = domain.RestoreUser(u.data.users[id])
		return err
	})
	return user, err
}

func (r users) Add(ctx context.Context, user *domain.User) error {
	row := storedUser(user)
	return r.in.call(ctx, writing, func(u *unit) error {
		if _, found := u.data.users[row.ID]; found {
			return u.refuse(errDuplicateID)
		}
		if _, taken := u.data.emails[row.Email]; taken {
			return u.refuse(domain.ErrEmailTaken)
		}
		set(u, u.data.users, row.ID, row)
		set(u, u.data.emails, row.Email, row.ID)
		return nil
	})
}

func (r users) Save(ctx context.Context, user *domain.User) error {
	row := storedUser(user)
	return r.in.call(ctx, writing, func(u *unit) error {
		before, found := u.data.users[row.ID]
		if !found || before.Version != row.Version {
			return domain.ErrConflict
		}
		if owner, taken := u.data.emails[row.Email]; taken && owner != row.ID {
			return u.refuse(domain.ErrEmailTaken)
		}
		if user.DropsProfile() {
			dropProfile(u, row.ID, row.UpdatedAt)
		}
		row.Version++
		remove(u, u.data.emails, before.Email)
		set(u, u.data.emails, row.Email, row.ID)
		set(u, u.data.users, row.ID, row)
		return nil
	})
}

func (r users) Delete(ctx context.Context, user *domain.User) error {
	id, version := user.ID(), user.Snapshot().Version
	return r.in.call(ctx, writing, func(u *unit) error {
		before, found := u.data.users[id]
		if !found || before.Version != version {
			return domain.ErrConflict
		}
		removeWhere(u, u.data.sessions, math.MaxInt, func(s domain.SessionSnapshot) bool { return s.UserID == id })
		removeWhere(u, u.data.tokens, math.MaxInt, func(t domain.TokenSnapshot) bool { return t.UserID == id })
		removeWhere(u, u.data.factors, math.MaxInt, func(f domain.FactorSnapshot) bool { return f.UserID == id })
		removeRecoveryCodes(u, id)
		remove(u, u.data.emails, before.Email)
		remove(u, u.data.legacy, id)
		remove(u, u.data.metadata, id)
		remove(u, u.data.users, id)
		return nil
	})
}

func (r users) HasOtherAdmin(ctx context.Context, id domain.UserID) (has bool, err error) {
	err = r.in.call(ctx, reading, func(u *unit) error {
		for _, row := range u.data.users {
			user, err := domain.RestoreUser(row)
			if err != nil {
				return err
			}
			has = has || row.ID != id && user.CanAdminister()
		}
		return nil
	})
	return has, err
}

func (r users) PendingRegistrations(ctx context.Context, t, now time.Time, limit int) (found []*domain.User, err error) {
	err = r.in.call(ctx, reading, func(u *unit) error {
		held := map[domain.UserID]bool{}
		for _, row := range u.data.tokens {
			held[row.UserID] = held[row.UserID] || row.UsedAt.IsZero() && row.ExpiresAt.After(now)
		}
		for _, row := range u.data.sessions {
			held[row.UserID] = true
		}
		var rows []domain.UserSnapshot
		for _, row := range u.data.users {
			user, err := domain.RestoreUser(row)
			if err != nil {
				return err
			}
			if user.RegistrationPending() && row.CreatedAt.Before(t) && row.Status == domain.StatusActive.String() && !held[row.ID] {
				rows = append(rows, row)
			}
		}
		slices.SortFunc(rows, func(a, b domain.UserSnapshot) int { return compare(ports.OldestFirst, a, b) })
		found, err = restoreAll(rows[:min(len(rows), limit)], domain.RestoreUser)
		return err
	})
	return found, err
}

func (r users) List(ctx context.Context, q ports.UserQuery) (page ports.UserPage, err error) {
	err = r.in.call(ctx, reading, func(u *unit) error {
		walk, sets, served := q.Sets()
		rows, stopped := list[domain.UserSnapshot, ports.UserSet]{
			rows: maps.Values(u.data.users), limit: q.Limit, walk: walk, sets: sets, served: served, in: belongs,
			compare: func(a, b domain.UserSnapshot) int { return compare(q.Order, a, b) },
			matches: func(row domain.UserSnapshot) bool { return matches(q, row) },
			follows: func(row domain.UserSnapshot) bool {
				return q.After == nil || compare(q.Order, row, keyRow(*q.After)) > 0
			},
		}.page()
		if stopped != nil {
			page.StoppedAt = &ports.UserKey{ID: stopped.ID, Email: stopped.Email, CreatedAt: stopped.CreatedAt}
		}
		page.Rows, err = restoreAll(rows, domain.RestoreUser)
		return err
	})
	return page, err
}

// belongs reports whether a user is in a set.
func belongs(set ports.UserSet, row domain.UserSnapshot) bool {
	return matches(ports.UserQuery{
		EmailPrefix: set.EmailPrefix, EmailDomain: set.EmailDomain, EmailPart: set.EmailPart, Status: set.Status, Verified: set.Verified, CreatedAfter: set.CreatedAfter, CreatedBefore: set.CreatedBefore,
	}, row) && (set.Role == "" || row.Role == set.Role.String())
}

// matches reports whether a user passes the filters of q.
func matches(q ports.UserQuery, row domain.UserSnapshot) bool {
	_, after, _ := strings.Cut(row.Email, "@")
	return strings.HasPrefix(row.Email, q.EmailPrefix) && strings.Contains(row.Email, q.EmailPart) &&
		(q.EmailDomain == "" || after == q.EmailDomain) &&
		(q.Role == "" || actingRole(row) == q.Role) &&
		(q.Status == "" || row.Status == q.Status.String()) &&
		(q.Verified == nil || row.EmailVerified == *q.Verified) &&
		(q.CreatedAfter.IsZero() || !row.CreatedAt.Before(q.CreatedAfter)) &&
		(q.CreatedBefore.IsZero() || row.CreatedAt.Before(q.CreatedBefore))
}

// actingRole returns the role that a user acts with (domain.User.Role).
func actingRole(row domain.UserSnapshot) domain.Role {
	if !row.EmailVerified {
		return domain.RoleUser
	}
	return domain.KnownRole(row.Role)
}

// keyRow returns a row that has the place of key in every order.
func keyRow(key ports.UserKey) domain.UserSnapshot {
	return domain.UserSnapshot{ID: key.ID, Email: key.Email, CreatedAt: stored(key.CreatedAt)}
}

// compare returns a negative number if a comes before b. Identifiers sort in the
// same direction as times.
func compare(order ports.UserOrder, a, b domain.UserSnapshot) int {
	switch order {
	case ports.EmailUp:
		return strings.Compare(a.Email, b.Email)
	case ports.EmailDown:
		return strings.Compare(b.Email, a.Email)
	case ports.OldestFirst:
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), slices.Compare(a.ID[:], b.ID[:]))
	default:
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), slices.Compare(b.ID[:], a.ID[:]))
	}
}

// storedUser returns the copy of a user that the store keeps.
func storedUser(user *domain.User) domain.UserSnapshot {
	row := user.Snapshot()
	row.CreatedAt, row.UpdatedAt, row.NewDeviceAt = stored(row.CreatedAt), stored(row.UpdatedAt), stored(row.NewDeviceAt)
	return row
}
