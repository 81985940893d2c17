// Package sent keeps the statements that are sent, by GORM or past it, for tests of plans
// and costs.
package sent

import (
	"slices"
	"sync"

	"gorm.io/gorm"
)

// Statement is a statement as GORM sent it.
type Statement struct {
	Text string
	Vars []any
}

// Statements keeps the statements of handles, in their order. As a plugin of GORM it also
// gets those that pass GORM by.
type Statements struct {
	mu  sync.Mutex
	all []Statement
}

// Name implements gorm.Plugin. Statements that pass GORM by look for this name.
func (s *Statements) Name() string { return "sent" }

// Initialize implements gorm.Plugin.
func (s *Statements) Initialize(*gorm.DB) error { return nil }

// Keep keeps a statement.
func (s *Statements) Keep(text string, vars []any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, Statement{text, slices.Clone(vars)})
}

// Watch keeps the statements of the handles from now on. Errors: those of GORM.
func Watch(handles ...*gorm.DB) (*Statements, error) {
	s := &Statements{}
	note := func(tx *gorm.DB) {
		if tx.DryRun { // a part of another statement
			return
		}
		s.Keep(tx.Statement.SQL.String(), tx.Statement.Vars)
	}
	const name = "test:note"
	for _, db := range handles {
		callbacks := db.Callback()
		for _, register := range []func() error{
			func() error { return db.Use(s) },
			func() error { return callbacks.Create().After("*").Register(name, note) },
			func() error { return callbacks.Query().After("*").Register(name, note) },
			func() error { return callbacks.Row().After("*").Register(name, note) },
			func() error { return callbacks.Update().After("*").Register(name, note) },
			func() error { return callbacks.Delete().After("*").Register(name, note) },
			func() error { return callbacks.Raw().After("*").Register(name, note) },
		} {
			if err := register(); err != nil {
				return nil, err
			}
		}
	}
	return s, nil
}

// Take returns the statements since the last call.
func (s *Statements) Take() []Statement {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.all
	s.all = nil
	return all
}
