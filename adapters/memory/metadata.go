package memory

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

type metadata struct{ in scope }

var _ ports.MetadataRepository = metadata{}

func (r metadata) ByUser(ctx context.Context, id domain.UserID) (all *domain.Metadata, err error) {
	err = r.in.call(ctx, reading, func(u *unit) error {
		all, err = metadataOf(u, id)
		return err
	})
	return all, err
}

func (r metadata) Save(ctx context.Context, changed *domain.Metadata) error {
	row := changed.Snapshot()
	return r.in.call(ctx, writing, func(u *unit) error {
		if u.data.metadata[row.UserID].Version != row.Version {
			return domain.ErrConflict
		}
		if _, found := u.data.users[row.UserID]; !found {
			return u.refuse(domain.ErrUserNotFound)
		}
		row.Version++
		row.UpdatedAt = stored(row.UpdatedAt)
		set(u, u.data.metadata, row.UserID, row)
		return nil
	})
}

// metadataOf returns the metadata of a user.
func metadataOf(u *unit, id domain.UserID) (*domain.Metadata, error) {
	row, found := u.data.metadata[id]
	if !found {
		return domain.NewMetadata(id), nil
	}
	return domain.RestoreMetadata(row)
}

// dropProfile empties the profile of a user. Its version rises also if nothing was stored, so
// that a concurrent first write conflicts.
func dropProfile(u *unit, id domain.UserID, at time.Time) {
	row, found := u.data.metadata[id]
	if !found {
		row = domain.NewMetadata(id).Snapshot()
	}
	row.Profile, row.UpdatedAt = domain.NewMetadata(id).Profile(), at
	row.Version++
	set(u, u.data.metadata, id, row)
}
