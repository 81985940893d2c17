package httpapi

import (
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed543b3b27/auth-service/domain"
)

// deviceCookieName is the cookie by which the service recognises a browser.
const deviceCookieName = "auth_device"

// maxDeviceToken is the length of the longest token of a device that is read, in bytes.
const maxDeviceToken = 512

// isGoodDeviceToken bounds the tokens that are checked, because another application of
// the same host may put any value into a cookie of that name.
func isGoodDeviceToken(value []byte) bool {
	if len(value) == 0 || len(value) > maxDeviceToken {
		return false
	}
	for _, c := range value {
		if !inToken68[c] || c == '+' || c == '/' {
			return false
		}
	}
	return true
}

// withDevice gives a handler the cookie of a known device.
type withDevice struct{ cookie string }

// Resolve implements huma.Resolver.
func (d *withDevice) Resolve(hctx huma.Context) []error {
	value := callOf(hctx.Context()).x.Cookie(deviceCookieName)
	if isGoodDeviceToken(value) {
		d.cookie = string(value)
	}
	return nil
}

// deviceToken returns the token in the body, else the one in the cookie.
func (d *withDevice) deviceToken(inBody string) domain.Secret {
	if inBody != "" {
		return domain.NewSecret(inBody)
	}
	return domain.NewSecret(d.cookie)
}

// deviceCookie makes the browser send the token with later logins. Scripts can't read
// it, and other sites can't make a browser send it. It gives the device a rate limit
// of its own and authenticates no request.
func (s *Server) deviceCookie(token domain.Secret) string {
	cookie := http.Cookie{ //nolint:gosec // Secure depends on how the service is reached: browsers drop such a cookie without TLS
		Name:     deviceCookieName,
		Value:    token.Reveal(),
		Path:     s.prefix() + BasePath,
		MaxAge:   int(domain.DeviceLife / time.Second),
		Secure:   s.secure(),
		HttpOnly: true,
		SameSite: http.SameSiteStrictMode,
	}
	return cookie.String()
}

// deviceOutput is the answer to a reset of the password.
type deviceOutput struct {
	SetCookie string `header:"Set-Cookie" doc:"The cookie auth_device with the device_token, for browsers. After a new password, the account knows this device only."`
	Body      deviceBody
}

type deviceBody struct {
	DeviceToken string `json:"device_token" example:"AZiA9ew8.c2ln" doc:"Send it with later logins to this account, for 180 days; earlier device tokens have no effect any more. It does not sign a user in."`
}

// deviceCookieParam documents the cookie.
func deviceCookieParam() *huma.Param {
	return &huma.Param{
		Name:        deviceCookieName,
		In:          "cookie",
		Description: "The device_token of an earlier login, as its answer set it. If the body has a device_token, that one counts instead.",
		Schema:      &huma.Schema{Type: huma.TypeString},
	}
}
