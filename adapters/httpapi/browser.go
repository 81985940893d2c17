package httpapi

import (
	"context"
	"net/http"
	"regexp"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed543b3b27/auth-service/domain"
)

// browserCookieName is the cookie by which a browser proves that it registered an account.
const browserCookieName = "auth_registration"

// hostPrefix begins the name of a cookie that browsers take from its own host alone, over
// TLS, for the path / (RFC 6265bis section 4.1.3.2). Without it, a neighbouring host, such
// as another subdomain, can plant a cookie of any name.
const hostPrefix = "__Host-"

// browserCookieLife is as long as the link of the mail works.
var browserCookieLife = domain.MailVerifyEmail.TokenLife()

// goodBrowserSecret is the form of the secrets that the service makes.
var goodBrowserSecret = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// browserCookieName returns the name of the cookie. Where clients use https, no other
// name counts, because it could be planted.
func (s *Server) browserCookieName() string {
	if s.secure() {
		return hostPrefix + browserCookieName
	}
	return browserCookieName
}

// browserSecret returns the secret of a browser that registered. Of several cookies of
// the name, which only hosts without TLS can get, another application may have planted
// one, so they prove nothing.
func (s *Server) browserSecret(ctx context.Context) domain.Secret {
	values := callOf(ctx).x.Cookies(s.browserCookieName())
	if len(values) == 1 && goodBrowserSecret.Match(values[0]) {
		return domain.NewSecret(string(values[0]))
	}
	return domain.Secret{}
}

// browserCookie lets the browser confirm the address without the password. Scripts can't
// read it, and other sites can't make a browser send it. Every registration that the
// service answers alike sets one, so that it reveals nothing. With https its path is /, as
// its name demands, so other applications of the host get it too. They can do nothing with it
// without the token of a mail.
func (s *Server) browserCookie(secret domain.Secret) string {
	cookie := http.Cookie{ //nolint:gosec // Secure depends on how the service is reached: browsers drop such a cookie without TLS
		Name:     s.browserCookieName(),
		Value:    secret.Reveal(),
		Path:     "/",
		MaxAge:   int(browserCookieLife / time.Second),
		Secure:   s.secure(),
		HttpOnly: true,
		SameSite: http.SameSiteStrictMode,
	}
	if !s.secure() {
		cookie.Path = s.prefix() + BasePath
	}
	return cookie.String()
}

// browserCookieParam documents the cookie of a request.
func browserCookieParam() *huma.Param {
	return &huma.Param{
		Name:        browserCookieName,
		In:          "cookie",
		Description: "The cookie that the answer to the registration set. With https its name is `__Host-auth_registration`. It is one way to prove that the client chose the password.",
		Schema:      &huma.Schema{Type: huma.TypeString},
	}
}
