package account

import (
	"context"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ChangeProfile changes the caller's own profile.
type ChangeProfile struct {
	p      Ports
	claims domain.ClaimMap
}

// NewChangeProfile returns the use case.
func NewChangeProfile(p Ports, s Settings) *ChangeProfile { return &ChangeProfile{p, s.Claims} }

// Execute merges the patch into the profile, and records that without values. A patch that
// changes nothing is not recorded. It returns the user with the metadata as it is then. Access tokens carry changed
// values from the next refresh on. Errors: domain.ErrInvalidMetadata, domain.ErrVersionConflict,
// domain.ErrRateLimited, domain.ErrSessionEnded if the session ended meanwhile,
// domain.ErrUnauthenticated.
func (uc *ChangeProfile) Execute(ctx context.Context, cmd ports.ChangeProfileCommand) (ports.UserResult, error) {
	checked, own, err := cmd.Principal.SignedIn()
	if err != nil {
		return ports.UserResult{}, err
	}
	if cmd.Profile == "" {
		return ports.UserResult{}, domain.ErrInvalidMetadata
	}
	count := ports.Count{Limit: ports.LimitProfileUser, Key: checked.ID().String()}
	if err := uc.p.Limits().TakeBy(ctx, cmd.Origin, cmd.Principal, checked.ID(), count); err != nil {
		return ports.UserResult{}, err
	}
	now := uc.p.Clock.Now()
	patch := domain.MetadataPatch{Profile: cmd.Profile, Version: cmd.Version}
	var result ports.UserResult
	err = uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		// The session may have ended since the check, with a password that was not the owner's.
		user, err := kit.StillSignedIn(ctx, r, checked, own, now)
		if err != nil {
			return err
		}
		metadata, change, err := kit.ChangeMetadata(ctx, r, user.ID(), patch, uc.claims, now)
		if err != nil {
			return kit.Hide(err, domain.ErrSessionEnded)
		}
		result = ports.UserResult{User: user, Metadata: metadata}
		if !change.Any() {
			return nil
		}
		return r.Audit.Append(ctx, kit.Event(uc.p.IDs, domain.EventProfileChanged, cmd.Origin, now).About(user.ID()).By(cmd.Principal))
	})
	if err != nil {
		return ports.UserResult{}, err
	}
	return result, nil
}
