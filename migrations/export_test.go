package migrations

import (
	"context"

	"gorm.io/gorm"
)

// NewInterrupted returns a migrator that calls interrupt when the named step
// has made its changes and before they are noted and committed.
func NewInterrupted(db *gorm.DB, id string, interrupt func()) (*Migrator, error) {
	m, err := New(db)
	if err != nil {
		return nil, err
	}
	for i, s := range m.steps {
		if s.id == id {
			m.steps[i].up = func(ctx context.Context, w *work) error {
				err := s.up(ctx, w)
				interrupt()
				return err
			}
		}
	}
	return m, nil
}
