package tokens_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/tokens"
	"github.com/seed543b3b27/auth-service/domain"
)

// FuzzParse: for any text, a reader returns its one error or the claims of a token
// that it would sign again.
func FuzzParse(f *testing.F) {
	s := newSigner(f, currentKey)
	fuzzParse(f, s, signAccess(f, s), signRefresh(f, s))
}

// FuzzParseAsymmetric does the same with asymmetric keys for access tokens.
func FuzzParseAsymmetric(f *testing.F) {
	s := asymmetric(f, edKey, publicPEM(f, rsaKey()))
	fuzzParse(f, s, signAccess(f, s), signRefresh(f, s), signAccess(f, newSigner(f, currentKey)), signAccess(f, asymmetric(f, rsaKey())))
}

func fuzzParse(f *testing.F, s *tokens.Signer, genuine ...string) {
	f.Helper()
	for _, token := range genuine {
		head, claims := take(f, token)
		for _, seed := range []string{token, forge(f, otherKey, head, claims), token + "=", token[:50]} {
			f.Add(seed)
		}
	}
	for _, seed := range []string{"", "..", "a.b.c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if claims, err := s.ParseAccess(domain.NewSecret(token)); err != nil {
			require.ErrorIs(t, err, domain.ErrUnauthenticated)
		} else {
			require.Contains(t, genuine, token, "only the test has the keys")
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

// FuzzClaims signs any text, so that it tests the readers after the check of the signature.
// Accepted claims do not change when they are signed and read again.
func FuzzClaims(f *testing.F) {
	s := newSigner(f, currentKey)
	fuzzClaims(f, s, func(_ *testing.T, head, claims string) string { return forgeText(currentKey, head, claims) })
}

// FuzzClaimsAsymmetric does the same with the asymmetric key.
func FuzzClaimsAsymmetric(f *testing.F) {
	s := asymmetric(f, edKey)
	fuzzClaims(f, s, func(t *testing.T, head, claims string) string {
		t.Helper()
		signed := encode([]byte(head)) + "." + encode([]byte(claims))
		return signed + "." + encode(signWith(t, edKey, 0, signed))
	})
}

func fuzzClaims(f *testing.F, s *tokens.Signer, forge func(t *testing.T, head, claims string) string) {
	f.Helper()
	for _, token := range []string{signAccess(f, s), signRefresh(f, s)} {
		head, claims := take(f, token)
		f.Add(text(f, head), text(f, claims))
	}
	f.Fuzz(func(t *testing.T, head, claims string) {
		if len(claims) > 400 {
			return // written again with escapes, it might pass the limit of size
		}
		token := domain.NewSecret(forge(t, head, claims))
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
