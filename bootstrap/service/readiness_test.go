package service

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/tokens"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/kit/configtest"
)

// The keys are ready once a token signed with them is accepted.
func TestKeyring_IsReadyOnceItHasSigned(t *testing.T) {
	t.Parallel()
	signer, err := tokens.New(tokens.Keys{Secret: domain.NewSecret(configtest.Key)})
	require.NoError(t, err)
	k := &keyring{signer: signer}
	require.Error(t, k.check(t.Context()), "the keys have not been tested yet")
	require.NoError(t, k.load())
	require.NoError(t, k.check(t.Context()))

	broken := &keyring{signer: forgetful{signer}}
	require.Error(t, broken.load())
	require.Error(t, broken.check(t.Context()))
}

// forgetful accepts no token.
type forgetful struct{ *tokens.Signer }

func (forgetful) ParseAccess(domain.Secret) (domain.AccessClaims, error) {
	return domain.AccessClaims{}, domain.ErrUnauthenticated
}
