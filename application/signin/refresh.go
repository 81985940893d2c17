package signin

import (
	"context"
	"errors"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Refresh exchanges a refresh token for its successor. A client that lost the
// response, or a second tab, gets the same successor again within the grace interval.
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
	if err := uc.p.limits().Take(ctx, cmd.Origin, domain.UserID{}, kit.Count{Limit: ports.LimitRefreshSession, Key: claims.SessionID.String()}); err != nil {
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
	outcome, err := session.Refresh(claims.Generation, user.SessionEpoch(), uc.settings.Lives, now)
	if err != nil {
		return ports.RefreshResult{}, err
	}
	switch outcome {
	case domain.RefreshRotated:
		if err := uc.p.Store.Sessions.Save(ctx, session); err != nil {
			return ports.RefreshResult{}, err
		}
	case domain.RefreshReused:
		return ports.RefreshResult{}, uc.revoke(ctx, claims, o, now)
	case domain.RefreshReplayed:
	}
	tokens, err := signTokens(uc.p.Signer, uc.settings.Tokens, session, user, now)
	return ports.RefreshResult{TokensResult: tokens, Replayed: outcome == domain.RefreshReplayed}, err
}

// revoke ends the session of a token that was found reused at now, and mails its
// owner a notice. The refusal leaves the unit of work in a variable, because
// returning it as an error would roll the revocation back.
func (uc *Refresh) revoke(ctx context.Context, claims domain.RefreshClaims, o ports.Origin, now time.Time) error {
	event := kit.Event(uc.p.IDs, domain.EventRefreshTokenReused, o, now).About(claims.Subject).In(claims.SessionID)
	var verdict error
	err := uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		session, user, err := uc.load(ctx, r, claims)
		if err != nil {
			return err
		}
		// At the same now the outcome is the same, because generations only grow.
		_, verdict = session.Refresh(claims.Generation, user.SessionEpoch(), uc.settings.Lives, now)
		if verdict != nil {
			return nil //nolint:nilerr // the session is over already: refuse without another mail
		}
		verdict = domain.ErrRefreshTokenReused
		if err := r.Sessions.Save(ctx, session); err != nil {
			return err
		}
		if err := r.Audit.Append(ctx, event); err != nil {
			return err
		}
		return kit.Notify(ctx, r, user.ID(), domain.MailSessionReused, now)
	})
	if err != nil {
		return err
	}
	return verdict
}

// load returns the session of the claims with its user. Errors:
// domain.ErrSessionEnded if the session is gone or the user disabled,
// domain.ErrInvalidRefreshToken if the session belongs to another user.
func (uc *Refresh) load(ctx context.Context, r ports.Repositories, claims domain.RefreshClaims) (*domain.Session, *domain.User, error) {
	session, user, err := r.Sessions.WithUser(ctx, claims.SessionID)
	if err != nil {
		return nil, nil, kit.Hide(err, domain.ErrSessionEnded)
	}
	if user.ID() != claims.Subject {
		return nil, nil, domain.ErrInvalidRefreshToken
	}
	if user.Status() != domain.StatusActive {
		return nil, nil, domain.ErrSessionEnded
	}
	return session, user, nil
}
