package account

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// keepProfile stores the profile of a registration with its new account. Every registration
// with a profile makes one store call more, whether or not the address was taken.
func (uc *Register) keepProfile(ctx context.Context, r ports.Repositories, user *domain.User, reg registration, now time.Time) (*domain.Metadata, error) {
	metadata := domain.NewMetadata(user.ID())
	if reg.profile == "" {
		return metadata, nil
	}
	change, err := metadata.Apply(reg.patch(), uc.settings.Claims, now)
	if err != nil || !change.Any() {
		return metadata, uc.readProfile(ctx, r, user.ID(), reg)
	}
	if err := r.Metadata.Save(ctx, metadata); err != nil {
		return nil, err
	}
	return metadata.Saved(), nil
}

// replaceProfile stores the profile of a registration that repeats one with the same
// password, in place of the earlier one, and reports whether they differ. Without a profile, the earlier one stands.
func (uc *Register) replaceProfile(ctx context.Context, r ports.Repositories, metadata *domain.Metadata, reg registration, now time.Time) (changed bool, err error) {
	if reg.profile == "" {
		return false, nil
	}
	before := metadata.Profile()
	if _, err := metadata.Apply(domain.MetadataPatch{Profile: "null"}, uc.settings.Claims, now); err != nil {
		return false, err
	}
	if _, err := metadata.Apply(reg.patch(), uc.settings.Claims, now); err != nil {
		return false, err
	}
	if metadata.Profile() == before {
		return false, uc.readProfile(ctx, r, metadata.UserID(), reg)
	}
	return true, r.Metadata.Save(ctx, metadata)
}

// readProfile makes the store call of a profile that is not kept, so that the response time
// reveals nothing.
func (uc *Register) readProfile(ctx context.Context, r ports.Repositories, id domain.UserID, reg registration) error {
	if reg.profile == "" {
		return nil
	}
	_, err := r.Metadata.ByUser(ctx, id)
	return err
}

// patch returns the profile as a patch of an empty one.
func (reg registration) patch() domain.MetadataPatch {
	return domain.MetadataPatch{Profile: reg.profile}
}

// checkProfile returns nil if the profile may be stored. It is checked before the address, so
// that the refusal reveals nothing about it. Errors: domain.ErrInvalidMetadata.
func (uc *Register) checkProfile(profile string) error {
	return kit.CheckMetadata(domain.MetadataPatch{Profile: profile}, uc.settings.Claims)
}
