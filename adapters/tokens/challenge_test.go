package tokens_test

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

func testChallenge() domain.Challenge {
	return domain.Challenge{
		UserID: subject, Email: "ada@example.com", Epoch: 2,
		Proofs: domain.Proofs{domain.ProofByPassword(issuedAt)}, ExpiresAt: issuedAt.Add(domain.ChallengeLife),
	}
}

// S-28 for sign-ins that are under way while keys change.
func TestChallenge_IsGenuineUnderThePreviousKeys(t *testing.T) {
	t.Parallel()
	before, during, after := newSigner(t, otherKey), newSigner(t, currentKey, otherKey), newSigner(t, currentKey)
	old, fresh := before.SignChallenge(testChallenge()), during.SignChallenge(testChallenge())
	for token, s := range map[domain.Secret]interface {
		ParseChallenge(domain.Secret) (domain.Challenge, bool)
	}{old: during, fresh: after} {
		got, ok := s.ParseChallenge(token)
		require.True(t, ok)
		assert.Equal(t, testChallenge(), got)
	}
	_, ok := after.ParseChallenge(old)
	assert.False(t, ok)
	assert.Equal(t, fresh.Reveal(), after.SignChallenge(testChallenge()).Reveal(), "the current secret signs")
}

// The key of challenges is derived: the JWT key itself, or the key of device tokens,
// signs none.
func TestChallenge_KeyIsNeitherTheJWTKeyNorThatOfDevices(t *testing.T) {
	t.Parallel()
	s := newSigner(t, currentKey)
	token := s.SignChallenge(testChallenge()).Reveal()
	raw, err := base64.RawURLEncoding.DecodeString(token)
	require.NoError(t, err)
	body := string(raw[:len(raw)-sha256.Size])
	assert.Equal(t, token, sealChallenge(challengeKey(t), body).Reveal(), "the forging is sound")
	deviceKey, err := hkdf.Key(sha256.New, []byte(currentKey), nil, "auth-service: key of device tokens, version 1", sha256.Size)
	require.NoError(t, err)
	for _, key := range []string{currentKey, string(deviceKey), ""} {
		_, ok := s.ParseChallenge(sealChallenge(key, body))
		assert.False(t, ok)
	}
}

// A challenge of any length is signed, and one that no sign-in makes is not decoded.
func TestChallenge_IsBoundedInLength(t *testing.T) {
	t.Parallel()
	s := newSigner(t, currentKey)
	long := testChallenge()
	for range 30 {
		long.Proofs = append(long.Proofs, domain.Proof{Method: "otp", At: issuedAt, Source: strings.Repeat("s", 50)})
	}
	token := s.SignChallenge(long)
	assert.Less(t, len(token.Reveal()), 2*4096, "only the bound refuses it")
	_, ok := s.ParseChallenge(token)
	assert.False(t, ok)
	long.Proofs = long.Proofs[:20]
	got, ok := s.ParseChallenge(s.SignChallenge(long))
	assert.True(t, ok)
	assert.Equal(t, long, got)
}

// A signed text that is no challenge is refused too.
func TestChallenge_RefusesOtherContent(t *testing.T) {
	t.Parallel()
	s := newSigner(t, currentKey)
	for _, body := range []string{"", "null", "{}", "[]", `{"user":1}`, `{"user":""}`, `{"user":"1"}`, "\xff"} {
		_, ok := s.ParseChallenge(sealChallenge(challengeKey(t), body))
		assert.False(t, ok, body)
	}
	_, ok := s.ParseChallenge(domain.NewSecret(strings.Repeat("A", 1_000_000)))
	assert.False(t, ok)
}

// challengeKey returns the key that newSigner(t, currentKey) derives.
func challengeKey(t testing.TB) string {
	t.Helper()
	key, err := hkdf.Key(sha256.New, []byte(currentKey), nil, "auth-service: key of sign-in challenges, version 1", sha256.Size)
	require.NoError(t, err)
	return string(key)
}

func sealChallenge(key, body string) domain.Secret {
	return domain.NewSecret(encode(append([]byte(body), macOf(key, body)...)))
}

// A challenge fits into what the reader takes, whatever the address and the sources.
func TestChallenge_IsReadAtItsLargest(t *testing.T) {
	t.Parallel()
	s := newSigner(t, currentKey)
	c := testChallenge()
	c.Email = strings.Repeat("x", domain.MaxEmailLength)
	for i := range 3 {
		c.Proofs = append(c.Proofs, domain.Proof{Method: "fed", At: issuedAt.Add(time.Duration(i)), Source: strings.Repeat("x", 512)})
	}
	_, ok := s.ParseChallenge(s.SignChallenge(c))
	assert.True(t, ok)
}

// FuzzChallenge: whatever is signed by the key of challenges, it is refused or
// survives being signed and read again.
func FuzzChallenge(f *testing.F) {
	s, key := newSigner(f, currentKey), challengeKey(f)
	raw, err := base64.RawURLEncoding.DecodeString(s.SignChallenge(testChallenge()).Reveal())
	require.NoError(f, err)
	f.Add(string(raw[:len(raw)-sha256.Size]))
	f.Fuzz(func(t *testing.T, body string) {
		if len(body) > 400 {
			return // written again with escapes, it might pass the limit of size
		}
		if got, ok := s.ParseChallenge(sealChallenge(key, body)); ok {
			again, ok := s.ParseChallenge(s.SignChallenge(got))
			require.True(t, ok)
			require.Equal(t, got, again)
		}
	})
}
