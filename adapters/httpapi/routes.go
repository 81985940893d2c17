package httpapi

import (
	"errors"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// route builds the router: the operations of the API, and what stands beside
// the API and its document.
func (s *Server) route() error {
	s.app = fiber.New(fiber.Config{
		// One address, one spelling.
		StrictRouting: true,
		CaseSensitive: true,
		// Strings from a request are copied; else they would change when
		// their buffer serves the next request.
		Immutable: true,
		// Only the TCP peer says who the peer is.
		EnableTrustedProxyCheck: true,
		ErrorHandler:            s.routingFailed,
		DisableStartupMessage:   true,
	})
	s.openAPI()
	s.registrationRoutes()
	s.accountRoutes()
	s.passwordRoutes()
	s.loginRoutes()
	s.sessionRoutes()
	s.adminUserRoutes()
	s.adminSessionRoutes()
	s.eventRoutes()
	s.exportRoutes()
	s.gatewayRoutes()
	s.jwksRoutes()

	s.rootRoute()
	s.probeRoutes()
	if err := s.docsRoutes(); err != nil {
		return err
	}
	if err := s.pageRoutes(); err != nil {
		return err
	}
	if err := s.mailboxRoutes(); err != nil {
		return err
	}
	s.router = s.app.Handler()
	return nil
}

// get adds an address that is no operation of the API.
func (s *Server) get(path string, handle fasthttp.RequestHandler) {
	s.app.Add(http.MethodGet, path, func(c *fiber.Ctx) error {
		exchangeOf(c.Context()).route = path
		handle(c.Context())
		return nil
	})
}

// routingFailed answers where no route does. Fiber has set Allow for a 405.
func (s *Server) routingFailed(c *fiber.Ctx, err error) error {
	var refusal *fiber.Error
	if errors.As(err, &refusal) {
		switch refusal.Code {
		case http.StatusNotFound:
			err = errNotFound
		case http.StatusMethodNotAllowed:
			err = errMethodNotAllowed
		}
	}
	s.refuse(c.Context(), err)
	return nil
}

// openAPI begins the API with its document.
func (s *Server) openAPI() {
	setHumaGlobals()
	document := newDocument()
	s.api = humafiber.New(s.app, huma.Config{
		OpenAPI: document,
		Formats: map[string]huma.Format{
			contentTypeJSON: strictJSON,
			"json":          strictJSON, // for application/problem+json
		},
		DefaultFormat: contentTypeJSON,
	})
	document.Components.Schemas.Schema(reflect.TypeFor[problem](), true, "Problem")
	s.api.UseMiddleware(s.enter)
}
