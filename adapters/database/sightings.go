package database

import (
	"context"
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"gorm.io/gorm"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Bounds of the marks that wait.
const (
	// sightingsPause is how long marks are collected before they are stored, and how
	// long a failed batch waits.
	sightingsPause = 500 * time.Millisecond
	// sightingsTimeout bounds storing one batch.
	sightingsTimeout = 2 * time.Second
	// sightingsBatch is how many marks one statement stores.
	sightingsBatch = 100
	// maxSightings bounds the marks that wait while the database is away. A mark
	// beyond it is dropped, and the next request with its token notes it again.
	maxSightings = 100_000
)

// Sightings implements ports.Sightings. It collects marks and stores them in batches.
// It is safe for concurrent use. Close it before the database.
type Sightings struct {
	access access
	mark   string
	logger *slog.Logger

	mu      sync.Mutex
	waiting map[domain.SessionID]int64
	timer   *time.Timer // nil while no mark waits
	closed  bool

	// storing is held while a batch is stored, so that Close can wait for it.
	storing sync.Mutex
	failing bool // guarded by storing
}

var _ ports.Sightings = (*Sightings)(nil)

// NewSightings returns the marks of an open, migrated database. A nil logger means
// slog.Default().
func NewSightings(db *DB, logger *slog.Logger) *Sightings {
	if logger == nil {
		logger = slog.Default()
	}
	mark := markSeenPostgres
	if db.dialect == SQLite {
		mark = markSeenSQLite
	}
	return &Sightings{
		access: access{read: db.reader, write: db.writer}, mark: mark, logger: logger,
		waiting: map[domain.SessionID]int64{},
	}
}

// NoteSeen implements ports.Sightings.
func (s *Sightings) NoteSeen(id domain.SessionID, generation int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.wait(id, generation)
	}
}

// Close stores the marks that wait, once, and drops those that cannot be stored.
func (s *Sightings) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.store()
}

// wait adds a mark and sets the timer. The caller holds mu.
func (s *Sightings) wait(id domain.SessionID, generation int64) {
	before, waits := s.waiting[id]
	if !waits && len(s.waiting) >= maxSightings {
		return
	}
	s.waiting[id] = max(before, generation)
	if s.timer == nil {
		s.timer = time.AfterFunc(sightingsPause, s.store)
	}
}

// store stores the marks that wait, and lets those wait again that failed.
func (s *Sightings) store() {
	s.storing.Lock()
	defer s.storing.Unlock()
	marks := s.take()
	if len(marks) == 0 {
		return
	}
	failed, err := s.storeAll(marks)
	if s.failing != (err != nil) {
		if s.failing = err != nil; s.failing {
			s.logger.Warn("marks of used tokens cannot be stored yet", "error", err)
		} else {
			s.logger.Info("marks of used tokens are stored again")
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	for id, generation := range failed {
		s.wait(id, generation)
	}
}

// take returns the marks that wait, and leaves none.
func (s *Sightings) take() map[domain.SessionID]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
	taken := s.waiting
	s.waiting = map[domain.SessionID]int64{}
	return taken
}

// storeAll stores marks in batches and returns those that were not stored. It stops at
// the first failure. The order is fixed, so that two replicas do not wait for each other.
func (s *Sightings) storeAll(marks map[domain.SessionID]int64) (failed map[domain.SessionID]int64, err error) {
	for batch := range slices.Chunk(inOrder(marks), sightingsBatch) {
		if err := s.storeBatch(batch, marks); err != nil {
			return marks, err
		}
		for _, id := range batch {
			delete(marks, id)
		}
	}
	return nil, nil
}

func inOrder(marks map[domain.SessionID]int64) []domain.SessionID {
	return slices.SortedFunc(maps.Keys(marks), func(a, b domain.SessionID) int { return slices.Compare(a[:], b[:]) })
}

// The marks of one batch arrive as one JSON text, a list of [id, generation], so that
// every batch is the same statement.
const (
	markSeenSQLite = `UPDATE user_sessions SET seen_generation = generation, version = version + 1
 WHERE seen_generation <> generation AND (id, generation) IN (
  SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?))`
	markSeenPostgres = `UPDATE user_sessions SET seen_generation = generation, version = version + 1
 WHERE seen_generation <> generation AND (id, generation) IN (
  SELECT (mark->>0)::uuid, (mark->>1)::bigint FROM jsonb_array_elements(?::jsonb) AS mark)`
)

func (s *Sightings) storeBatch(ids []domain.SessionID, marks map[domain.SessionID]int64) error {
	list := make([][2]any, 0, len(ids))
	for _, id := range ids {
		list = append(list, [2]any{id.String(), marks[id]})
	}
	text, err := json.Marshal(list)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), sightingsTimeout)
	defer cancel()
	return s.access.writing(ctx, "marking sessions as seen", func(db *gorm.DB) error {
		return db.Exec(s.mark, string(text)).Error
	})
}
