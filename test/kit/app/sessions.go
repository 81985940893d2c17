package app

import (
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// MustRefresh exchanges a refresh token, and demands that it succeeds.
func (b *Bundle) MustRefresh(token domain.Secret) ports.TokensResult {
	b.Helper()
	tokens, err := b.Refresh(token)
	require.NoError(b, err)
	return tokens
}

// LogoutEverywhere ends all sessions of a principal's user, and returns their number.
func (b *Bundle) LogoutEverywhere(p domain.Principal) int {
	b.Helper()
	result, err := b.UseCases.LogoutEverywhere.Execute(b.Context(), ports.LogoutEverywhereCommand{Principal: p, Origin: b.From})
	require.NoError(b, err)
	return result.Revoked
}

// Revoke ends one session of a principal's user.
func (b *Bundle) Revoke(p domain.Principal, id string) error {
	_, err := b.UseCases.RevokeSession.Execute(b.Context(), ports.RevokeSessionCommand{Principal: p, SessionID: id, Origin: b.From})
	return err
}

// SessionIDs returns the identifiers of sessions, in their order.
func SessionIDs(sessions []*domain.Session) []domain.SessionID {
	ids := []domain.SessionID{}
	for _, s := range sessions {
		ids = append(ids, s.ID())
	}
	return ids
}

// Device signs in from a new device, and returns the token that the device is known by.
func (b *Bundle) Device(address, pass string) domain.Secret {
	b.Helper()
	return b.Again(domain.Secret{}, address, pass)
}

// Again signs in from a device, and returns its new token.
func (b *Bundle) Again(device domain.Secret, address, pass string) domain.Secret {
	b.Helper()
	result, err := b.LoginFrom(device, address, pass)
	require.NoError(b, err)
	return result.DeviceToken
}

// Exceeded demands that a limit refuses a login.
func (b *Bundle) Exceeded(limit ports.Limit, device domain.Secret, address string) {
	b.Helper()
	refusal := b.Refused(domain.ErrRateLimited, func() error { _, err := b.LoginFrom(device, address, Password); return err })
	assert.Equal(b, string(limit), refusal.Exceeded.Limit)
}
