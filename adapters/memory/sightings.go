package memory

import (
	"context"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

var _ ports.Sightings = (*Store)(nil)

// NoteSeen implements ports.Sightings. It stores the mark at once, so that a test need
// not wait for it. Faults do not count marks as calls. While a fault hits every write,
// marks are forgotten, and the next request with the token notes them again.
func (s *Store) NoteSeen(id domain.SessionID, generation int64) {
	if s.faults.hitEveryWrite() {
		return
	}
	_ = s.transact(context.Background(), func(u *unit) (keep bool, err error) {
		row, found := u.data.sessions[id]
		if !found || row.Generation != generation || row.Seen {
			return false, nil
		}
		row.Seen = true
		row.Version++
		set(u, u.data.sessions, id, row)
		return true, nil
	})
}

// Port returns the store as the application uses it.
func (s *Store) Port() ports.Store {
	return ports.Store{Repositories: s.Repositories(), UnitOfWork: s, Sightings: s}
}
