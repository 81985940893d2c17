package contract

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

// challenge returns the challenge of a sign-in with two proofs.
func challenge() domain.Challenge {
	at := start.Add(123456 * time.Microsecond)
	return domain.Challenge{
		UserID: domain.UserID{0x01, 0x9b, 0x70, 6: 0x70, 8: 0x80, 15: 0xfe},
		Email:  "ada@example.com",
		Epoch:  3,
		Proofs: domain.Proofs{
			domain.ProofByPassword(at),
			{Method: "hwk", At: at.Add(time.Second), MultiFactor: true, Source: "https://id.example.com \"ä\" <&>"},
		},
		ExpiresAt: at.Add(domain.ChallengeLife),
	}
}

// requireNoChallenge demands that text is not a challenge.
func (s signer) requireNoChallenge(t testing.TB, text, why string) {
	t.Helper()
	got, ok := s.ParseChallenge(domain.NewSecret(text))
	require.False(t, ok, why)
	require.Zero(t, got)
}

func signerChallenges(t *testing.T, s signer) {
	whole := challenge()
	late, first, single := whole, whole, whole
	late.Epoch, late.ExpiresAt = math.MaxInt64, time.Date(2199, time.December, 31, 23, 59, 59, 999_999_000, time.UTC)
	first.Epoch = 0
	single.Proofs = whole.Proofs[:1]
	for _, c := range []domain.Challenge{whole, late, first, single} {
		token := s.SignChallenge(c)
		got, ok := s.ParseChallenge(token)
		require.True(t, ok)
		assert.Equal(t, c, got)
		assert.Equal(t, token.Reveal(), s.SignChallenge(c).Reveal(), "the same challenge gives the same text")
	}
	local := challenge()
	elsewhere := time.FixedZone("elsewhere", 3600)
	local.ExpiresAt = local.ExpiresAt.Add(999 * time.Nanosecond).In(elsewhere)
	local.Proofs[0].At = local.Proofs[0].At.Add(999 * time.Nanosecond).In(elsewhere)
	kept := local.Proofs[0].At
	got, ok := s.ParseChallenge(s.SignChallenge(local))
	require.True(t, ok)
	assert.Equal(t, whole, got, "UTC, in whole microseconds")
	assert.Equal(t, kept, local.Proofs[0].At, "the caller's proofs stay as they are")
}

// S-24: a challenge is accepted only as a challenge, and no other token is.
func signerChallengeKinds(t *testing.T, s signer) {
	token := s.SignChallenge(challenge())
	access, err := s.ParseAccess(token)
	require.ErrorIs(t, err, domain.ErrUnauthenticated)
	require.Zero(t, access)
	refresh, err := s.ParseRefresh(token)
	require.ErrorIs(t, err, domain.ErrInvalidRefreshToken)
	require.Zero(t, refresh)
	s.requireNoDevice(t, token.Reveal(), "a challenge")
	accessToken, refreshToken := signUsual(t, s)
	s.requireNoChallenge(t, accessToken, "an access token")
	s.requireNoChallenge(t, refreshToken, "a refresh token")
	s.requireNoChallenge(t, s.SignDevice(device(), owner(t)).Reveal(), "a device token")
	s.requireNoChallenge(t, s.stranger.SignChallenge(challenge()).Reveal(), "a challenge of other keys")
}

// V-33: one challenge has one spelling.
func signerChallengeAltered(t *testing.T, s signer) {
	text := s.SignChallenge(challenge()).Reveal()
	for i := range len(text) {
		s.requireNoChallenge(t, text[:i]+text[i+1:], "one character less")
		if text[i] != 'A' {
			s.requireNoChallenge(t, text[:i]+"A"+text[i+1:], "another character")
		}
		if flipped := text[i] ^ 1; flipped > ' ' {
			s.requireNoChallenge(t, text[:i]+string(rune(flipped))+text[i+1:], "a bit flipped")
		}
		s.requireNoChallenge(t, text[:i]+"\n"+text[i:], "a line break inserted")
	}
	for _, more := range []string{"=", "A", ".", " ", "\n", "\x00", ".A", text} {
		s.requireNoChallenge(t, text+more, "something appended")
		s.requireNoChallenge(t, more+text, "something prepended")
	}
	other := challenge()
	other.Epoch++
	half := len(text) / 2
	s.requireNoChallenge(t, s.SignChallenge(other).Reveal()[:half]+text[half:], "the end of another challenge")
}
