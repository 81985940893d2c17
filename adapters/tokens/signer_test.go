package tokens_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/tokens"
	"github.com/seed543b3b27/auth-service/domain"
)

func TestSigner_ReadsItsOwnTokens(t *testing.T) {
	t.Parallel()
	s := newSigner(t, currentKey)
	access, err := s.ParseAccess(domain.NewSecret(signAccess(t, s)))
	require.NoError(t, err)
	assert.Equal(t, accessClaims(), access)
	refresh, err := s.ParseRefresh(domain.NewSecret(signRefresh(t, s)))
	require.NoError(t, err)
	assert.Equal(t, refreshClaims(), refresh)
}

func TestSigner_KeepsSeveralAudiences(t *testing.T) {
	t.Parallel()
	s := newSigner(t, currentKey)
	claims := accessClaims()
	claims.Audience = []string{"elsewhere", rules.Audience}
	token, err := s.SignAccess(claims)
	require.NoError(t, err)
	got, err := s.ParseAccess(token)
	require.NoError(t, err)
	assert.Equal(t, claims, got)
}

func TestSigner_SigningAgainReturnsTheSameToken(t *testing.T) {
	t.Parallel()
	one, two := newSigner(t, currentKey), newSigner(t, currentKey, otherKey)
	for range 20 {
		assert.Equal(t, signAccess(t, one), signAccess(t, two))
		assert.Equal(t, signRefresh(t, one), signRefresh(t, two))
	}
}

// F-E2: RFC 9068 section 2.2 demands seven claims.
func TestSigner_WritesTheFormOfRFC9068(t *testing.T) {
	t.Parallel()
	s := newSigner(t, currentKey)
	head, claims := take(t, signAccess(t, s))
	assert.Len(t, head, 3)
	assert.Equal(t, "HS256", head["alg"])
	assert.Equal(t, "at+jwt", head["typ"])
	assert.NotEmpty(t, head["kid"])
	assert.Equal(t, object{
		"iss": "auth-service", "aud": "auth-service", "sub": subject.String(), "sid": session.String(),
		"jti": "one.1.at", "role": "user", "iat": float64(issuedAt.Unix()), "nbf": float64(issuedAt.Unix()),
		"exp": float64(issuedAt.Unix() + 1800), "amr": []any{"pwd"}, "auth_time": float64(issuedAt.Unix() - 3600), "client_id": "mobile",
	}, claims)
	head, claims = take(t, signRefresh(t, s))
	assert.Equal(t, "rt+jwt", head["typ"])
	assert.InDelta(t, 7, claims["gen"], 0)
	assert.NotContains(t, claims, "role")
}

func TestSigner_KeyIdentifierRevealsNothingOfTheKey(t *testing.T) {
	t.Parallel()
	head, _ := take(t, signAccess(t, newSigner(t, currentKey)))
	other, _ := take(t, signAccess(t, newSigner(t, otherKey)))
	assert.NotEqual(t, head["kid"], other["kid"])
	assert.Len(t, head["kid"], 11)
	assert.NotContains(t, currentKey, head["kid"])
}

func TestSigner_RefusesToSignUnreadableClaims(t *testing.T) {
	t.Parallel()
	s := newSigner(t, currentKey)
	for name, change := range map[string]func(*domain.AccessClaims){
		"no subject": func(c *domain.AccessClaims) { c.Subject = domain.UserID{} },
		"no session": func(c *domain.AccessClaims) { c.SessionID = domain.SessionID{} },
		"no role":    func(c *domain.AccessClaims) { c.Role = "" },
		"no issuer":  func(c *domain.AccessClaims) { c.Issuer = "" },
		"no expiry":  func(c *domain.AccessClaims) { c.ExpiresAt = time.Time{} },
		"no method":  func(c *domain.AccessClaims) { c.Methods = []domain.Method{""} },
		"before all": func(c *domain.AccessClaims) { c.AuthenticatedAt = time.Unix(0, 0) },
	} {
		claims := accessClaims()
		change(&claims)
		_, err := s.SignAccess(claims)
		assert.Error(t, err, name)
	}
	claims := refreshClaims()
	claims.Generation = 0
	_, err := s.SignRefresh(claims)
	assert.Error(t, err)
}

// S-28: a rolling change of keys refuses no live token.
func TestSigner_AcceptsPreviousKeysWhileTheyAreConfigured(t *testing.T) {
	t.Parallel()
	before, during, after := newSigner(t, otherKey), newSigner(t, currentKey, otherKey), newSigner(t, currentKey)
	old, fresh := signAccess(t, before), signAccess(t, during)
	assert.NoError(t, admitAccess(during, old, issuedAt))
	assert.NoError(t, admitAccess(during, fresh, issuedAt))
	assert.NoError(t, admitAccess(after, fresh, issuedAt))
	assert.ErrorIs(t, admitAccess(after, old, issuedAt), domain.ErrUnauthenticated)
	assert.NoError(t, admitRefresh(during, signRefresh(t, before), issuedAt))
	// The new key is handed out to all before any signs with it.
	assert.NoError(t, admitAccess(newSigner(t, otherKey, currentKey), fresh, issuedAt))
}

// S-27, F-L3: a weak or published key is refused by the name of its setting, never by
// its value.
func TestNew_RefusesWeakKeys(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]string{
		"empty":             "",
		"secret":            "secret",
		"changeme":          "changeme",
		"31 bytes":          currentKey[:31],
		"one letter":        strings.Repeat("a", 32),
		"a repeated piece":  strings.Repeat("0123456789abcdef", 4),
		"the alphabet":      "abcdefghijklmnopqrstuvwxyz012345",
		"few letters":       strings.Repeat("a", 10) + strings.Repeat("b", 12) + strings.Repeat("c", 13),
		"a long default":    "change-me-change-me-please-32-bytes!",
		"a template":        "your-secret-key-here-change-in-production",
		"a debugger's":      "a-string-secret-at-least-256-bits-long",
		"a tutorial's":      "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
		"compose.yaml's":    "only-on-this-machine-not-in-production",
		"the tests'":        "pV7m2Jd0yqKx8sZrT4uWb1nQeXcH6aLf9GgYhOi3",
		"a public key":      "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAqgxsYVYoiX+Y3/3Tzvd4KcYxLqyTJ5v0M9UHE3WNRpo=\n-----END PUBLIC KEY-----\n",
		"spelled otherwise": "CHANGE_ME.CHANGE_ME.CHANGE_ME.CHANGE",
	} {
		_, err := tokens.New(tokens.Keys{Secret: domain.NewSecret(key)})
		require.Error(t, err, name)
		assert.Contains(t, err.Error(), "Secret: ", name)
		assert.Contains(t, err.Error(), "at least 32 random bytes", name)
		if len(key) > len("secret") {
			assert.NotContains(t, err.Error(), key, name)
		}
		_, err = tokens.New(tokens.Keys{Secret: domain.NewSecret(currentKey), PreviousSecrets: secrets(otherKey, key)})
		require.Error(t, err, name)
		assert.Contains(t, err.Error(), "PreviousSecrets: number 2", name)
	}
}

func TestCheckKey_AdmitsRandomKeysInEveryUsualSpelling(t *testing.T) {
	t.Parallel()
	for _, key := range []string{
		currentKey,
		"5f2b9c0e7a1d4836b5e0c9f7128d3a64", // 16 bytes in hexadecimal: 128 bits
		"9c1f0b7ad25e864390be7c15fa2d8e0363d7b1a4098efc526b70d1349ae5f82c", // 32 bytes in hexadecimal
		"mV3sT9qLxN+8rYwB/0kZcGfJ2hPdUa6eQiRo1yXvWt4=",
		"\x8f\x02\xe1\x77\x3c\xb9\x10\xd4\x65\xaa\x9e\x41\x5b\xf0\x2d\xc8\x93\x06\x7e\xb1\xdf\x38\x4a\x95\xec\x13\x60\xa7\x59\xfb\x24\x86",
	} {
		assert.NoError(t, tokens.CheckKey(domain.NewSecret(key)))
	}
}

func ExampleSigner() {
	signer, err := tokens.New(tokens.Keys{Secret: domain.NewSecret(currentKey)})
	if err != nil {
		fmt.Println(err)
		return
	}
	token, _ := signer.SignAccess(accessClaims())
	claims, _ := signer.ParseAccess(token)
	fmt.Println(token, claims.Role, rules.CheckAccess(claims, issuedAt.Add(time.Minute)))
	fmt.Println(rules.CheckAccess(claims, issuedAt.Add(time.Hour)))
	// Output:
	// [secret] user <nil>
	// token_expired: The token has expired.
}
