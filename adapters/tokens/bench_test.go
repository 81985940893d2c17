package tokens_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

// BenchmarkParseAccess measures what every protected request pays to read its
// access token.
func BenchmarkParseAccess(b *testing.B) {
	s := newSigner(b, currentKey)
	token := domain.NewSecret(signAccess(b, s))
	b.ReportAllocs()
	for b.Loop() {
		_, err := s.ParseAccess(token)
		require.NoError(b, err)
	}
}

// BenchmarkParseRefresh measures the same for the refresh token of a refresh.
func BenchmarkParseRefresh(b *testing.B) {
	s := newSigner(b, currentKey)
	token := domain.NewSecret(signRefresh(b, s))
	b.ReportAllocs()
	for b.Loop() {
		_, err := s.ParseRefresh(token)
		require.NoError(b, err)
	}
}

// BenchmarkSign measures what every login and refresh pays for its two tokens.
func BenchmarkSign(b *testing.B) {
	s := newSigner(b, currentKey)
	b.ReportAllocs()
	for b.Loop() {
		signAccess(b, s)
		signRefresh(b, s)
	}
}
