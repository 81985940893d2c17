package tokens_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/tokens"
	"github.com/seed543b3b27/auth-service/domain"
)

const (
	currentKey = "q0Wk7x1vJ9mT3bZr8LdPfYhC5nGsA2eU4oKiXwQy"
	otherKey   = "Zt6RmB1pXc9LqVwN3yGhK8sJdF0uE5aTo2iHbPnM"
)

var (
	issuedAt = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	rules    = domain.TokenRules{
		Issuer: "auth-service", Audience: "auth-service",
		AccessLife: 30 * time.Minute, Leeway: 30 * time.Second,
	}
	subject = domain.UserID{0x01, 0x9a, 15: 1}
	session = domain.SessionID{0x01, 0x9a, 15: 2}
)

func newSigner(t testing.TB, current string, previous ...string) *tokens.Signer {
	t.Helper()
	return newSignerOf(t, tokens.Keys{Secret: domain.NewSecret(current), PreviousSecrets: secrets(previous...)})
}

func newSignerOf(t testing.TB, keys tokens.Keys) *tokens.Signer {
	t.Helper()
	s, err := tokens.New(keys)
	require.NoError(t, err)
	return s
}

func secrets(texts ...string) []domain.Secret {
	var all []domain.Secret
	for _, text := range texts {
		all = append(all, domain.NewSecret(text))
	}
	return all
}

func accessClaims() domain.AccessClaims {
	return domain.AccessClaims{
		ID: "one.1.at", Issuer: rules.Issuer, Audience: []string{rules.Audience},
		Subject: subject, SessionID: session, ClientID: "mobile", Role: domain.RoleUser,
		Methods: []domain.Method{domain.MethodPassword}, AuthenticatedAt: issuedAt.Add(-time.Hour),
		IssuedAt: issuedAt, NotBefore: issuedAt, ExpiresAt: issuedAt.Add(rules.AccessLife),
	}
}

func refreshClaims() domain.RefreshClaims {
	return domain.RefreshClaims{
		ID: "one.1.rt", Issuer: rules.Issuer, Audience: []string{rules.Audience},
		Subject: subject, SessionID: session, Generation: 7,
		IssuedAt: issuedAt, ExpiresAt: issuedAt.Add(7 * 24 * time.Hour),
	}
}

func signAccess(t testing.TB, s *tokens.Signer) string {
	t.Helper()
	token, err := s.SignAccess(accessClaims())
	require.NoError(t, err)
	return token.Reveal()
}

func signRefresh(t testing.TB, s *tokens.Signer) string {
	t.Helper()
	token, err := s.SignRefresh(refreshClaims())
	require.NoError(t, err)
	return token.Reveal()
}

// object is a JSON object that a test changes before it forges a token of it.
type object map[string]any

func (o object) with(name string, value any) object {
	c := maps.Clone(o)
	c[name] = value
	return c
}

func (o object) without(name string) object {
	c := maps.Clone(o)
	delete(c, name)
	return c
}

// take reads the header and the claims of a token.
func take(t testing.TB, token string) (head, claims object) {
	t.Helper()
	parts := strings.Split(token, ".")
	for i, into := range []*object{&head, &claims} {
		text, err := base64.RawURLEncoding.DecodeString(parts[i])
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, into))
	}
	return head, claims
}

// forge makes a token with a valid MAC, as a holder of the key could, so that only its form
// can cause a refusal.
func forge(t testing.TB, key string, head, claims any) string {
	t.Helper()
	return forgeText(key, text(t, head), text(t, claims))
}

func forgeText(key, head, claims string) string {
	signed := encode([]byte(head)) + "." + encode([]byte(claims))
	return signed + "." + encode(macOf(key, signed))
}

func macOf(key, signed string) []byte {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(signed))
	return mac.Sum(nil)
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func text(t testing.TB, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

// admitAccess does the whole check of an access token before its session is loaded.
func admitAccess(s *tokens.Signer, token string, now time.Time) error {
	claims, err := s.ParseAccess(domain.NewSecret(token))
	if err != nil {
		return err
	}
	return rules.CheckAccess(claims, now)
}

func admitRefresh(s *tokens.Signer, token string, now time.Time) error {
	claims, err := s.ParseRefresh(domain.NewSecret(token))
	if err != nil {
		return err
	}
	return rules.CheckRefresh(claims, now)
}
