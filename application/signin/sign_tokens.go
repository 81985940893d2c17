package signin

import (
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// holder is the user of a session, with the metadata that claims come from. The metadata is nil
// if none do.
type holder struct {
	*domain.User
	metadata *domain.Metadata
}

// signTokens returns the session's present pair of tokens, signed. A second call
// returns the same pair, because the claims come from the stored session and the role, unless
// the sources of further claims changed meanwhile (ADR 0040).
func signTokens(signer ports.TokenSigner, s Settings, session *domain.Session, user holder, now time.Time) (ports.TokensResult, error) {
	rules := s.Tokens
	accessClaims := rules.Access(session, user.Role())
	accessClaims.Extra = s.Claims.Values(user.User, user.metadata)
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
