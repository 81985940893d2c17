package httpapi

import (
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed543b3b27/auth-service/domain"
)

// browserCookieName is the cookie by which a browser proves that it registered an account.
const browserCookieName = "auth_registration"

// browserCookieLife is as long as the link of the mail works.
var browserCookieLife = domain.MailVerifyEmail.TokenLife()

// goodBrowserSecret is the form of the secrets that the service makes.
var goodBrowserSecret = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// withBrowser gives a handler the secret of a browser that registered.
type withBrowser struct{ secret domain.Secret }

// Resolve implements huma.Resolver. Of several cookies of the name, another application
// of a neighbouring host may have planted one, so they prove nothing.
func (b *withBrowser) Resolve(hctx huma.Context) []error {
	values := callOf(hctx.Context()).x.Cookies(browserCookieName)
	if len(values) == 1 && goodBrowserSecret.Match(values[0]) {
		b.secret = domain.NewSecret(string(values[0]))
	}
	return nil
}

// browserCookie lets the browser confirm the address without the password. Scripts can't
// read it, and other sites can't make a browser send it. Every registration that the
// service answers alike sets one, so that it reveals nothing.
func (s *Server) browserCookie(secret domain.Secret) string {
	cookie := http.Cookie{ //nolint:gosec // Secure depends on how the service is reached: browsers drop such a cookie without TLS
		Name:     browserCookieName,
		Value:    secret.Reveal(),
		Path:     strings.TrimSuffix(s.public.EscapedPath(), "/") + BasePath,
		MaxAge:   int(browserCookieLife / time.Second),
		Secure:   s.secure(),
		HttpOnly: true,
		SameSite: http.SameSiteStrictMode,
	}
	return cookie.String()
}

// browserCookieParam documents the cookie of a request.
func browserCookieParam() *huma.Param {
	return &huma.Param{
		Name:        browserCookieName,
		In:          "cookie",
		Description: "As the answer to the registration set it. One of its proofs that the client chose the password.",
		Schema:      &huma.Schema{Type: huma.TypeString},
	}
}
