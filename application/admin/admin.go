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
type Ports = kit.Ports

// Settings are the operator's choices for accounts that administrators make.
type Settings struct {
	// VerificationRequired is true if accounts cannot sign in until a mail has confirmed
	// their address.
	VerificationRequired bool
	// PasswordPolicy is the policy for the password of a new account.
	PasswordPolicy domain.PasswordPolicy
	// Claims are the claims whose rules metadata keeps.
	Claims domain.ClaimMap
}

// takeWrite counts a change by an administrator. The operator is not limited.
// Errors: domain.ErrRateLimited.
func takeWrite(ctx context.Context, p Ports, o ports.Origin, principal domain.Principal) error {
	admin, err := principal.Account()
	if err != nil {
		return nil //nolint:nilerr // the operator has no account
	}
	return p.Limits().TakeBy(ctx, o, principal, admin.ID(), ports.Count{Limit: ports.LimitAdminWriteUser, Key: admin.ID().String()})
}

// target checks that p has the permission, and returns the identifier of the user to
// act on. Errors: domain.ErrUnauthenticated,
// domain.ErrForbidden, domain.ErrUserNotFound.
func target(p domain.Principal, needed domain.Permission, rawID string) (domain.UserID, error) {
	if err := p.Allows(needed); err != nil {
		return domain.UserID{}, err
	}
	return domain.ParseUserID(rawID)
}
