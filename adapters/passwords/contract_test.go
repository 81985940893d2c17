package passwords_test

import (
	"testing"

	"github.com/seed543b3b27/auth-service/adapters/passwords"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/contract"
)

func TestHasher_KeepsItsContract(t *testing.T) {
	t.Parallel()
	contract.RunPasswordHasher(t, func(t testing.TB) ports.PasswordHasher {
		t.Helper()
		return newHasher(t, passwords.Options{})
	})
}

func TestScreen_KeepsItsContract(t *testing.T) {
	t.Parallel()
	contract.RunPasswordScreen(t, passwords.NewScreen())
}
