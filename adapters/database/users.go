package database

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// users implements ports.UserRepository.
type users struct{ access }

var _ ports.UserRepository = users{}

// ByID implements ports.UserRepository.
func (r users) ByID(ctx context.Context, id domain.UserID) (*domain.User, error) {
	return r.one(ctx, "id = ?", id.String())
}

// ByIDs implements ports.UserRepository.
func (r users) ByIDs(ctx context.Context, ids []domain.UserID) ([]*domain.User, error) {
	var rows []userRow
	wanted := make([]rowID, len(ids))
	for i, id := range ids {
		wanted[i] = rowID(id)
	}
	if len(wanted) == 0 {
		return nil, nil
	}
	err := r.reading(ctx, "reading users", func(db *gorm.DB) error { return db.Where("id IN ?", wanted).Find(&rows).Error })
	if err != nil {
		return nil, err
	}
	return restoreAll(rows, userRow.user)
}

// ByEmail implements ports.UserRepository.
func (r users) ByEmail(ctx context.Context, email domain.Email) (*domain.User, error) {
	if !storable(email.String()) {
		return nil, domain.ErrUserNotFound
	}
	return r.one(ctx, "email = ?", email.String())
}

// WithMetadata implements ports.UserRepository.
func (r users) WithMetadata(ctx context.Context, id domain.UserID) (*domain.User, *domain.Metadata, error) {
	var row struct {
		User     userRow     `gorm:"embedded"`
		Metadata metadataRow `gorm:"embedded;embeddedPrefix:metadata_"`
	}
	err := r.reading(ctx, "reading a user with metadata", func(db *gorm.DB) error {
		return oneRow(db.Raw(userWithMetadata, id.String()).Scan(&row))
	})
	if errors.Is(err, domain.ErrConflict) {
		return nil, nil, domain.ErrUserNotFound
	}
	if err != nil {
		return nil, nil, err
	}
	user, err := row.User.user()
	if err != nil {
		return nil, nil, err
	}
	all, err := row.Metadata.of(id)
	return user, all, err
}

// one loads the user that matches a condition on one column.
func (r users) one(ctx context.Context, condition, value string) (*domain.User, error) {
	var row userRow
	err := r.reading(ctx, "reading a user", func(db *gorm.DB) error {
		return db.Where(condition, value).Take(&row).Error
	})
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, domain.ErrUserNotFound
	}
	if err != nil {
		return nil, err
	}
	return row.user()
}

// Add implements ports.UserRepository.
func (r users) Add(ctx context.Context, user *domain.User) error {
	row := newUserRow(user)
	return takenAddress(r.writing(ctx, "adding a user", func(db *gorm.DB) error { return db.Create(&row).Error }))
}

// Save implements ports.UserRepository.
func (r users) Save(ctx context.Context, user *domain.User) error {
	row := newUserRow(user)
	return takenAddress(r.writing(ctx, "saving a user", func(db *gorm.DB) error {
		if user.DropsProfile() {
			return saveAndDropProfile(db, row)
		}
		return oneRow(db.Model(&userRow{}).Where("id = ? AND version = ?", row.ID, row.Version).UpdateColumns(row.changes()))
	}))
}

// saveAndDropProfile saves a user and empties the profile: on PostgreSQL in one statement, so
// that a registration that contests an account takes no longer than any other.
func saveAndDropProfile(db *gorm.DB, row userRow) error {
	if db.Name() != string(PostgreSQL) {
		if err := db.Exec(dropProfile, row.ID, row.UpdatedAt).Error; err != nil {
			return goneIsStale(err)
		}
		return oneRow(db.Model(&userRow{}).Where("id = ? AND version = ?", row.ID, row.Version).UpdateColumns(row.changes()))
	}
	changes := row.changes()
	values := []any{row.ID, row.UpdatedAt}
	sets := make([]string, 0, len(changes))
	for _, column := range slices.Sorted(maps.Keys(changes)) {
		sets, values = append(sets, column+" = ?"), append(values, changes[column])
	}
	return goneIsStale(oneRow(db.Exec("WITH dropped AS ("+dropProfile+") UPDATE users SET "+strings.Join(sets, ", ")+" WHERE id = ? AND version = ?",
		append(values, row.ID, row.Version)...)))
}

// goneIsStale returns domain.ErrConflict for a user who was deleted since it was loaded, as a
// save without a profile does. The foreign key of user_metadata notices it first.
func goneIsStale(err error) error {
	if err != nil && classify(err) == userMissing {
		return domain.ErrConflict
	}
	return err
}

// takenAddress returns domain.ErrEmailTaken for a duplicate: besides its key, the
// address is the only unique column that a userRow writes.
func takenAddress(err error) error {
	if errors.Is(err, errNotUnique) {
		return domain.ErrEmailTaken
	}
	return err
}

// Delete implements ports.UserRepository. Foreign keys delete the user's sessions,
// tokens, metadata, second factors and recovery codes.
func (r users) Delete(ctx context.Context, user *domain.User) error {
	row := newUserRow(user)
	return r.writing(ctx, "deleting a user", func(db *gorm.DB) error {
		return oneRow(db.Where("id = ? AND version = ?", row.ID, row.Version).Delete(&userRow{}))
	})
}

// userColumns names the columns of userRow. A list of all columns would change with the schema, and
// PostgreSQL then refuses the statements that connections have prepared, while the release before
// a step goes on beside it.
const userColumns = "u.id, u.email, u.password_hash, u.role, u.invited_role, u.status, u.email_verified, u.registration_pending, u.claim_hash, u.contested, u.password_change_required, u.disabled_reason, u.second_factor, u.session_epoch, u.version, u.created_at, u.updated_at, u.new_device_at"

// pendingRegistrations spells registration_pending as the partial index does. The other
// conditions on the user are those of domain.User.RegistrationPending.
const pendingRegistrations = `SELECT ` + userColumns + ` FROM users AS u
 WHERE u.registration_pending AND NOT u.email_verified AND u.role = 'user' AND u.invited_role = ''
 AND u.created_at < @t AND u.status = @active
 AND NOT EXISTS (SELECT 1 FROM user_sessions AS s WHERE s.user_id = u.id)
 AND NOT EXISTS (SELECT 1 FROM email_verification_tokens AS c WHERE c.user_id = u.id AND c.used_at IS NULL AND c.expires_at > @now)
 AND NOT EXISTS (SELECT 1 FROM password_reset_tokens AS p WHERE p.user_id = u.id AND p.used_at IS NULL AND p.expires_at > @now)
 AND NOT EXISTS (SELECT 1 FROM email_undo_tokens AS d WHERE d.user_id = u.id AND d.used_at IS NULL AND d.expires_at > @now)
 ORDER BY u.created_at, u.id LIMIT @limit`

// PendingRegistrations implements ports.UserRepository.
func (r users) PendingRegistrations(ctx context.Context, t, now time.Time, limit int) ([]*domain.User, error) {
	var rows []userRow
	err := r.reading(ctx, "looking for pending registrations", func(db *gorm.DB) error {
		return db.Raw(pendingRegistrations, map[string]any{
			"t": timestamp{t}, "now": timestamp{now}, "active": string(domain.StatusActive), "limit": literal(limit),
		}).Scan(&rows).Error
	})
	if err != nil {
		return nil, err
	}
	return restoreAll(rows, userRow.user)
}

// HasOtherAdmin implements ports.UserRepository.
func (r users) HasOtherAdmin(ctx context.Context, id domain.UserID) (bool, error) {
	var found []string
	err := r.reading(ctx, "looking for an administrator", func(db *gorm.DB) error {
		return db.Model(&userRow{}).
			Where("role = ? AND status = ? AND id <> ?", string(domain.RoleAdmin), string(domain.StatusActive), id.String()).
			Where("email_verified = ? AND password_hash <> ''", true).
			Limit(1).Pluck("id", &found).Error
	})
	return len(found) > 0, err
}

// oneRow returns the error of a conditional write: a conflict if no row matched.
func oneRow(result *gorm.DB) error {
	if result.Error == nil && result.RowsAffected == 0 {
		return domain.ErrConflict
	}
	return result.Error
}
