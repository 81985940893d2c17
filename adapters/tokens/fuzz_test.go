package tokens_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

// FuzzParse: whatever arrives, a reader answers its one error or the claims of a
// token that it would sign again in the same bytes.
func FuzzParse(f *testing.F) {
	s := newSigner(f, currentKey)
	access, refresh := signAccess(f, s), signRefresh(f, s)
	head, claims := take(f, access)
	for _, seed := range []string{access, refresh, forge(f, currentKey, head, claims), "", "..", "a.b.c", access + "=", access[:50]} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if claims, err := s.ParseAccess(domain.NewSecret(token)); err != nil {
			require.ErrorIs(t, err, domain.ErrUnauthenticated)
		} else {
			_, err := s.SignAccess(claims)
			require.NoError(t, err)
		}
		if claims, err := s.ParseRefresh(domain.NewSecret(token)); err != nil {
			require.ErrorIs(t, err, domain.ErrInvalidRefreshToken)
		} else {
			_, err := s.SignRefresh(claims)
			require.NoError(t, err)
		}
	})
}

// FuzzClaims signs whatever text it is given, so that the readers behind the
// signature are reached; accepted claims survive being signed and read again.
func FuzzClaims(f *testing.F) {
	s := newSigner(f, currentKey)
	for _, token := range []string{signAccess(f, s), signRefresh(f, s)} {
		head, claims := take(f, token)
		f.Add(text(f, head), text(f, claims))
	}
	f.Fuzz(func(t *testing.T, head, claims string) {
		if len(claims) > 400 {
			return // written again with escapes, it might pass the limit of size
		}
		token := domain.NewSecret(forgeText(currentKey, head, claims))
		if got, err := s.ParseAccess(token); err == nil {
			again, err := s.SignAccess(got)
			require.NoError(t, err)
			read, err := s.ParseAccess(again)
			require.NoError(t, err)
			require.Equal(t, got, read)
		}
		if got, err := s.ParseRefresh(token); err == nil {
			again, err := s.SignRefresh(got)
			require.NoError(t, err)
			read, err := s.ParseRefresh(again)
			require.NoError(t, err)
			require.Equal(t, got, read)
		}
	})
}
