package tokens_test

import (
	"crypto/rand"
	"testing"

	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/contract"
)

func TestSigner_KeepsItsContract(t *testing.T) {
	t.Parallel()
	contract.RunTokenSigner(t, func(t testing.TB) ports.TokenSigner {
		t.Helper()
		return newSigner(t, rand.Text()+rand.Text())
	})
}
