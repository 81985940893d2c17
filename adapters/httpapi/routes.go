package httpapi

import (
	"cmp"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed543b3b27/auth-service/domain"
)

// route adds the operations of the API, its document, and the pages.
func (s *Server) route() error {
	s.openAPI()
	s.registrationRoutes()
	s.accountRoutes()
	s.passwordRoutes()
	s.loginRoutes()
	s.continueLoginRoute()
	s.factorRoutes()
	s.sessionRoutes()
	s.adminUserRoutes()
	s.adminSessionRoutes()
	s.adminFactorRoutes()
	s.limitRoutes()
	s.eventRoutes()
	s.exportRoutes()
	s.gatewayRoutes()
	s.jwksRoutes()
	s.shape()

	s.rootRoute()
	s.changePasswordRoute()
	if err := s.docsRoutes(); err != nil {
		return err
	}
	if err := s.pageRoutes(); err != nil {
		return err
	}
	return s.mailboxRoutes()
}

// openAPI begins the API with an empty document.
func (s *Server) openAPI() {
	setHumaGlobals()
	document := newDocument(cmp.Or(s.prefix(), "/"))
	s.api = huma.NewAPI(huma.Config{
		OpenAPI: document,
		Formats: map[string]huma.Format{
			contentTypeJSON: strictJSON,
			"json":          strictJSON, // for application/problem+json
		},
		DefaultFormat: contentTypeJSON,
	}, newHumaRoutes(s.engine))
	document.Components.Schemas.Schema(reflect.TypeFor[problem](), true, problemName)
	shareResponses(document)
	s.addExample(otherRefusal, problemOf(domain.ErrInternal))
}
