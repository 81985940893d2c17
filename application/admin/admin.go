// Package admin holds the use cases by which administrators and the operator manage
// other users.
package admin

import (
	"context"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Ports are the driven ports of the package.
type Ports struct {
	Store   ports.Store
	Hasher  ports.PasswordHasher
	Screen  ports.PasswordScreen
	Limiter ports.RateLimiter
	Clock   ports.Clock
	IDs     ports.IDs
}

// takeWrite counts a change by an administrator. The operator is not limited.
// Errors: domain.ErrRateLimited.
func (p Ports) takeWrite(ctx context.Context, o ports.Origin, principal domain.Principal) error {
	admin, err := principal.Account()
	if err != nil {
		return nil //nolint:nilerr // the operator has no account
	}
	limits := kit.Limits{Limiter: p.Limiter, Audit: p.Store.Audit, Clock: p.Clock, IDs: p.IDs}
	return limits.TakeBy(ctx, o, principal, admin.ID(), kit.Count{Limit: ports.LimitAdminWriteUser, Key: admin.ID().String()})
}

// target checks that p may manage users, and returns the identifier of the user to
// act on. Errors: domain.ErrUnauthenticated,
// domain.ErrForbidden, domain.ErrUserNotFound.
func target(p domain.Principal, rawID string) (domain.UserID, error) {
	if err := p.Allows(domain.PermissionManageUsers); err != nil {
		return domain.UserID{}, err
	}
	return domain.ParseUserID(rawID)
}
