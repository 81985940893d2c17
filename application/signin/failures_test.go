package signin_test

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
	for _, signer := range []failingSigner{{access: app.ErrFault}, {refresh: app.ErrFault}} {
		b := app.New(t)
		b.Account(app.Ada, app.Password)
		signer.TokenSigner = b.Ports.Signer
		b.Change(func(p *assembly.Ports) { p.Signer = signer })
		tokens, err := b.TryLogin(app.Ada, app.Password)
		require.ErrorIs(t, err, app.ErrFault)
		assert.Equal(t, ports.TokensResult{}, tokens)
	}
}

// restless is a store in which another request always comes in between.
type restless struct{ ports.SessionRepository }

func (restless) Save(context.Context, *domain.Session) error { return domain.ErrConflict }

// An end to the attempts: better to refuse than to go round for ever.
func TestFaults_EndlessConflictsAreRefused(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	tokens := b.Login(app.Ada, app.Password)
	b.Change(func(p *assembly.Ports) { p.Store.Sessions = restless{p.Store.Sessions} })
	b.Refused(domain.ErrUnavailable, func() error { _, err := b.Refresh(tokens.RefreshToken); return err })
}
