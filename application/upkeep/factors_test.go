package upkeep_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// F-MFA: an enrolment that its user left goes, and a factor that counts stays.
func TestCleanUp_RemovesFactorsThatNoCodeConfirmed(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	user := b.Account(app.Ada, app.Password)
	p := b.SignIn(app.Ada, app.Password)
	phone := b.Enrol(p, app.Password, domain.Secret{})
	_, err := b.AddTOTP(b.SignInTwice(app.Ada, app.Password, phone), ports.Confirmation{Password: app.Secret(app.Password), Code: phone.Next()})
	require.NoError(t, err)
	b.Clock.Advance(30 * time.Second)
	b.Clock.Advance(domain.FactorPendingLife - 30*time.Second) // Enrol takes the rest
	assert.Zero(t, cleanUp(b).Factors, "on the second")
	b.Clock.Advance(time.Microsecond)
	assert.Equal(t, 1, cleanUp(b).Factors)
	assert.Zero(t, cleanUp(b).Factors)
	left, err := b.Ports.Store.Factors.ByUser(t.Context(), user.ID())
	require.NoError(t, err)
	require.Len(t, left, 1)
	assert.Equal(t, phone.ID, left[0].ID().String())
	b.SignInTwice(app.Ada, app.Password, phone)
}

// enrolled returns a bundle with factors of so many accounts, which the key "old" sealed.
func enrolled(t *testing.T, accounts ...string) (*app.Bundle, []*app.Authenticator) {
	t.Helper()
	b := app.New(t)
	b.Change(func(p *assembly.Ports) { p.DataKeys = app.DataKeys("old") })
	var phones []*app.Authenticator
	for _, address := range accounts {
		b.Account(address, app.Password)
		phones = append(phones, b.Enrol(b.SignIn(address, app.Password), app.Password, domain.Secret{}))
	}
	return b, phones
}

// F-MFA: after a change of the data key, the clean-up seals with the new one, so that the old
// one can be taken away.
func TestCleanUp_SealsSecretsWithTheCurrentKey(t *testing.T) {
	t.Parallel()
	b, phones := enrolled(t, app.Ada, app.Bob)
	assert.Zero(t, cleanUp(b).Resealed, "the current key sealed them")
	b.Change(func(p *assembly.Ports) { p.DataKeys = app.DataKeys("new", "old") })
	assert.Equal(t, 2, cleanUp(b).Resealed)
	assert.Zero(t, cleanUp(b).Resealed)
	b.Change(func(p *assembly.Ports) { p.DataKeys = app.DataKeys("new") })
	b.SignInTwice(app.Ada, app.Password, phones[0])
	b.SignInTwice(app.Bob, app.Password, phones[1])
	b.Change(func(p *assembly.Ports) { p.DataKeys = app.DataKeys() })
	assert.Zero(t, cleanUp(b).Resealed, "without keys")
}

// A secret that no key opens is an error, and the others are sealed.
func TestCleanUp_SealsTheOtherSecretsIfOneCannotBeOpened(t *testing.T) {
	t.Parallel()
	b, _ := enrolled(t, app.Ada, app.Bob)
	broken, err := b.Ports.Store.Factors.ByUser(t.Context(), b.User(app.Ada).ID())
	require.NoError(t, err)
	keyID, _ := broken[0].Sealed()
	broken[0].Reseal(keyID, "no box")
	require.NoError(t, b.Ports.Store.Factors.Save(t.Context(), broken[0]))
	b.Change(func(p *assembly.Ports) { p.DataKeys = app.DataKeys("new", "old") })
	result, err := b.UseCases.CleanUp.Execute(t.Context(), ports.CleanUpCommand{})
	require.ErrorContains(t, err, broken[0].ID().String())
	assert.NotContains(t, err.Error(), "no box")
	assert.Equal(t, 1, result.Resealed)
}

// Many secrets that no key opens, in front of all others, keep none from being sealed.
func TestCleanUp_SealsTheSecretsBehindManyThatCannotBeOpened(t *testing.T) {
	t.Parallel()
	b, _ := enrolled(t, app.Ada)
	for i := range 250 {
		id := domain.FactorID{15: byte(i + 1)}
		require.NoError(t, b.Ports.Store.Factors.Add(t.Context(), domain.NewFactor(id, b.User(app.Ada).ID(), "Phone", "lost", "no box", b.Clock.Now())))
	}
	b.Change(func(p *assembly.Ports) { p.DataKeys = app.DataKeys("new", "old") })
	result, err := b.UseCases.CleanUp.Execute(t.Context(), ports.CleanUpCommand{})
	require.Error(t, err)
	assert.Equal(t, 1, result.Resealed)
}

// busyFactors are factors that are used at the moment of each save.
type busyFactors struct{ ports.FactorRepository }

func (busyFactors) Save(context.Context, *domain.Factor) error { return domain.ErrConflict }

// A factor that is used meanwhile keeps its seal until the next run.
func TestCleanUp_LeavesFactorsThatChangeToTheNextRun(t *testing.T) {
	t.Parallel()
	b, phones := enrolled(t, app.Ada)
	b.Change(func(p *assembly.Ports) { p.DataKeys = app.DataKeys("new", "old") })
	busy := b.With(func(p *assembly.Ports) { p.Store.Factors = busyFactors{p.Store.Factors} }).CleanUp
	result, err := busy.Execute(t.Context(), ports.CleanUpCommand{})
	require.NoError(t, err)
	assert.Zero(t, result.Resealed)
	assert.Equal(t, 1, cleanUp(b).Resealed)
	b.SignInTwice(app.Ada, app.Password, phones[0])
}
