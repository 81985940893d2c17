package application

import (
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// tokens signs the session's present pair of tokens. All that goes into them
// comes from the stored session, so asking again gives the same pair.
func (d Dependencies) tokens(session *domain.Session, user *domain.User, now time.Time) (ports.TokensResult, error) {
	accessClaims := d.Settings.Rules.Access(session, user.Role())
	access, err := d.Signer.SignAccess(accessClaims)
	if err != nil {
		return ports.TokensResult{}, err
	}
	refreshClaims := d.Settings.Rules.Refresh(session)
	refresh, err := d.Signer.SignRefresh(refreshClaims)
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

// remember makes a device known to the account from now on.
func (d Dependencies) remember(id domain.DeviceID, user *domain.User, now time.Time) ports.DeviceResult {
	return ports.DeviceResult{DeviceToken: d.Signer.SignDevice(domain.RememberDevice(id, user, now))}
}

// secondsUntil returns the time from now to t in whole seconds, rounded up.
func secondsUntil(t, now time.Time) time.Duration {
	return (max(t.Sub(now), 0) + time.Second - 1).Truncate(time.Second)
}
