package tokens_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/domain"
)

// S-24: typ keeps the kinds of token apart, by its exact value.
func TestParse_TakesItsOwnKindOnly(t *testing.T) {
	t.Parallel()
	everySpecimen(t, func(t *testing.T, x specimen) {
		head, claims := take(t, x.token)
		assert.NoError(t, x.admit(x.s, x.forge(t, head, claims)), "the forged token is valid")
		for _, typ := range []any{"JWT", "at+JWT", "application/at+jwt", "", nil} {
			x.refuses(t, x.forge(t, head.with("typ", typ), claims), "typ")
		}
		// Neither reader accepts the other kind of token, or the other kind's claims under its own
		// type.
		if head["typ"] == "at+jwt" {
			assert.ErrorIs(t, admitRefresh(x.s, x.token, issuedAt), domain.ErrInvalidRefreshToken)
			x.refuses(t, x.forge(t, head.with("typ", "rt+jwt"), claims), "an access token called a refresh token")
		} else {
			assert.ErrorIs(t, admitAccess(x.s, x.token, issuedAt), domain.ErrUnauthenticated)
			x.refuses(t, x.forge(t, head.with("typ", "at+jwt"), claims), "a refresh token called an access token")
		}
	})
}

// Only the secret signs refresh tokens, even if another key signs access tokens.
func TestParse_S24_RefusesRefreshTokensOfAsymmetricKeys(t *testing.T) {
	t.Parallel()
	for _, x := range specimens(t) {
		if x.alg == "HS256" {
			continue
		}
		head, _ := take(t, x.token)
		refreshHead, claims := take(t, signRefresh(t, x.s))
		assert.Equal(t, "HS256", refreshHead["alg"])
		x.refuses(t, x.forge(t, head.with("typ", "rt+jwt"), claims), x.name)
		x.refuses(t, x.forge(t, refreshHead, claims), x.name+" under the secret's name")
	}
}
