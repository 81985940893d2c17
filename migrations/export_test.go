package migrations

import (
	"context"
	"slices"

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

// NewUpTo returns a migrator that knows the steps up to the named one.
func NewUpTo(db *gorm.DB, id string) (*Migrator, error) {
	m, err := New(db)
	if err != nil {
		return nil, err
	}
	last := slices.IndexFunc(m.steps, func(s step) bool { return s.id == id })
	m.steps = m.steps[:last+1]
	return m, nil
}
