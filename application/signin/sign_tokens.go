package signin

import (
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// signTokens returns the session's present pair of tokens, signed. A second call
// returns the same pair, because the claims come from the stored session and role.
func signTokens(signer ports.TokenSigner, rules domain.TokenRules, session *domain.Session, user *domain.User, now time.Time) (ports.TokensResult, error) {
	accessClaims := rules.Access(session, user.Role())
	access, err := signer.SignAccess(accessClaims)
	if err != nil {
		return ports.TokensResult{}, err
	}
	refreshClaims := rules.Refresh(session)
	refresh, err := signer.SignRefresh(refreshClaims)
	if err != nil {
		return ports.TokensResult{}, err
	}
	return ports.TokensResult{
		AccessToken:      access,
		RefreshToken:     refresh,
		ExpiresIn:        secondsUntil(accessClaims.ExpiresAt, now),
		RefreshExpiresIn: secondsUntil(refreshClaims.ExpiresAt, now),
		SessionID:        session.ID(),
	}, nil
}

// secondsUntil returns the time from now to t in whole seconds, rounded up.
func secondsUntil(t, now time.Time) time.Duration {
	return (max(t.Sub(now), 0) + time.Second - 1).Truncate(time.Second)
}
