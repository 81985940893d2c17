package admin

import (
	"context"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ListLimits shows staff the limits that a user, an address or a network has used.
type ListLimits struct {
	p        Ports
	failures domain.FailureLimit
}

// NewListLimits returns the use case. failures is how many wrong passwords in a row lock an
// address.
func NewListLimits(p Ports, failures domain.FailureLimit) *ListLimits {
	return &ListLimits{p, failures}
}

// Execute returns the limits with a use. Errors: domain.ErrUserNotFound,
// domain.ErrInvalidEmail, domain.ErrInvalidParameter if the command names nothing, both a
// user and an address, or a network that is no IP address; domain.ErrForbidden,
// domain.ErrUnauthenticated.
func (uc *ListLimits) Execute(ctx context.Context, cmd ports.ListLimitsCommand) (ports.LimitsResult, error) {
	if err := cmd.Principal.Allows(domain.PermissionReadUsers); err != nil {
		return ports.LimitsResult{}, err
	}
	l, err := findLimited(ctx, uc.p, cmd.Of)
	if err != nil {
		return ports.LimitsResult{}, err
	}
	return l.uses(ctx, uc.p, uc.failures)
}
