package e2e

import (
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// authenticator is an authenticator application: OATH Toolkit, which shares no code with the
// service.
type authenticator struct {
	c      client
	secret string
	// now is the time of the service, whose clock may be another one.
	now time.Time
}

// code returns the code that the application shows so many periods after it was set up. The
// service accepts codes of one period ahead, so no test has to wait.
func (a authenticator) code(periods int) string {
	a.c.Helper()
	at := a.now.Add(time.Duration(periods) * 30 * time.Second)
	out, err := exec.CommandContext(a.c.Context(), "oathtool", "--totp", "--base32", "--now", fmt.Sprintf("@%d", at.Unix()), a.secret).Output()
	require.NoError(a.c, err)
	return strings.TrimSpace(string(out))
}

// factorSetUp is the answer to a new authenticator application.
type factorSetUp struct {
	ID        string    `json:"id"`
	Secret    string    `json:"secret"`
	URI       string    `json:"uri"`
	QRCode    string    `json:"qr_code"`
	ExpiresAt time.Time `json:"expires_at"`
}

// secondStep is a login that needs a second factor.
type secondStep struct {
	Challenge string   `json:"challenge"`
	Methods   []string `json:"methods"`
	ExpiresIn int      `json:"expires_in"`
}

// enrol sets up an authenticator application, and returns the recovery codes that come with it.
func enrol(c client, p person, s api.Tokens) (authenticator, []string) {
	c.Helper()
	added := api.Decode[factorSetUp](c.Post("/me/factors/totp", s.Access, api.Object{"password": p.password}).Is(http.StatusCreated))
	phone := authenticator{c, added.Secret, added.ExpiresAt.Add(-10 * time.Minute)}
	confirmed := api.Decode[struct {
		Codes []string `json:"recovery_codes"`
	}](c.Post("/me/factors/totp/"+added.ID+"/confirm", s.Access, api.Object{"code": phone.code(0)}).Is(http.StatusOK))
	c.target.secrets.Add(confirmed.Codes...)
	c.target.secrets.Add(added.Secret)
	return phone, confirmed.Codes
}

// secondFactors walks an authenticator application from its set-up to its loss.
func secondFactors(c client) {
	p := c.registered()
	before := c.login(p)
	add := func(password string) api.Answer {
		return c.Post("/me/factors/totp", before.Access, api.Object{"password": password, "name": "Telephone"})
	}
	add(newPassword()).Refused(http.StatusUnprocessableEntity, "wrong_password").At("/password")
	added := api.Decode[factorSetUp](add(p.password).Is(http.StatusCreated))
	assert.True(c, strings.HasPrefix(added.URI, "otpauth://totp/"), added.URI)
	assert.True(c, strings.HasPrefix(added.QRCode, "<svg "), added.QRCode)
	phone := authenticator{c, added.Secret, added.ExpiresAt.Add(-10 * time.Minute)}
	c.login(p) // until the first code, nothing changes

	confirm := func(code string) api.Answer {
		return c.Post("/me/factors/totp/"+added.ID+"/confirm", before.Access, api.Object{"code": code})
	}
	confirm("000000").Refused(http.StatusUnprocessableEntity, "wrong_code").At("/code")
	codes := api.Decode[struct {
		Name  string   `json:"name"`
		Codes []string `json:"recovery_codes"`
	}](confirm(phone.code(0)).Is(http.StatusOK))
	require.Len(c, codes.Codes, 10)
	assert.Equal(c, "Telephone", codes.Name)
	c.target.secrets.Add(codes.Codes...)
	c.target.secrets.Add(added.Secret)

	next := api.Decode[secondStep](c.tryLogin(p).Refused(http.StatusForbidden, "second_factor_required"))
	assert.Equal(c, []string{"otp", "recovery_code"}, next.Methods)
	assert.InDelta(c, 300, next.ExpiresIn, 5)
	goOn := func(method, code string) api.Answer {
		return c.Post("/login/continue", "", api.Object{"challenge": next.Challenge, "method": method, "code": code})
	}
	goOn("otp", phone.code(0)).Refused(http.StatusUnauthorized, "invalid_code").At("/code") // it was used
	goOn("pwd", p.password).Refused(http.StatusUnprocessableEntity, "invalid_parameter").At("/method")
	strong := api.Decode[api.Tokens](goOn("otp", phone.code(1)).Is(http.StatusOK))

	// Gateways tell the sessions apart.
	c.Get("/forward-auth?mfa=true", before.Access).Refused(http.StatusUnauthorized, "insufficient_user_authentication")
	through := c.Get("/forward-auth?mfa=true&max_age=60", strong.Access).Is(http.StatusNoContent)
	assert.Equal(c, "pwd,otp,mfa", through.Header.Get("X-Auth-Methods"))

	// What a stolen token and password must not do takes a code.
	c.Delete("/me", strong.Access, api.Object{"password": p.password}).Refused(http.StatusUnprocessableEntity, "code_required").At("/code")
	c.Post("/email/change", strong.Access, api.Object{"new_email": newPerson().email, "current_password": p.password}).
		Refused(http.StatusUnprocessableEntity, "code_required").At("/code")
	c.Post("/me/recovery-codes", strong.Access, api.Object{"password": p.password, "code": "00000-00000"}).
		Refused(http.StatusUnprocessableEntity, "wrong_code").At("/code")

	// The telephone is lost: a recovery code signs in, and an administrator removes the factor.
	next = api.Decode[secondStep](c.tryLogin(p).Refused(http.StatusForbidden, "second_factor_required"))
	lost := api.Decode[api.Tokens](goOn("recovery_code", strings.ToLower(codes.Codes[0])).Is(http.StatusOK))
	left := api.Decode[struct {
		Left int `json:"recovery_codes_left"`
	}](c.Get("/me/recovery-codes", lost.Access).Is(http.StatusOK))
	assert.Equal(c, 9, left.Left)
	id := api.Decode[user](c.Get("/me", lost.Access).Is(http.StatusOK)).ID
	root := c.login(c.target.admin).Access
	listed := api.Decode[struct {
		Factors []struct {
			ID   string `json:"id"`
			Type string `json:"type"`
		} `json:"factors"`
	}](c.Get("/admin/users/"+id+"/factors", root).Is(http.StatusOK))
	require.Len(c, listed.Factors, 1)
	assert.Equal(c, "totp", listed.Factors[0].Type)
	c.Delete("/admin/users/"+id+"/factors/"+added.ID, lost.Access, nil).Refused(http.StatusForbidden, "forbidden")
	c.Delete("/admin/users/"+id+"/factors/"+added.ID, root, nil).Is(http.StatusNoContent)
	c.dead(strong)
	c.login(p)
	c.Delete("/admin/users/"+id+"/factors", root, nil).Refused(http.StatusNotFound, "factor_not_found")
}
