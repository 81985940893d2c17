package system_test

import (
	"testing"

	"github.com/seed543b3b27/auth-service/adapters/system"
	"github.com/seed543b3b27/auth-service/test/contract"
)

func TestSystem_KeepsItsContract(t *testing.T) {
	t.Parallel()
	contract.RunSystem(t, func(testing.TB) contract.System {
		return contract.System{Clock: system.Clock{}, IDs: system.IDs{}, Random: system.Random{}}
	})
}
