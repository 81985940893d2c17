package password_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// F-A27: the link of a reset and of an invitation names its account as long as it could
// set the password, and stays usable.
func TestCheckPasswordReset_NamesTheAccountOfAUsableLink(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	link := b.ResetSecret(app.Ada)
	for range 2 {
		email, err := b.CheckReset(link)
		require.NoError(t, err)
		assert.Equal(t, app.Ada, email)
	}
	require.NoError(t, b.Reset(link, app.Another))
	b.Refused(domain.ErrInvalidToken, func() error { _, err := b.CheckReset(link); return err })

	_, err := b.CreateUser(ports.CreateUserCommand{Principal: domain.Operator(), Email: app.Bob, Role: "user", Origin: b.From})
	require.NoError(t, err)
	email, err := b.CheckReset(b.LastSecret(app.Bob))
	require.NoError(t, err)
	assert.Equal(t, app.Bob, email)
}

// F-A27, V-18: nobody without a usable link learns an address.
func TestCheckPasswordReset_RefusesEveryUnusableTokenAlike(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	link := b.ResetSecret(app.Ada)
	require.NoError(t, b.Register(app.Bob, app.Password)) // another kind of link
	text := link.Reveal()
	unusable := []domain.Secret{{}, app.Secret("junk"), app.Secret(text + "="), app.Secret(text[1:]), app.Secret(text + "\n"), b.LastSecret(app.Bob)}
	refused := func(token domain.Secret) {
		refusal := b.Refused(domain.ErrInvalidToken, func() error { email, err := b.CheckReset(token); assert.Empty(t, email); return err })
		assert.Same(t, domain.ErrInvalidToken, refusal)
	}
	for _, token := range unusable {
		refused(token)
	}
	b.Clock.Advance(time.Hour)
	refused(link)

	disabled := b.ResetSecret(app.Ada)
	require.NoError(t, b.SetStatus(domain.Operator(), b.User(app.Ada).ID().String(), "disabled"))
	refused(disabled)
}

// F-A27: it is a use of the link, so that tokens cannot be tried here beyond the limit.
func TestCheckPasswordReset_CountsAsAUseOfTheLink(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	link := b.ResetSecret(app.Ada)
	b.Limit(ports.LimitTokenIP, domain.Quota{Events: 1, Per: time.Minute})
	b.Refused(domain.ErrInvalidToken, func() error { _, err := b.CheckReset(app.Secret("junk")); return err })
	b.Refused(domain.ErrRateLimited, func() error { _, err := b.CheckReset(link); return err })
	b.Refused(domain.ErrRateLimited, func() error { return b.Reset(link, app.Another) })
}
