package contract

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// RunTokenSigner holds a signer to its contract. fresh makes a signer with unique keys,
// for the issuer and audience "auth-service".
func RunTokenSigner(t *testing.T, fresh func(t testing.TB) ports.TokenSigner) {
	t.Helper()
	for _, test := range []struct {
		name string
		run  func(t *testing.T, s signer)
	}{
		{"RoundTripsEveryClaim", signerRoundTrip},
		{"TheSameClaimsGiveTheSameToken", signerDeterministic},
		{"ReadsExpiredTokensToo", signerExpired},
		{"KeepsTheKindsApart", signerKinds},
		{"RefusesOtherKeys", signerForeign},
		{"RefusesEveryAlteration", signerAltered},
		{"RefusesTextsThatAreNotTokens", signerGarbage},
		{"RoundTripsDevices", signerDevices},
		{"ComparesTheAddressOfADevice", signerDeviceAddresses},
		{"KeepsDevicesApart", signerDeviceKinds},
		{"RefusesEveryAlterationOfADevice", signerDeviceAltered},
		{"RoundTripsChallenges", signerChallenges},
		{"KeepsChallengesApart", signerChallengeKinds},
		{"RefusesEveryAlterationOfAChallenge", signerChallengeAltered},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, signer{fresh(t), fresh(t)})
		})
	}
}

// signer is the signer under test, with a stranger that has other keys.
type signer struct {
	ports.TokenSigner
	stranger ports.TokenSigner
}

// claims returns the claims of a session that was refreshed once.
func claims(t testing.TB) (domain.AccessClaims, domain.RefreshClaims) {
	t.Helper()
	u := newUser(t, "ada@example.com", admin)
	session := newSession(t, u, start)
	_, err := session.Refresh(1, domain.Client{}, u.SessionEpoch(), lives, start.Add(time.Minute))
	require.NoError(t, err)
	rules := domain.TokenRules{Issuer: "auth-service", Audience: "auth-service", AccessLife: 30 * time.Minute}
	return rules.Access(session, u.Role()), rules.Refresh(session)
}

// sign signs both kinds of claims.
func sign(t testing.TB, s ports.TokenSigner, a domain.AccessClaims, r domain.RefreshClaims) (access, refresh string) {
	t.Helper()
	accessToken, err := s.SignAccess(a)
	require.NoError(t, err)
	refreshToken, err := s.SignRefresh(r)
	require.NoError(t, err)
	return accessToken.Reveal(), refreshToken.Reveal()
}

// requireRefused demands that text is not a token of any kind.
func (s signer) requireRefused(t testing.TB, text, why string) {
	t.Helper()
	access, err := s.ParseAccess(domain.NewSecret(text))
	require.ErrorIs(t, err, domain.ErrUnauthenticated, why)
	require.Zero(t, access)
	refresh, err := s.ParseRefresh(domain.NewSecret(text))
	require.ErrorIs(t, err, domain.ErrInvalidRefreshToken, why)
	require.Zero(t, refresh)
	s.requireNoDevice(t, text, why)
	s.requireNoChallenge(t, text, why)
}

func (s signer) requireAccepted(t testing.TB, a domain.AccessClaims, r domain.RefreshClaims) {
	t.Helper()
	access, refresh := sign(t, s, a, r)
	gotAccess, err := s.ParseAccess(domain.NewSecret(access))
	require.NoError(t, err)
	assert.Equal(t, a, gotAccess)
	gotRefresh, err := s.ParseRefresh(domain.NewSecret(refresh))
	require.NoError(t, err)
	assert.Equal(t, r, gotRefresh)
}

func signerRoundTrip(t *testing.T, s signer) {
	a, r := claims(t)
	s.requireAccepted(t, a, r)
	a.Role, r.Generation = domain.RoleUser, 7_000_000_000
	a.Methods = []domain.Method{domain.MethodPassword, "otp", domain.MethodMultiFactor}
	s.requireAccepted(t, a, r)
	// Earlier releases did not say how and by which client the user signed in.
	a.Methods, a.AuthenticatedAt, a.ClientID = nil, time.Time{}, ""
	s.requireAccepted(t, a, r)
}

// signerDeterministic holds that a lost answer can be given again.
func signerDeterministic(t *testing.T, s signer) {
	a, r := claims(t)
	access, refresh := sign(t, s, a, r)
	againAccess, againRefresh := sign(t, s, a, r)
	assert.Equal(t, access, againAccess)
	assert.Equal(t, refresh, againRefresh)
	r.Generation++
	_, other := sign(t, s, a, r)
	assert.NotEqual(t, refresh, other)
}

// signerExpired holds that expired tokens are read, because a logout accepts them and
// only the domain judges the time.
func signerExpired(t *testing.T, s signer) {
	a, r := claims(t)
	past := time.Date(2020, time.January, 1, 0, 0, 0, 0, time.UTC)
	a.IssuedAt, a.NotBefore, a.ExpiresAt = past, past, past.Add(time.Minute)
	r.IssuedAt, r.ExpiresAt = past, past.Add(time.Minute)
	s.requireAccepted(t, a, r)
}

// S-24: each endpoint accepts only its own kind of token.
func signerKinds(t *testing.T, s signer) {
	access, refresh := signUsual(t, s)
	_, err := s.ParseAccess(domain.NewSecret(refresh))
	require.ErrorIs(t, err, domain.ErrUnauthenticated)
	_, err = s.ParseRefresh(domain.NewSecret(access))
	require.ErrorIs(t, err, domain.ErrInvalidRefreshToken)
}

// signUsual signs the usual claims.
func signUsual(t testing.TB, s ports.TokenSigner) (access, refresh string) {
	t.Helper()
	a, r := claims(t)
	return sign(t, s, a, r)
}

func signerForeign(t *testing.T, s signer) {
	access, refresh := signUsual(t, s.stranger)
	s.requireRefused(t, access, "an access token of other keys")
	s.requireRefused(t, refresh, "a refresh token of other keys")
}

// S-21, S-22, V-33: one token has one spelling.
func signerAltered(t *testing.T, s signer) {
	access, refresh := signUsual(t, s)
	for _, text := range []string{access, refresh} {
		for i := range len(text) {
			s.requireRefused(t, text[:i]+text[i+1:], "one character less")
			if text[i] != 'A' {
				s.requireRefused(t, text[:i]+"A"+text[i+1:], "another character")
			}
			if flipped := text[i] ^ 1; flipped > ' ' {
				s.requireRefused(t, text[:i]+string(rune(flipped))+text[i+1:], "a bit flipped")
			}
			s.requireRefused(t, text[:i]+"\n"+text[i:], "a line break inserted")
		}
		for _, more := range []string{"=", "==", "A", ".", " ", "\n", "\r\n", "\t", "\x00", ".A", "," + text, "." + text} {
			s.requireRefused(t, text+more, "something appended")
			s.requireRefused(t, more+text, "something prepended")
		}
		parts := strings.Split(text, ".")
		s.requireRefused(t, strings.Join(parts[:len(parts)-1], ".")+".", "no signature")
		s.requireRefused(t, strings.Join(parts[:len(parts)-1], "."), "one part less")
	}
	_, otherRefresh := signUsual(t, s)
	i, j := strings.LastIndexByte(refresh, '.'), strings.LastIndexByte(otherRefresh, '.')
	s.requireRefused(t, refresh[:i]+otherRefresh[j:], "the signature of another token")
}

func signerGarbage(t *testing.T, s signer) {
	for _, text := range []string{
		"", ".", "..", "...", "a.b.c", "null", "{}", "eyJhbGciOiJub25lIn0.e30.", "Bearer x", "\x00", "\xff\xfe", "🔑",
		strings.Repeat(".", 100_000), strings.Repeat("A", 100_000),
	} {
		s.requireRefused(t, text, "not a token")
	}
	_, err := s.ParseAccess(domain.Secret{})
	require.ErrorIs(t, err, domain.ErrUnauthenticated)
	_, err = s.ParseRefresh(domain.Secret{})
	require.ErrorIs(t, err, domain.ErrInvalidRefreshToken)
}
