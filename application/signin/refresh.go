package signin

import (
	"context"
	"errors"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Refresh exchanges a refresh token for its successor. A second tab, or a client that
// lost the response, gets the same successor again within the grace interval, and
// another one later if no client has used the first.
type Refresh struct {
	p        Ports
	settings Settings
}

// NewRefresh returns the use case.
func NewRefresh(p Ports, s Settings) *Refresh { return &Refresh{p, s} }

// refreshAttempts bounds how often a refresh starts again after another request
// changed its session first. Each such request made progress.
const refreshAttempts = 20

// Execute returns the successor, at the cost of one read and one conditional write.
// The limit counts in the process's memory. Errors: domain.ErrRateLimited,
// domain.ErrInvalidRefreshToken, domain.ErrTokenExpired, domain.ErrSessionEnded,
// domain.ErrRefreshTokenReused after the session has been revoked.
func (uc *Refresh) Execute(ctx context.Context, cmd ports.RefreshCommand) (ports.RefreshResult, error) {
	claims, err := uc.p.Signer.ParseRefresh(cmd.RefreshToken)
	if err != nil {
		return ports.RefreshResult{}, err
	}
	if err := uc.settings.Tokens.CheckRefresh(claims, uc.p.Clock.Now()); err != nil {
		return ports.RefreshResult{}, err
	}
	if err := uc.p.limits().Take(ctx, cmd.Origin, domain.UserID{}, ports.Count{Limit: ports.LimitRefreshSession, Key: claims.SessionID.String()}); err != nil {
		return ports.RefreshResult{}, err
	}
	for range refreshAttempts {
		result, err := uc.attempt(ctx, claims, cmd.Origin)
		if !errors.Is(err, domain.ErrConflict) {
			return result, err
		}
	}
	return ports.RefreshResult{}, domain.ErrUnavailable
}

func (uc *Refresh) attempt(ctx context.Context, claims domain.RefreshClaims, o ports.Origin) (ports.RefreshResult, error) {
	session, user, err := uc.load(ctx, uc.p.Store.Repositories, claims)
	if err != nil {
		return ports.RefreshResult{}, err
	}
	now := uc.p.Clock.Now()
	outcome, err := uc.present(claims, o, session, user.User, now)
	if err != nil {
		return ports.RefreshResult{}, err
	}
	switch outcome {
	case domain.RefreshRotated:
		err = uc.p.Store.Sessions.Save(ctx, session)
	case domain.RefreshReplayedElsewhere:
		err = uc.p.Store.Audit.Append(ctx, uc.event(domain.EventRefreshReplayed, claims, o, now))
	case domain.RefreshReissued:
		err = uc.reissue(ctx, claims, o, session, now)
	case domain.RefreshReused:
		err = uc.revoke(ctx, claims, o, now)
	case domain.RefreshReplayed:
	}
	if err != nil {
		return ports.RefreshResult{}, err
	}
	tokens, err := signTokens(uc.p.Signer, uc.settings, session, user, now)
	return ports.RefreshResult{TokensResult: tokens, Outcome: outcome}, err
}

// present applies the rule of rotation to the session.
func (uc *Refresh) present(claims domain.RefreshClaims, o ports.Origin, session *domain.Session, user *domain.User, now time.Time) (domain.RefreshOutcome, error) {
	return session.Refresh(claims.Generation, o.Client, user.SessionEpoch(), uc.settings.Lives, now)
}

// reissue stores the session's new generation with its event. Errors:
// domain.ErrConflict if another request changed the session first.
func (uc *Refresh) reissue(ctx context.Context, claims domain.RefreshClaims, o ports.Origin, session *domain.Session, now time.Time) error {
	event := uc.event(domain.EventRefreshReissued, claims, o, now)
	var conflict error
	err := uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		if conflict = r.Sessions.Save(ctx, session); errors.Is(conflict, domain.ErrConflict) {
			return nil // the attempt begins again with the session as it is now
		}
		if conflict != nil {
			return conflict
		}
		return r.Audit.Append(ctx, event)
	})
	if err != nil {
		return err
	}
	return conflict
}

// revoke ends the session of a refresh token that was found reused at now.
func (uc *Refresh) revoke(ctx context.Context, claims domain.RefreshClaims, o ports.Origin, now time.Time) error {
	return uc.p.endCopied(ctx, claims.SessionID, o, now, func(session *domain.Session, user *domain.User) error {
		if err := uc.check(claims, user); err != nil {
			return err
		}
		outcome, err := uc.present(claims, o, session, user, now)
		if err == nil && outcome != domain.RefreshReused {
			return domain.ErrConflict // another request changed the session: begin again
		}
		return err
	}, domain.ErrRefreshTokenReused)
}

func (uc *Refresh) event(t domain.EventType, claims domain.RefreshClaims, o ports.Origin, now time.Time) domain.Event {
	return kit.Event(uc.p.IDs, t, o, now).About(claims.Subject).In(claims.SessionID)
}

// load returns the session of the claims with its user. Errors:
// domain.ErrSessionEnded if the session is gone or the policy admits the user no more,
// domain.ErrInvalidRefreshToken if the session belongs to another user.
func (uc *Refresh) load(ctx context.Context, r ports.Repositories, claims domain.RefreshClaims) (*domain.Session, holder, error) {
	session, user, err := withHolder(ctx, r, claims.SessionID, uc.settings.Claims.ReadsMetadata())
	if err != nil {
		return nil, holder{}, kit.Hide(err, domain.ErrSessionEnded)
	}
	if err := uc.check(claims, user.User); err != nil {
		return nil, holder{}, err
	}
	return session, user, nil
}

// withHolder loads a session with its user in one query, and with the metadata if that is true.
// Errors: domain.ErrSessionNotFound.
func withHolder(ctx context.Context, r ports.Repositories, id domain.SessionID, metadata bool) (session *domain.Session, user holder, err error) {
	if metadata {
		session, user.User, user.metadata, err = r.Sessions.WithUserAndMetadata(ctx, id)
		return session, user, err
	}
	session, user.User, err = r.Sessions.WithUser(ctx, id)
	return session, user, err
}

// check holds the user of a session against the claims. Errors: as load.
func (uc *Refresh) check(claims domain.RefreshClaims, user *domain.User) error {
	if user.ID() != claims.Subject {
		return domain.ErrInvalidRefreshToken
	}
	return uc.settings.Policy.Continue(user)
}
