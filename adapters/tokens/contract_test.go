package tokens_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/tokens"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/contract"
)

func TestSigner_KeepsItsContract(t *testing.T) {
	t.Parallel()
	for name, fresh := range map[string]func(t testing.TB) crypto.PrivateKey{
		"HS256": nil,
		"EdDSA": func(t testing.TB) crypto.PrivateKey {
			t.Helper()
			_, key, err := ed25519.GenerateKey(rand.Reader)
			require.NoError(t, err)
			return key
		},
		"RS256": func(testing.TB) crypto.PrivateKey { return generateRSA(2048) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			contract.RunTokenSigner(t, func(t testing.TB) ports.TokenSigner {
				t.Helper()
				keys := tokens.Keys{Secret: domain.NewSecret(rand.Text() + rand.Text())}
				if fresh != nil {
					keys.AccessKey = domain.NewSecret(privatePEM(t, fresh(t)))
				}
				return newSignerOf(t, keys)
			})
		})
	}
}
