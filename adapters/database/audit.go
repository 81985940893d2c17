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
func (r audit) Append(ctx context.Context, events ...domain.Event) error {
	if len(events) == 0 {
		return nil
	}
	rows := make([]eventRow, len(events))
	for i, event := range events {
		rows[i] = newEventRow(event)
	}
	return r.writing(ctx, "recording events", func(db *gorm.DB) error { return db.Create(&rows).Error })
}

// newestEventFirst is the order of events, which an index has of each set.
const newestEventFirst = "occurred_at DESC, id DESC"

// List reads one page along an index of the time, starting after the last event
// of the previous page. If no index serves all filters, it reads a bounded number of
// candidates, as ports.MaxCandidates says.
func (r audit) List(ctx context.Context, q ports.AuditQuery) (ports.EventPage, error) {
	walk, sets, served := q.Sets()
	walk.Older = q.Older
	l := list[eventRow]{
		table: "audit_events", order: newestEventFirst, limit: q.Limit, served: served,
		selects: func(db *gorm.DB) *gorm.DB { return selected(db, q) },
		walk:    func(db *gorm.DB) *gorm.DB { return selected(db, walk) },
		upTo: func(db *gorm.DB, last eventRow) *gorm.DB {
			return db.Where("(occurred_at, id) >= (?, ?)", last.OccurredAt, last.ID)
		},
	}
	for _, set := range sets {
		l.sets = append(l.sets, func(db *gorm.DB) *gorm.DB { return selected(db, set) })
		l.setOrders = append(l.setOrders, newestEventFirst)
	}
	rows, stopped, err := pageOf(ctx, r.access, "listing events", l)
	if err != nil {
		return ports.EventPage{}, err
	}
	var page ports.EventPage
	if stopped != nil {
		last, err := stopped.event()
		if err != nil {
			return ports.EventPage{}, err
		}
		page.StoppedAt = &ports.AuditKey{At: last.At, ID: last.ID}
	}
	page.Rows, err = restoreAll(rows, eventRow.event)
	return page, err
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
	if q.ExceptDetail != "" {
		db = db.Where("detail <> ?", q.ExceptDetail)
	}
	if !q.After.IsZero() {
		db = db.Where("occurred_at >= ?", timestamp{q.After})
	}
	// The older of the bound and the place of the page before implies the other. A database
	// would start at the younger and read all between them again.
	if !q.Before.IsZero() && (q.Older == nil || !q.Older.At.Before(q.Before)) {
		return db.Where("occurred_at < ?", timestamp{q.Before})
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

// eraseReasons blanks what staff wrote about a user.
const eraseReasons = `UPDATE audit_events SET reason = '' WHERE subject_id = @id AND reason <> ''`

// Erase implements ports.AuditLog. The database refuses any other change of an event.
func (r audit) Erase(ctx context.Context, id domain.UserID) error {
	return r.writing(ctx, "erasing a user from events", func(db *gorm.DB) error {
		values := map[string]any{"id": id.String()}
		if err := db.Exec(eraseClient, values).Error; err != nil {
			return err
		}
		return db.Exec(eraseReasons, values).Error
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
	Reason     string
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
		Reason:     cleaned(e.Reason),
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
		Reason:     r.Reason,
	}, nil
}
