package guides

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/authtest"
)

// The programs hand the challenge of a password that must change to the browser, and sign in
// with the new one.
func TestFromServers_ReplaceAPasswordThatMustChange(t *testing.T) {
	t.Parallel()
	eachGuide(t, func(t *testing.T, g guide) {
		auth := authtest.New(t)
		shop := g.start(t, auth.URL)
		alice := auth.User(t, "alice@example.com")
		required := true
		_, err := auth.UseCases.ChangeUser.Execute(t.Context(), ports.ChangeUserCommand{Principal: domain.Operator(), UserID: alice.ID, PasswordChangeRequired: &required})
		require.NoError(t, err)
		post := func(path string, form map[string]string) reply {
			body, err := json.Marshal(form)
			require.NoError(t, err)
			return shop.send(t, http.MethodPost, path, string(body), func(*http.Request) {})
		}
		refused := post("/session", map[string]string{"email": alice.Email, "password": authtest.Password})
		assert.Equal(t, http.StatusForbidden, refused.status)
		assert.Equal(t, "password_change_required", refused.code(t))
		assert.Empty(t, refused.cookies)
		var problem struct{ Challenge string }
		require.NoError(t, json.Unmarshal([]byte(refused.body), &problem))

		replace := func(password string) reply {
			return post("/session/password", map[string]string{"challenge": problem.Challenge, "new_password": password})
		}
		assert.Equal(t, "same_password", replace(authtest.Password).code(t))
		in := replace("a pass phrase of her own")
		require.Equal(t, http.StatusNoContent, in.status, in.body)
		orders := shop.send(t, http.MethodGet, "/orders", "", func(r *http.Request) {
			for _, c := range in.cookies {
				r.AddCookie(c)
			}
		})
		assert.Equal(t, "the orders of "+alice.ID+"\n", orders.body)
		assert.Equal(t, "invalid_credentials", replace("another pass phrase of hers").code(t), "a challenge sets one password")
	})
}
