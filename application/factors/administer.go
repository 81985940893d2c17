package factors

import (
	"context"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ListUserFactors returns a user's second factors to staff.
type ListUserFactors struct{ codes *Codes }

// NewListUserFactors returns the use case.
func NewListUserFactors(c *Codes) *ListUserFactors { return &ListUserFactors{c} }

// Execute returns them as ListFactors does. Errors: domain.ErrUserNotFound,
// domain.ErrForbidden, domain.ErrUnauthenticated.
func (uc *ListUserFactors) Execute(ctx context.Context, cmd ports.ListUserFactorsCommand) (ports.FactorsResult, error) {
	if err := cmd.Principal.Allows(domain.PermissionReadUsers); err != nil {
		return ports.FactorsResult{}, err
	}
	id, err := domain.ParseUserID(cmd.UserID)
	if err != nil {
		return ports.FactorsResult{}, err
	}
	if _, err := uc.codes.p.Store.Users.ByID(ctx, id); err != nil {
		return ports.FactorsResult{}, err
	}
	return kit.FactorsOf(ctx, uc.codes.p.Store.Repositories, id)
}

// RemoveUserFactors lets administrators remove the second factors of a user who has lost them.
type RemoveUserFactors struct{ codes *Codes }

// NewRemoveUserFactors returns the use case.
func NewRemoveUserFactors(c *Codes) *RemoveUserFactors { return &RemoveUserFactors{c} }

// Execute removes one factor, or all of them without cmd.FactorID. It ends all sessions and a
// row of wrong codes, and mails the user. Errors: domain.ErrUserNotFound,
// domain.ErrFactorNotFound, domain.ErrRateLimited, domain.ErrForbidden,
// domain.ErrUnauthenticated.
func (uc *RemoveUserFactors) Execute(ctx context.Context, cmd ports.RemoveUserFactorsCommand) (ports.None, error) {
	if err := cmd.Principal.Allows(domain.PermissionManageUsers); err != nil {
		return ports.None{}, err
	}
	id, err := domain.ParseUserID(cmd.UserID)
	if err != nil {
		return ports.None{}, err
	}
	c := uc.codes
	if acting, err := cmd.Principal.Account(); err == nil {
		if acting.ID() == id { // a copied token must not remove what its owner gives a code for
			return ports.None{}, domain.ErrForbidden.WithDetail("Remove your own second factors as every user does: that takes the password and a code.")
		}
		count := ports.Count{Limit: ports.LimitAdminWriteUser, Key: acting.ID().String()}
		if err := c.limits().TakeBy(ctx, cmd.Origin, cmd.Principal, id, count); err != nil {
			return ports.None{}, err
		}
	}
	now := c.p.Clock.Now()
	event := kit.Event(c.p.IDs, domain.EventFactorRemoved, cmd.Origin, now).About(id).By(cmd.Principal)
	return ports.None{}, c.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		user, err := r.Users.ByID(ctx, id)
		if err != nil {
			return err
		}
		all, err := r.Factors.ByUser(ctx, id)
		if err != nil {
			return err
		}
		removed, err := chosen(ctx, r, id, all, cmd.FactorID)
		if err != nil {
			return err
		}
		for _, factor := range removed {
			if err := r.Factors.Delete(ctx, factor); err != nil {
				return err
			}
		}
		if confirmed(removed) == confirmed(all) {
			if err := r.Recovery.Replace(ctx, id, nil, now); err != nil {
				return err
			}
			user.KeepSecondFactor(false, now)
		}
		user.EndSessions(now)
		if err := r.Users.Save(ctx, user); err != nil {
			return err
		}
		if err := r.Failures.Clear(ctx, ports.FailuresOfCodes(id)); err != nil {
			return err
		}
		return kit.Mails(r, c.p.IDs, now).Notice(ctx, id, domain.MailFactorRemoved, domain.Client{}, event)
	})
}

// chosen returns the factors to remove: the one with an id, or all if the id is empty. All
// includes factors that wait for their first code, and may be recovery codes alone: after the loss
// of a key, the service does not start until no row names it. Errors: domain.ErrFactorNotFound.
func chosen(ctx context.Context, r ports.Repositories, user domain.UserID, all []*domain.Factor, id string) ([]*domain.Factor, error) {
	if id != "" {
		factor, err := find(all, id)
		if err != nil {
			return nil, err
		}
		if !factor.IsConfirmed() {
			return nil, domain.ErrFactorNotFound
		}
		return []*domain.Factor{factor}, nil
	}
	left, err := r.Recovery.Left(ctx, user)
	if err == nil && len(all) == 0 && left == 0 {
		err = domain.ErrFactorNotFound
	}
	return all, err
}
