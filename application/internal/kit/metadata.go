package kit

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ChangeMetadata changes the stored metadata of a user by a patch, and returns it as it is
// stored then, with what changed. The caller records the events of the change in the same unit of
// work. Errors: domain.ErrVersionConflict, domain.ErrInvalidMetadata, domain.ErrUserNotFound.
func ChangeMetadata(ctx context.Context, r ports.Repositories, id domain.UserID, patch domain.MetadataPatch, claims domain.ClaimMap, now time.Time) (*domain.Metadata, domain.MetadataChange, error) {
	metadata, err := r.Metadata.ByUser(ctx, id)
	if err != nil {
		return nil, domain.MetadataChange{}, err
	}
	return SaveMetadata(ctx, r, metadata, patch, claims, now)
}

// SaveMetadata does as ChangeMetadata does, for metadata that the caller has loaded.
func SaveMetadata(ctx context.Context, r ports.Repositories, metadata *domain.Metadata, patch domain.MetadataPatch, claims domain.ClaimMap, now time.Time) (*domain.Metadata, domain.MetadataChange, error) {
	change, err := metadata.Apply(patch, claims, now)
	if err != nil || !change.Any() {
		return metadata, change, err
	}
	if err := r.Metadata.Save(ctx, metadata); err != nil {
		return nil, change, err
	}
	return metadata.Saved(), change, nil
}

// CheckMetadata returns nil if the objects may be the first ones of an account. Errors:
// domain.ErrInvalidMetadata.
func CheckMetadata(first domain.MetadataPatch, claims domain.ClaimMap) error {
	_, err := domain.NewMetadata(domain.UserID{}).Apply(first, claims, time.Time{})
	return err
}
