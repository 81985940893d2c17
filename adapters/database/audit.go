package database

import (
	"context"
	"time"

	"gorm.io/gorm"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// audit implements ports.AuditLog.
type audit struct{ access }

var _ ports.AuditLog = audit{}

// Append implements ports.AuditLog.
func (r audit) Append(ctx context.Context, event domain.Event) error {
	row := newEventRow(event)
	return r.writing(ctx, "recording an event", func(db *gorm.DB) error { return db.Create(&row).Error })
}

// List reads one page along an index of the time, starting after the last event
// of the previous page.
func (r audit) List(ctx context.Context, q ports.AuditQuery) ([]domain.Event, error) {
	var rows []eventRow
	err := r.reading(ctx, "listing events", func(db *gorm.DB) error {
		return selected(db, q).Order("occurred_at DESC, id DESC").Limit(q.Limit).Find(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	return restoreAll(rows, eventRow.event)
}

func selected(db *gorm.DB, q ports.AuditQuery) *gorm.DB {
	if !q.SubjectID.IsZero() {
		db = db.Where("subject_id = ?", q.SubjectID.String())
	}
	if !q.ActorID.IsZero() {
		db = db.Where("actor_id = ?", q.ActorID.String())
	}
	if q.Type != "" {
		db = db.Where("type = ?", string(q.Type))
	}
	if !q.After.IsZero() {
		db = db.Where("occurred_at >= ?", timestamp{q.After})
	}
	if !q.Before.IsZero() {
		db = db.Where("occurred_at < ?", timestamp{q.Before})
	}
	if q.Older != nil {
		db = db.Where("(occurred_at, id) < (?, ?)", timestamp{q.Older.At}, q.Older.ID.String())
	}
	return db
}

// eraseClient skips rows that are already blank, so that a second erasure writes
// nothing.
const eraseClient = `UPDATE audit_events SET client_ip = '', user_agent = ''
 WHERE (actor_id = @id AND (subject_id = @id OR subject_id IS NULL) OR subject_id = @id AND actor_id IS NULL AND NOT by_operator)
 AND (client_ip <> '' OR user_agent <> '')`

// EraseClient implements ports.AuditLog. The database refuses any other change of
// an event.
func (r audit) EraseClient(ctx context.Context, id domain.UserID) error {
	return r.writing(ctx, "erasing addresses from events", func(db *gorm.DB) error {
		return db.Exec(eraseClient, map[string]any{"id": id.String()}).Error
	})
}

const deleteOldEvents = `DELETE FROM audit_events WHERE id IN
 (SELECT id FROM audit_events WHERE occurred_at < @t ORDER BY occurred_at, id LIMIT @limit)`

// DeleteBefore implements ports.AuditLog.
func (r audit) DeleteBefore(ctx context.Context, t time.Time, limit int) (int, error) {
	removed := 0
	err := r.writing(ctx, "removing old events", func(db *gorm.DB) error {
		result := db.Exec(deleteOldEvents, map[string]any{"t": timestamp{t}, "limit": literal(limit)})
		removed = int(result.RowsAffected)
		return result.Error
	})
	return removed, err
}

// eventRow is a row of audit_events.
type eventRow struct {
	ID         string
	OccurredAt timestamp
	Type       string
	Outcome    string
	ActorID    optionalID
	ByOperator bool
	SubjectID  optionalID
	SessionID  optionalID
	ClientIP   string
	UserAgent  string
	RequestID  string
	Detail     string
}

// TableName names the table to GORM.
func (eventRow) TableName() string { return "audit_events" }

func newEventRow(e domain.Event) eventRow {
	return eventRow{
		ID:         e.ID.String(),
		OccurredAt: timestamp{e.At},
		Type:       string(e.Type),
		Outcome:    string(e.Outcome),
		ActorID:    optionalID(e.ActorID),
		ByOperator: e.ByOperator,
		SubjectID:  optionalID(e.SubjectID),
		SessionID:  optionalID(e.SessionID),
		ClientIP:   cleaned(e.Client.IP),
		UserAgent:  cleaned(e.Client.UserAgent),
		RequestID:  cleaned(e.RequestID),
		Detail:     e.Detail,
	}
}

func (r eventRow) event() (domain.Event, error) {
	id, ok := domain.ParseID[domain.EventID](r.ID)
	if !ok {
		return domain.Event{}, errStoredID
	}
	return domain.Event{
		ID:         id,
		Type:       domain.EventType(r.Type),
		Outcome:    domain.Outcome(r.Outcome),
		At:         r.OccurredAt.time,
		ActorID:    domain.UserID(r.ActorID),
		ByOperator: r.ByOperator,
		SubjectID:  domain.UserID(r.SubjectID),
		SessionID:  domain.SessionID(r.SessionID),
		Client:     domain.Client{IP: r.ClientIP, UserAgent: r.UserAgent},
		RequestID:  r.RequestID,
		Detail:     r.Detail,
	}, nil
}
