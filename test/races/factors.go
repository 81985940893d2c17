package races

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/contract"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

func factorRaces() []race {
	return []race{
		{"Factors_RemovedAtOnceTheyLeaveNoDemandForCodes", removeBoth},
		{"Factors_OneConfirmedWhileTheOtherGoesCounts", replaceFactor},
	}
}

func (a arena) removeFactor(p domain.Principal, phone *app.Authenticator, code domain.Secret) error {
	_, err := a.UseCases.RemoveFactor.Execute(a.Context(), ports.RemoveFactorCommand{
		Principal: p, FactorID: phone.ID, Confirmation: ports.Confirmation{Password: domain.NewSecret(app.Password), Code: code},
	})
	return err
}

// A user without factors must not be asked for a code.
func removeBoth(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	a := newArena(t, fresh(t))
	for round := range 10 {
		address := fmt.Sprintf("ada%d@example.com", round)
		id := a.account(address, domain.RoleUser.String()).ID()
		p := a.SignIn(address, app.Password)
		one := a.Enrol(p, app.Password, domain.Secret{})
		phones := []*app.Authenticator{one, a.Enrol(p, app.Password, one.Code())}
		codes := []domain.Secret{phones[0].Code(), phones[1].Code()}
		for _, err := range together(2, func(i int) error { return a.removeFactor(p, phones[i], codes[i]) }) {
			require.NoError(t, err)
		}
		a.Login(address, app.Password)
		left, err := a.Ports.Store.Recovery.Left(t.Context(), id)
		require.NoError(t, err)
		assert.Zero(t, left)
	}
}

// A factor that counts must be asked for, with recovery codes for the day on which it is lost.
func replaceFactor(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	a := newArena(t, fresh(t))
	for round := range 10 {
		address := fmt.Sprintf("ada%d@example.com", round)
		id := a.account(address, domain.RoleUser.String()).ID()
		p := a.SignIn(address, app.Password)
		old := a.Enrol(p, app.Password, domain.Secret{})
		next := a.Pending(p, app.Password, old.Code())
		removing := old.Next()
		confirming := next.Code()
		for _, err := range together(2, func(i int) error {
			if i == 0 {
				return a.removeFactor(p, old, removing)
			}
			_, err := a.ConfirmTOTP(p, next.ID, confirming)
			return err
		}) {
			require.NoError(t, err)
		}
		a.Challenge(address, app.Password)
		left, err := a.Ports.Store.Recovery.Left(t.Context(), id)
		require.NoError(t, err)
		assert.Equal(t, domain.RecoveryCodes, left)
	}
}
