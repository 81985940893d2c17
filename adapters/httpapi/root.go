package httpapi

import "github.com/seed543b3b27/auth-service/adapters/internal/edge"

// rootRoute answers a request for the root with a 404 that names the paths of the API
// and of its documentation, for an operator who tries the address in a browser. The
// service sends no redirect (V-36).
func (s *Server) rootRoute() {
	lost := *errNotFound
	lost.Detail = "There is nothing at this address. The API is under " + BasePath + ", its documentation at " + DocsPage + "."
	s.engine.Get("/", func(x *edge.Exchange) { s.refuse(x, &lost) })
}
