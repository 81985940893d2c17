package database

import (
	"context"
	"database/sql"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// transfer implements ports.UserTransfer.
type transfer struct{ access }

var _ ports.UserTransfer = transfer{}

// transferRow is a row of users with legacy_id, which other code does not read.
type transferRow struct {
	User     userRow `gorm:"embedded"`
	LegacyID sql.NullString
}

// TableName names the table to GORM.
func (transferRow) TableName() string { return "users" }

func newTransferRow(u ports.TransferUser) transferRow {
	return transferRow{newUserRow(u.User), sql.NullString{String: u.LegacyID, Valid: u.LegacyID != ""}}
}

func (r transferRow) transferUser() (ports.TransferUser, error) {
	user, err := r.User.user()
	return ports.TransferUser{User: user, LegacyID: r.LegacyID.String}, err
}

// Matching implements ports.UserTransfer. Each kind of key has its own index and
// therefore its own query.
func (r transfer) Matching(ctx context.Context, keys ports.TransferKeys) ([]ports.TransferUser, error) {
	ids := make([]string, 0, len(keys.IDs))
	for _, id := range keys.IDs {
		ids = append(ids, id.String())
	}
	emails := make([]string, 0, len(keys.Emails))
	for _, email := range keys.Emails {
		emails = append(emails, email.String())
	}
	found := []transferRow{}
	seen := map[rowID]bool{}
	for _, kind := range []struct {
		condition string
		values    []string
	}{{"id IN ?", ids}, {"email IN ?", emails}, {"legacy_id IN ?", keys.LegacyIDs}} {
		if len(kind.values) == 0 {
			continue
		}
		var rows []transferRow
		err := r.reading(ctx, "looking for users", func(db *gorm.DB) error { return db.Where(kind.condition, kind.values).Find(&rows).Error })
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			if !seen[row.User.ID] {
				seen[row.User.ID] = true
				found = append(found, row)
			}
		}
	}
	return restoreAll(found, transferRow.transferUser)
}

// LastEvents implements ports.UserTransfer. It compares the type as an
// expression, so that SQLite does not use the index of types and read every event
// of the type. The users in question have few events.
func (r transfer) LastEvents(ctx context.Context, kind domain.EventType, ids []domain.UserID) (map[domain.UserID]time.Time, error) {
	last := map[domain.UserID]time.Time{}
	if len(ids) == 0 {
		return last, nil
	}
	subjects := make([]string, 0, len(ids))
	for _, id := range ids {
		subjects = append(subjects, id.String())
	}
	var rows []eventRow
	err := r.reading(ctx, "looking for events of users", func(db *gorm.DB) error {
		return db.Select("subject_id", "occurred_at").Where("subject_id IN ? AND type || '' = ?", subjects, string(kind)).
			Order("occurred_at").Find(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		last[domain.UserID(row.SubjectID)] = row.OccurredAt.time // the rows are ordered by time
	}
	return last, nil
}

// AddAll implements ports.UserTransfer. It skips a row whose key is taken,
// because a refused row would end the transaction on PostgreSQL. A count that is
// too small then reveals the conflict.
func (r transfer) AddAll(ctx context.Context, users []ports.TransferUser) error {
	if len(users) == 0 {
		return nil
	}
	rows := make([]transferRow, 0, len(users))
	for _, u := range users {
		rows = append(rows, newTransferRow(u))
	}
	return r.writing(ctx, "adding users", func(db *gorm.DB) error {
		result := db.Clauses(clause.OnConflict{DoNothing: true}).Create(&rows)
		if result.Error == nil && result.RowsAffected != int64(len(rows)) {
			return domain.ErrConflict
		}
		if result.Error != nil {
			return result.Error
		}
		return addAllMetadata(db, users)
	})
}

// addAllMetadata stores the metadata of new users.
func addAllMetadata(db *gorm.DB, users []ports.TransferUser) error {
	var rows []keyedMetadataRow
	for _, u := range users {
		if u.Metadata == nil {
			continue
		}
		s := u.Metadata.Saved().Snapshot()
		rows = append(rows, keyedMetadataRow{rowID(s.UserID), metadataRow{Profile: s.Profile, App: s.App, Version: s.Version, UpdatedAt: timestamp{s.UpdatedAt}}})
	}
	if len(rows) == 0 {
		return nil
	}
	return db.Create(&rows).Error
}

// withMetadata adds the metadata to a page of users, by one more query.
func (r transfer) withMetadata(ctx context.Context, page []ports.TransferUser) error {
	if len(page) == 0 {
		return nil
	}
	ids := make([]string, 0, len(page))
	at := make(map[rowID]int, len(page))
	for i, u := range page {
		ids = append(ids, u.User.ID().String())
		at[rowID(u.User.ID())] = i
	}
	var rows []keyedMetadataRow
	err := r.reading(ctx, "reading metadata of users", func(db *gorm.DB) error { return db.Where("user_id IN ?", ids).Find(&rows).Error })
	if err != nil {
		return err
	}
	for _, row := range rows {
		one := &page[at[row.UserID]]
		if one.Metadata, err = row.Metadata.of(one.User.ID()); err != nil {
			return err
		}
	}
	return nil
}

// RecordAll implements ports.UserTransfer.
func (r transfer) RecordAll(ctx context.Context, events []domain.Event) error {
	if len(events) == 0 {
		return nil
	}
	rows := make([]eventRow, 0, len(events))
	for _, event := range events {
		rows = append(rows, newEventRow(event))
	}
	return r.writing(ctx, "recording events", func(db *gorm.DB) error { return db.Create(&rows).Error })
}

// Page implements ports.UserTransfer. It follows the primary key, whose order is
// the same in both databases.
func (r transfer) Page(ctx context.Context, after domain.UserID, limit int) ([]ports.TransferUser, error) {
	var rows []transferRow
	err := r.reading(ctx, "reading users", func(db *gorm.DB) error {
		return db.Where("id > ?", after.String()).Order("id").Limit(limit).Find(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	page, err := restoreAll(rows, transferRow.transferUser)
	if err != nil {
		return nil, err
	}
	return page, r.withMetadata(ctx, page)
}
