package httpapi

import (
	"embed"
	"fmt"
	"io/fs"

	"github.com/swaggest/swgui/v5/static"

	"github.com/seed543b3b27/auth-service/adapters/internal/edge"
)

//go:embed web
var web embed.FS

// docsPolicy is the Content-Security-Policy of Swagger UI: it loads files of its own
// origin only. Its widgets set style attributes and show embedded pictures. The page
// is web/docs.html, because the one of swgui holds scripts in its text and would need
// 'unsafe-inline'.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// swaggerAssets are the files of Swagger UI that the page loads.
var swaggerAssets = []string{"swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"}

func (s *Server) docsRoutes() error {
	s.engine.Get(BasePath+"/openapi.json", s.openAPIDocument)
	if err := s.engine.File(DocsPage, web, "web/docs.html", docsPolicy); err != nil {
		return err
	}
	if err := s.engine.File(DocsPage+"/init.js", web, "web/docs.js", docsPolicy); err != nil {
		return err
	}
	for _, name := range swaggerAssets {
		if err := s.swaggerAsset(name); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) openAPIDocument(x *edge.Exchange) {
	document, err := s.OpenAPI()
	if err != nil {
		s.refuse(x, err)
		return
	}
	x.SetContentType(contentTypeJSON)
	x.SetBody(document)
}

// swaggerAsset serves a file of Swagger UI, compressed if the module holds it so.
func (s *Server) swaggerAsset(name string) error {
	content, err := fs.ReadFile(static.FS, name+".gz")
	packed := err == nil
	if !packed {
		content, err = fs.ReadFile(static.FS, name)
	}
	if err != nil {
		return fmt.Errorf("reading a file of Swagger UI: %w", err)
	}
	s.engine.Page(DocsPage+"/"+name, edge.Page{
		MediaType: edge.MediaType(name), Caching: "public, max-age=3600", Content: content, Packed: packed,
	})
	return nil
}
