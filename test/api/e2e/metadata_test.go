package e2e

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// account is a user with what applications keep.
type account struct {
	user

	Profile map[string]any `json:"profile"`
	App     map[string]any `json:"app"`
	Version int64          `json:"version"`
}

// metadata: users write their profile, administrators also app, and a change for another version
// than the present one is refused.
func metadata(c client) {
	p := newPerson()
	registered := api.Object{"email": p.email, "password": p.password, "profile": api.Object{"name": "Ada <Löwe>"}}
	c.Post("/email/register", "", registered).Is(http.StatusAccepted)
	mail := c.target.awaitMail(c, p.email, "verify_email", 1)
	assert.NotContains(c, mail.text, "Löwe", "mails show no profile")
	c.confirm(mail.token, p.password).Is(http.StatusOK)
	s, root := c.login(p), c.login(c.target.admin).Access
	me := func() account { return api.Decode[account](c.Get("/me", s.Access).Is(http.StatusOK)) }
	first := me()
	assert.Equal(c, map[string]any{"name": "Ada <Löwe>"}, first.Profile)
	assert.Empty(c, first.App)
	at := path("admin", "users", first.ID)

	changed := api.Decode[account](c.Patch("/me", s.Access, api.Object{"profile": api.Object{"theme": "dark", "name": nil}, "version": first.Version}).Is(http.StatusOK))
	assert.Equal(c, map[string]any{"theme": "dark"}, changed.Profile)
	assert.Equal(c, changed, me())
	c.Patch("/me", s.Access, api.Object{"profile": api.Object{"theme": "light"}, "version": first.Version}).Refused(http.StatusConflict, "version_conflict").At("/version")
	c.Patch("/me", s.Access, api.Object{"profile": api.Object{}, "app": api.Object{"tenant": "mine"}}).Refused(http.StatusUnprocessableEntity, "validation_failed").At("/app")
	c.Patch("/me", s.Access, api.Object{"profile": api.Object{"a": strings.Repeat("x", 8<<10)}}).Refused(http.StatusUnprocessableEntity, "invalid_metadata").At("/profile")
	c.Patch("/me", s.Access, api.Object{"profile": []string{}}).Refused(http.StatusUnprocessableEntity, "validation_failed").At("/profile")
	c.Patch("/me", s.Access, api.Object{}).Is(http.StatusUnprocessableEntity)
	c.Patch("/me", "", api.Object{"profile": api.Object{}}).Refused(http.StatusUnauthorized, "unauthenticated")

	c.Patch(at, s.Access, api.Object{"app": api.Object{"tenant": "mine"}}).Refused(http.StatusForbidden, "forbidden")
	byAdmin := api.Decode[account](c.Patch(at, root, api.Object{"app": api.Object{"tenant": "acme"}, "profile": nil}).Is(http.StatusOK))
	assert.Equal(c, map[string]any{"tenant": "acme"}, byAdmin.App)
	assert.Empty(c, byAdmin.Profile)
	assert.Equal(c, byAdmin, me())
	assert.Equal(c, byAdmin, api.Decode[account](c.Get(at, root).Is(http.StatusOK)))
	c.Patch(at, root, api.Object{"app": api.Object{}, "version": first.Version}).Refused(http.StatusConflict, "version_conflict")
	export := api.Decode[struct{ User account }](c.Get("/me/export", s.Access).Is(http.StatusOK))
	assert.Equal(c, byAdmin, export.User)

	made := newPerson()
	created := api.Decode[account](c.Post("/admin/users", root, api.Object{
		"email": made.email, "password": made.password, "email_verified": true, "profile": api.Object{"name": "Grace"}, "app": api.Object{"tenant": "acme"},
	}).Is(http.StatusCreated))
	assert.Equal(c, created, api.Decode[account](c.Get("/me", c.login(made).Access).Is(http.StatusOK)))
}

// Chosen claims are in tokens and in headers for gateways, percent-encoded, and every header is
// there, if empty.
func TestServe_ClaimsReachTokensAndGateways(t *testing.T) {
	t.Parallel()
	const setting = "email,name=profile.name,tenant=app.tenant,tags=app.tags,level=app.level"
	tg := localWith(t, cheap().With("ACCESS_TOKEN_CLAIMS", setting))
	c := tg.client(t)
	p := c.registered()
	s, root := c.login(p), c.login(tg.admin).Access
	header := func(token string) []string {
		h := c.with("X-Auth-Tenant", "forged").Get("/forward-auth", token).Is(http.StatusNoContent).Header
		values := make([]string, 0, 5)
		for _, name := range []string{"Email", "Name", "Tenant", "Tags", "Level"} {
			require.Len(t, h.Values("X-Auth-"+name), 1, name)
			values = append(values, h.Get("X-Auth-"+name))
		}
		return values
	}
	address := url.QueryEscape(p.email)
	assert.Equal(t, []string{address, "", "", "", ""}, header(s.Access))
	id := api.Decode[user](c.Get("/me", s.Access).Is(http.StatusOK)).ID
	c.Patch(path("admin", "users", id), root, api.Object{"app": api.Object{"tenant": "acme", "tags": []string{"a", "b,c"}, "level": 1.5}}).Is(http.StatusOK)
	c.Patch("/me", s.Access, api.Object{"profile": api.Object{"name": "Ada Löwe"}}).Is(http.StatusOK)
	c.Patch("/me", s.Access, api.Object{"profile": api.Object{"name": "Ada\nX-Auth-Role: admin"}}).Refused(http.StatusUnprocessableEntity, "invalid_metadata").At("/profile")
	assert.Equal(t, []string{address, "Ada%20L%C3%B6we", "acme", "a,b%2Cc", "1.5"}, header(s.Access), "at once, with the same token")

	claims := func(token string) map[string]any {
		body, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
		require.NoError(t, err)
		var all map[string]any
		require.NoError(t, json.Unmarshal(body, &all))
		return all
	}
	assert.NotContains(t, claims(s.Access), "tenant")
	next := api.Decode[api.Tokens](c.TryRefresh(s.Refresh).Is(http.StatusOK))
	got := claims(next.Access)
	assert.Equal(t, []any{p.email, "Ada Löwe", "acme", []any{"a", "b,c"}, 1.5}, []any{got["email"], got["name"], got["tenant"], got["tags"], got["level"]})
	assert.Equal(t, header(s.Access), header(next.Access))
}
