package audit

import (
	"context"
	"slices"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ExportAccount returns all data that the service stores about the caller (GDPR
// articles 15 and 20).
type ExportAccount struct {
	p     Ports
	lives domain.SessionLives
}

// NewExportAccount returns the use case. lives are how long sessions last.
func NewExportAccount(p Ports, lives domain.SessionLives) *ExportAccount {
	return &ExportAccount{p, lives}
}

// Execute collects the data and records the export. The caller's own session is as domain.Session.HeldBy
// returns it. Errors: domain.ErrUnauthenticated.
func (uc *ExportAccount) Execute(ctx context.Context, cmd ports.ExportAccountCommand) (ports.ExportAccountResult, error) {
	user, _, err := cmd.Principal.SignedIn()
	if err != nil {
		return ports.ExportAccountResult{}, err
	}
	result := ports.ExportAccountResult{User: user}
	if result.Metadata, err = uc.p.Store.Metadata.ByUser(ctx, user.ID()); err != nil {
		return ports.ExportAccountResult{}, err
	}
	if result.Sessions, err = uc.p.Store.Sessions.ByUser(ctx, user.ID()); err != nil {
		return ports.ExportAccountResult{}, err
	}
	now := uc.p.Clock.Now()
	kit.HideRotation(result.Sessions, cmd.Principal, cmd.Origin, uc.lives, now)
	for _, use := range domain.TokenUses() {
		tokens, err := uc.p.Store.Tokens.ByUser(ctx, use, user.ID())
		if err != nil {
			return ports.ExportAccountResult{}, err
		}
		result.Tokens = append(result.Tokens, tokens...)
	}
	if result.Factors, err = kit.FactorsOf(ctx, uc.p.Store.Repositories, user.ID()); err != nil {
		return ports.ExportAccountResult{}, err
	}
	if result.Events, result.EventsTruncated, err = uc.events(ctx, user.ID()); err != nil {
		return ports.ExportAccountResult{}, err
	}
	result.Events = kit.WithoutFreshReplays(result.Events, cmd.Principal, uc.lives, now)
	event := kit.Event(uc.p.IDs, domain.EventAccountExported, cmd.Origin, uc.p.Clock.Now()).About(user.ID()).By(cmd.Principal)
	err = uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error { return r.Audit.Append(ctx, event) })
	if err != nil {
		return ports.ExportAccountResult{}, err
	}
	return result, nil
}

// events returns the events about a user, and the events in which the user acted on
// other users. The latter are included because they hold the user's own address.
func (uc *ExportAccount) events(ctx context.Context, id domain.UserID) (newest []domain.Event, truncated bool, err error) {
	var about, by []domain.Event
	moreAbout, err := uc.all(ctx, ports.AuditQuery{SubjectID: id, ExceptDetail: hidden}, func(e domain.Event) { about = append(about, e.ForSubject()) })
	if err != nil {
		return nil, false, err
	}
	moreBy, err := uc.all(ctx, ports.AuditQuery{ActorID: id}, func(e domain.Event) {
		if e.SubjectID != id {
			by = append(by, e)
		}
	})
	if err != nil {
		return nil, false, err
	}
	events := slices.Concat(about, by)
	slices.SortStableFunc(events, func(a, b domain.Event) int { return b.At.Compare(a.At) })
	return events, moreAbout || moreBy, nil
}

// maxExportPages bounds an export to 10,000 events of each sort, well within the
// time of a request. The bound is needed because failed logins of attackers can
// cause far more events.
const maxExportPages = 50

// all calls each with the newest events of a query, page by page, and reports
// whether there are more.
func (uc *ExportAccount) all(ctx context.Context, q ports.AuditQuery, each func(domain.Event)) (more bool, err error) {
	q.Limit = kit.MaxPageSize
	var cursor string
	for range maxExportPages {
		page, err := uc.p.eventsPage(ctx, q, cursor)
		if err != nil {
			return false, err
		}
		for _, event := range page.Events {
			each(event)
		}
		if cursor = page.NextCursor; cursor == "" {
			return false, nil
		}
	}
	return true, nil
}
