package httpapi

import "github.com/seed543b3b27/auth-service/adapters/internal/edge"

// rootRoute answers who asks for the root, most likely a person who tries what
// runs here: there is nothing, and the answer says where the API is. The service
// redirects nowhere (V-36).
func (s *Server) rootRoute() {
	lost := *errNotFound
	lost.Detail = "There is nothing at this address. The API is under " + BasePath + ", its documentation at " + DocsPage + "."
	s.engine.Get("/", func(x *edge.Exchange) { s.refuse(x, &lost) })
}
