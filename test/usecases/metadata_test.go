package usecases_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// Each way in reads the first objects of an account as merge patches of empty ones (RFC 7396):
// members that are null are not there, but null elements of lists are.
func TestMetadata_NullMembersOfFirstObjectsAreNotStored(t *testing.T) {
	t.Parallel()
	const given, stored = `{"a":null,"b":{"c":null,"d":1},"e":[null,{"f":null}],"g":{"h":null}}`, `{"b":{"d":1},"e":[null,{"f":null}],"g":{}}`
	for name, c := range map[string]struct {
		enter func(b *app.Bundle) error
		app   string // users write no app object
	}{
		"registration": {func(b *app.Bundle) error {
			_, err := b.UseCases.Register.Execute(b.Context(), ports.RegisterCommand{Email: app.Ada, Password: app.Secret(app.Password), Profile: given, Origin: b.From})
			return err
		}, "{}"},
		"second registration": {func(b *app.Bundle) error {
			require.NoError(b, b.Register(app.Ada, app.Password))
			_, err := b.UseCases.Register.Execute(b.Context(), ports.RegisterCommand{Email: app.Ada, Password: app.Secret(app.Password), Profile: given, Origin: b.From})
			return err
		}, "{}"},
		"creation by an administrator": {func(b *app.Bundle) error {
			_, err := b.UseCases.CreateUser.Execute(b.Context(), ports.CreateUserCommand{Principal: domain.Operator(), Email: app.Ada, Profile: given, App: given})
			return err
		}, stored},
		"import": {func(b *app.Bundle) error {
			rows := slices.Values([]ports.ImportRow{{Line: 1, Email: app.Ada, Profile: given, App: given}})
			_, err := b.UseCases.ImportUsers.Execute(b.Context(), ports.ImportUsersCommand{Principal: domain.Operator(), Rows: rows})
			return err
		}, stored},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			require.NoError(t, c.enter(b))
			m, err := b.Ports.Store.Metadata.ByUser(t.Context(), b.User(app.Ada).ID())
			require.NoError(t, err)
			assert.Equal(t, stored, m.Profile())
			assert.Equal(t, c.app, m.App())
		})
	}
}
