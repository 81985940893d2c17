package admin_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// F-MFA, S-12: support ends a row of wrong codes, and the limit of codes.
func TestLiftLimits_EndsARowOfWrongCodes(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	p := supporter(b)
	id := ports.LimitsOf{UserID: b.Account(app.Bob, app.Password).ID().String()}
	phone := b.Enrol(b.SignIn(app.Bob, app.Password), app.Password, domain.Secret{})
	quota := domain.Quota{Events: domain.MaxCodeFailures, Per: time.Hour}
	b.Limit(ports.LimitFactorAccount, quota)
	assert.Empty(t, shown(b, p, id))
	wrong := func() error {
		_, err := b.Continue(b.Challenge(app.Bob, app.Password), domain.MethodOneTimeCode, app.Secret("000000"))
		return err
	}
	require.ErrorIs(t, wrong(), domain.ErrInvalidCode)
	partly := ports.LimitUse{
		Limit: "code_failures", Of: "user", Quota: domain.Quota{Events: domain.MaxCodeFailures, Per: domain.FailureRetention}, Remaining: domain.MaxCodeFailures - 1,
	}
	assert.Equal(t, partly, shown(b, p, id)["code_failures"])
	for range domain.MaxCodeFailures - 1 {
		require.ErrorIs(t, wrong(), domain.ErrInvalidCode)
	}
	b.Refused(domain.ErrRateLimited, wrong)
	for _, of := range []ports.LimitsOf{id, {Email: app.Bob}} {
		uses := shown(b, p, of)
		assert.Zero(t, uses["factor_account"].Remaining)
		assert.Equal(t, quota, uses["factor_account"].Quota)
		assert.Zero(t, uses["code_failures"].Remaining)
		assert.Equal(t, domain.FailureRetention, uses["code_failures"].RetryAfter)
	}
	before, err := lifted(b, p, id)
	require.NoError(t, err)
	assert.NotEmpty(t, before.Limits)
	assert.Empty(t, shown(b, p, id))
	b.SignInTwice(app.Bob, app.Password, phone)
}
