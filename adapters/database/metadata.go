package database

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// metadata implements ports.MetadataRepository.
type metadata struct{ access }

var _ ports.MetadataRepository = metadata{}

// metadataRow is a row of user_metadata without its key. The zero row stands for none.
type metadataRow struct {
	Profile   string
	App       string
	Version   int64
	UpdatedAt timestamp `gorm:"autoUpdateTime:false"`
}

// keyedMetadataRow is a row of user_metadata.
type keyedMetadataRow struct {
	UserID   rowID
	Metadata metadataRow `gorm:"embedded"`
}

// TableName names the table to GORM.
func (keyedMetadataRow) TableName() string { return "user_metadata" }

// metadataColumns are the columns of metadataRow in a join, where a user may have none.
const metadataColumns = `COALESCE(m.profile, '') AS metadata_profile, COALESCE(m.app, '') AS metadata_app, COALESCE(m.version, 0) AS metadata_version, m.updated_at AS metadata_updated_at`

// columns returns the destinations of metadataColumns.
func (r *metadataRow) columns() []any { return []any{&r.Profile, &r.App, &r.Version, &r.UpdatedAt} }

// of returns the metadata of a user.
func (r metadataRow) of(id domain.UserID) (*domain.Metadata, error) {
	if r.Version == 0 {
		return domain.NewMetadata(id), nil
	}
	return domain.RestoreMetadata(domain.MetadataSnapshot{UserID: id, Profile: r.Profile, App: r.App, Version: r.Version, UpdatedAt: r.UpdatedAt.time})
}

const (
	userWithMetadata = `SELECT ` + userColumns + `, ` + metadataColumns + ` FROM users AS u LEFT JOIN user_metadata AS m ON m.user_id = u.id WHERE u.id = ?`
	readMetadata     = `SELECT profile, app, version, updated_at FROM user_metadata WHERE user_id = ?`
	// A row that another caller made meanwhile is left alone, and the count then shows the conflict.
	addMetadata  = `INSERT INTO user_metadata (user_id, profile, app, updated_at, version) VALUES (?, ?, ?, ?, 1) ON CONFLICT (user_id) DO NOTHING`
	saveMetadata = `UPDATE user_metadata SET profile = ?, app = ?, updated_at = ?, version = version + 1 WHERE user_id = ? AND version = ?`
	// Without a row it makes one, so that a concurrent first write conflicts.
	dropProfile = `INSERT INTO user_metadata (user_id, profile, app, updated_at, version) VALUES (?, '{}', '{}', ?, 1)
 ON CONFLICT (user_id) DO UPDATE SET profile = '{}', updated_at = excluded.updated_at, version = user_metadata.version + 1`
)

// ByUser implements ports.MetadataRepository.
func (r metadata) ByUser(ctx context.Context, id domain.UserID) (*domain.Metadata, error) {
	var row metadataRow
	err := r.reading(ctx, "reading metadata", func(db *gorm.DB) error { return db.Raw(readMetadata, id.String()).Scan(&row).Error })
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, err
	}
	return row.of(id)
}

// Save implements ports.MetadataRepository.
func (r metadata) Save(ctx context.Context, changed *domain.Metadata) error {
	s := changed.Snapshot()
	id, at := s.UserID.String(), timestamp{s.UpdatedAt}
	return r.writing(ctx, "saving metadata", func(db *gorm.DB) error {
		if s.Version == 0 {
			return oneRow(db.Exec(addMetadata, id, s.Profile, s.App, at))
		}
		return oneRow(db.Exec(saveMetadata, s.Profile, s.App, at, id, s.Version))
	})
}
