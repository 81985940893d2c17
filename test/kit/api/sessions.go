package api

import (
	"crypto/rand"
	"net/http"
	"strings"
)

// Tokens are the tokens of a session, as a login and a refresh return them.
type Tokens struct {
	Access    string `json:"access_token"`
	Refresh   string `json:"refresh_token"`
	SessionID string `json:"session_id"`
	// Device is the token of the device. A login and a new password return it.
	Device string `json:"device_token"`
}

// TryLogin sends a login.
func (c Client) TryLogin(email, password string) Answer {
	c.Helper()
	return c.Post("/login", "", Object{"email": email, "password": password})
}

// Login signs a user in. It stops the test if the login is refused.
func (c Client) Login(email, password string) Tokens {
	c.Helper()
	return Decode[Tokens](c.TryLogin(email, password).Is(http.StatusOK))
}

// TryRefresh sends a refresh.
func (c Client) TryRefresh(refresh string) Answer {
	c.Helper()
	return c.Post("/refresh", "", Object{"refresh_token": refresh})
}

// Refresh exchanges a refresh token. It stops the test if that is refused.
func (c Client) Refresh(refresh string) Tokens {
	c.Helper()
	return Decode[Tokens](c.TryRefresh(refresh).Is(http.StatusOK))
}

// Me asks for the user of an access token.
func (c Client) Me(access string) Answer {
	c.Helper()
	return c.Get("/me", access)
}

// NewEmail returns an address that no other test uses.
func NewEmail() string { return "p-" + strings.ToLower(rand.Text()[:16]) + "@example.com" }

// NewPassword returns a password that no other test uses. It is long, because the screen
// refuses about one in 7000 short random passwords as common.
func NewPassword() string { return "pass phrase " + strings.ToLower(rand.Text()+rand.Text()) }
