package memory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

type sessions struct{ in scope }

var _ ports.SessionRepository = sessions{}

func (r sessions) WithUser(ctx context.Context, id domain.SessionID) (session *domain.Session, user *domain.User, err error) {
	err = r.in.call(ctx, reading, func(u *unit) error {
		row, found := u.data.sessions[id]
		if !found {
			return domain.ErrSessionNotFound
		}
		if session, err = domain.RestoreSession(row); err != nil {
			return err
		}
		user, err = domain.RestoreUser(u.data.users[row.UserID])
		return err
	})
	return session, user, err
}

func (r sessions) WithUserAndMetadata(ctx context.Context, id domain.SessionID) (session *domain.Session, user *domain.User, all *domain.Metadata, err error) {
	err = r.in.call(ctx, reading, func(u *unit) error {
		row, found := u.data.sessions[id]
		if !found {
			return domain.ErrSessionNotFound
		}
		if session, err = domain.RestoreSession(row); err != nil {
			return err
		}
		if user, err = domain.RestoreUser(u.data.users[row.UserID]); err != nil {
			return err
		}
		all, err = metadataOf(u, row.UserID)
		return err
	})
	return session, user, all, err
}

func (r sessions) LiveByUser(ctx context.Context, id domain.UserID, epoch int64, now time.Time) (live []*domain.Session, err error) {
	err = r.in.call(ctx, reading, func(u *unit) error {
		live, err = newestLoginFirst(liveSessions(u, id, epoch, now))
		return err
	})
	return live, err
}

// liveSessions returns the sessions that are active at now, in no order.
func liveSessions(u *unit, id domain.UserID, epoch int64, now time.Time) (rows []domain.SessionSnapshot) {
	for _, row := range u.data.sessions {
		if row.UserID == id && row.Epoch == epoch && row.RevokedAt.IsZero() && now.Before(endOf(row)) {
			rows = append(rows, row)
		}
	}
	return rows
}

func (r sessions) ByUser(ctx context.Context, id domain.UserID) (all []*domain.Session, err error) {
	err = r.in.call(ctx, reading, func(u *unit) error {
		var rows []domain.SessionSnapshot
		for _, row := range u.data.sessions {
			if row.UserID == id {
				rows = append(rows, row)
			}
		}
		all, err = newestLoginFirst(rows)
		return err
	})
	return all, err
}

func (r sessions) Add(ctx context.Context, session *domain.Session, most int) (added bool, err error) {
	row := storedSession(session)
	err = r.in.call(ctx, writing, func(u *unit) error {
		if len(liveSessions(u, row.UserID, row.Epoch, row.CreatedAt)) >= most {
			return nil
		}
		if _, found := u.data.users[row.UserID]; !found {
			return u.refuse(domain.ErrUserNotFound)
		}
		if _, found := u.data.sessions[row.ID]; found {
			return u.refuse(errDuplicateID)
		}
		set(u, u.data.sessions, row.ID, row)
		added = true
		return nil
	})
	return added && err == nil, err
}

func (r sessions) Save(ctx context.Context, session *domain.Session) error {
	row := storedSession(session)
	return r.in.call(ctx, writing, func(u *unit) error {
		if before, found := u.data.sessions[row.ID]; !found || before.Version != row.Version {
			return domain.ErrConflict
		}
		row.Version++
		set(u, u.data.sessions, row.ID, row)
		return nil
	})
}

func (r sessions) DeleteEnded(ctx context.Context, t time.Time, limit int) (removed int, err error) {
	err = r.in.call(ctx, writing, func(u *unit) error {
		over := func(row domain.SessionSnapshot) bool {
			return !row.RevokedAt.IsZero() && row.RevokedAt.Before(t) ||
				row.Epoch != u.data.users[row.UserID].SessionEpoch && row.LastSeenAt.Before(t) &&
					!u.data.users[row.UserID].UpdatedAt.Before(t.Add(-ports.Superseded))
		}
		removed = removeWhere(u, u.data.sessions, limit, over)
		return nil
	})
	return removed, err
}

func (r sessions) DeleteExpired(ctx context.Context, after domain.SessionID, t time.Time, limit int) (removed int, last domain.SessionID, err error) {
	err = r.in.call(ctx, writing, func(u *unit) error {
		var following []domain.SessionID
		for id := range u.data.sessions {
			if slices.Compare(id[:], after[:]) > 0 {
				following = append(following, id)
			}
		}
		slices.SortFunc(following, func(a, b domain.SessionID) int { return slices.Compare(a[:], b[:]) })
		if len(following) >= limit {
			following, last = following[:limit], following[limit-1]
		}
		for _, id := range following {
			if u.data.sessions[id].ExpiresAt.Before(t) {
				remove(u, u.data.sessions, id)
				removed++
			}
		}
		return nil
	})
	return removed, last, err
}

// newestLoginFirst sorts rows and rebuilds their sessions.
func newestLoginFirst(rows []domain.SessionSnapshot) ([]*domain.Session, error) {
	slices.SortFunc(rows, func(a, b domain.SessionSnapshot) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), slices.Compare(b.ID[:], a.ID[:]))
	})
	return restoreAll(rows, domain.RestoreSession)
}

// storedSession returns the copy of a session that the store keeps.
func storedSession(session *domain.Session) domain.SessionSnapshot {
	row := session.Snapshot()
	for _, t := range []*time.Time{
		&row.AuthenticatedAt, &row.RotatedAt, &row.CreatedAt, &row.LastSeenAt, &row.ExpiresAt, &row.AbsoluteExpiresAt, &row.RevokedAt,
	} {
		*t = stored(*t)
	}
	return row
}

// endOf returns the time at which a session ends because of its age.
func endOf(row domain.SessionSnapshot) time.Time {
	if row.AbsoluteExpiresAt.Before(row.ExpiresAt) {
		return row.AbsoluteExpiresAt
	}
	return row.ExpiresAt
}
