package tokens_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/adapters/tokens"
	"github.com/seed543b3b27/auth-service/domain"
)

// S-28, F-A13: in each step of docs/keys.md, replicas of this step and of the one before
// run at once, and every one accepts the live tokens of all.
func TestRotation_S28_RefusesNoLiveToken(t *testing.T) {
	t.Parallel()
	for name, steps := range map[string][]*tokens.Signer{
		"of the secret": {
			newSigner(t, otherKey), newSigner(t, otherKey, currentKey),
			newSigner(t, currentKey, otherKey), newSigner(t, currentKey),
		},
		"from the secret to Ed25519": {
			newSigner(t, currentKey),
			newSignerOf(t, tokens.Keys{Secret: domain.NewSecret(currentKey), AccessVerificationKeys: domain.NewSecret(publicPEM(t, edKey))}),
			asymmetric(t, edKey),
		},
		"from Ed25519 to Ed25519": {
			asymmetric(t, edKey), asymmetric(t, edKey, publicPEM(t, edOther)),
			asymmetric(t, edOther, publicPEM(t, edKey)), asymmetric(t, edOther),
		},
		"from RSA to Ed25519, private keys among the further ones": {
			asymmetric(t, rsaKey()), asymmetric(t, rsaKey(), privatePEM(t, edKey), publicPEM(t, rsaOther())),
			asymmetric(t, edKey, privatePEM(t, rsaKey())), asymmetric(t, edKey),
		},
		"back to the secret": {
			asymmetric(t, edKey),
			newSignerOf(t, tokens.Keys{Secret: domain.NewSecret(currentKey), AccessVerificationKeys: domain.NewSecret(publicPEM(t, edKey))}),
			newSigner(t, currentKey),
		},
	} {
		for i := 1; i < len(steps); i++ {
			before, after := steps[i-1], steps[i]
			assert.NoError(t, admitAccess(after, signAccess(t, before), issuedAt), "%s, step %d", name, i)
			assert.NoError(t, admitRefresh(after, signRefresh(t, before), issuedAt), "%s, step %d", name, i)
			assert.NoError(t, admitAccess(before, signAccess(t, after), issuedAt), "%s, step %d, an older replica", name, i)
			assert.NoError(t, admitRefresh(before, signRefresh(t, after), issuedAt), "%s, step %d, an older replica", name, i)
		}
	}
}

// A key that is no longer configured is no longer trusted.
func TestRotation_EndsWithTheFormerKeyRefused(t *testing.T) {
	t.Parallel()
	for _, old := range []*tokens.Signer{asymmetric(t, edKey), asymmetric(t, rsaKey())} {
		assert.ErrorIs(t, admitAccess(asymmetric(t, edOther), signAccess(t, old), issuedAt), domain.ErrUnauthenticated)
		assert.ErrorIs(t, admitAccess(newSigner(t, currentKey), signAccess(t, old), issuedAt), domain.ErrUnauthenticated)
	}
}

// The answer to a repeated refresh must not differ between replicas.
func TestAsymmetric_SigningAgainReturnsTheSameToken(t *testing.T) {
	t.Parallel()
	assert.Equal(t, signAccess(t, asymmetric(t, edKey)), signAccess(t, asymmetric(t, edKey, publicPEM(t, edOther))))
	assert.Equal(t, signAccess(t, asymmetric(t, rsaKey())), signAccess(t, asymmetric(t, rsaKey(), publicPEM(t, edOther))))
}
