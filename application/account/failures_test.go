package account_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// flicker hides accounts from lookups by address.
type flicker struct{ ports.UserRepository }

func (flicker) ByEmail(context.Context, domain.Email) (*domain.User, error) {
	return nil, domain.ErrUserNotFound
}

func TestFaults_ARegistrationThatIsAlwaysOvertakenIsRefused(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	b.Change(func(p *assembly.Ports) { p.Store.Users = flicker{p.Store.Users} })
	require.ErrorIs(t, b.Register(app.Ada, app.Password), domain.ErrUnavailable)
	assert.Len(t, b.Users(), 1)
}
