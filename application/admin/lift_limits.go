package admin

import (
	"context"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// LiftLimits lets staff end the limits that hold for a user, an address or a network.
type LiftLimits struct {
	p        Ports
	failures domain.FailureLimit
}

// NewLiftLimits returns the use case. failures is how many wrong passwords in a row lock an
// address.
func NewLiftLimits(p Ports, failures domain.FailureLimit) *LiftLimits {
	return &LiftLimits{p, failures}
}

// Execute lifts the limits, and ends a lock by wrong passwords in a row and a row of wrong codes
// of second factors. Processes that share the counts follow within seconds. It returns the limits as they were. Errors: as
// ListLimits, domain.ErrRateLimited.
func (uc *LiftLimits) Execute(ctx context.Context, cmd ports.LiftLimitsCommand) (ports.LimitsResult, error) {
	if err := cmd.Principal.Allows(domain.PermissionHelpUsers); err != nil {
		return ports.LimitsResult{}, err
	}
	if err := takeWrite(ctx, uc.p, cmd.Origin, cmd.Principal); err != nil {
		return ports.LimitsResult{}, err
	}
	l, err := findLimited(ctx, uc.p, cmd.Of)
	if err != nil {
		return ports.LimitsResult{}, err
	}
	if err := uc.mayHelpMailbox(ctx, cmd.Principal, l); err != nil {
		return ports.LimitsResult{}, err
	}
	if l.user != nil {
		if err := cmd.Principal.MayHelp(l.user); err != nil {
			return ports.LimitsResult{}, err
		}
		// Otherwise nothing would bound what a stolen session of an administrator does.
		if own, err := cmd.Principal.Account(); err == nil && own.ID() == l.user.ID() {
			return ports.LimitsResult{}, domain.ErrForbidden.WithDetail("Another administrator, or the operator, lifts your own limits.")
		}
	}
	before, err := l.uses(ctx, uc.p, uc.failures)
	if err != nil {
		return ports.LimitsResult{}, err
	}
	if err := uc.record(ctx, l, cmd); err != nil {
		return ports.LimitsResult{}, err
	}
	return before, uc.p.Limiter.Lift(ctx, l.events()...)
}

// mayHelpMailbox returns nil if the principal may help the account of the address without its
// detail, by which mails to l count. Errors: as Principal.MayHelp.
func (uc *LiftLimits) mayHelpMailbox(ctx context.Context, p domain.Principal, l limited) error {
	mailbox := l.email.Mailbox()
	if l.email.IsZero() || mailbox == l.email {
		return nil
	}
	owner, err := uc.p.Store.Users.ByEmail(ctx, mailbox)
	if err != nil {
		return kit.Hide(err, nil)
	}
	return p.MayHelp(owner)
}

// record ends the lock of the address and the row of wrong codes, and records what is lifted. A
// network is no user, so it is the Reason of its event, which only staff see. An address without
// an account stays unnamed, because events hold no addresses.
func (uc *LiftLimits) record(ctx context.Context, l limited, cmd ports.LiftLimitsCommand) error {
	now := uc.p.Clock.Now()
	event := func(of string) domain.Event {
		return kit.Event(uc.p.IDs, domain.EventLimitsLifted, cmd.Origin, now).By(cmd.Principal).Saying(of)
	}
	var events []domain.Event
	switch {
	case l.user != nil:
		events = append(events, event(ofUser).About(l.user.ID()))
	case !l.email.IsZero():
		events = append(events, event(ofAddress))
	}
	if l.network != "" {
		events = append(events, event(ofNetwork).Because(l.network))
	}
	return uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		if rows := l.rows(); len(rows) > 0 {
			if err := r.Failures.Clear(ctx, rows...); err != nil {
				return err
			}
		}
		return kit.Record(ctx, r, events)
	})
}
