package application_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// failingSigner cannot sign one kind of token.
type failingSigner struct {
	ports.TokenSigner
	access, refresh error
}

func (s failingSigner) SignAccess(c domain.AccessClaims) (domain.Secret, error) {
	if s.access != nil {
		return domain.Secret{}, s.access
	}
	return s.TokenSigner.SignAccess(c)
}

func (s failingSigner) SignRefresh(c domain.RefreshClaims) (domain.Secret, error) {
	if s.refresh != nil {
		return domain.Secret{}, s.refresh
	}
	return s.TokenSigner.SignRefresh(c)
}

func TestFaults_ALoginThatCannotBeSignedFails(t *testing.T) {
	t.Parallel()
	for _, signer := range []failingSigner{{access: errFault}, {refresh: errFault}} {
		b := newBundle(t)
		b.account(ada, password)
		signer.TokenSigner = b.deps.Signer
		b.deps.Signer = signer
		b.UseCases = assembly.UseCases(b.deps, b.settings)
		tokens, err := b.tryLogin(ada, password)
		require.ErrorIs(t, err, errFault)
		assert.Equal(t, ports.TokensResult{}, tokens)
	}
}

// restless is a store in which another request always comes in between.
type restless struct{ ports.SessionRepository }

func (restless) Save(context.Context, *domain.Session) error { return domain.ErrConflict }

// An end to the attempts: better to refuse than to go round for ever.
func TestFaults_EndlessConflictsAreRefused(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	tokens := b.login(ada, password)
	b.deps.Store.Sessions = restless{b.deps.Store.Sessions}
	b.UseCases = assembly.UseCases(b.deps, b.settings)
	b.refused(domain.ErrUnavailable, func() error { _, err := b.refresh(tokens.RefreshToken); return err })
}

// flicker hides an account from those who look it up by its address.
type flicker struct{ ports.UserRepository }

func (flicker) ByEmail(context.Context, domain.Email) (*domain.User, error) {
	return nil, domain.ErrUserNotFound
}

func TestFaults_ARegistrationThatIsAlwaysOvertakenIsRefused(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	b.deps.Store.Users = flicker{b.deps.Store.Users}
	b.UseCases = assembly.UseCases(b.deps, b.settings)
	require.ErrorIs(t, b.register(ada, password), domain.ErrUnavailable)
	assert.Len(t, b.users(), 1)
}
