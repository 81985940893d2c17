package httpapi

import (
	"bytes"
	"fmt"
	"html/template"

	"github.com/seed543b3b27/auth-service/adapters/internal/edge"
)

// pagePolicy is the Content-Security-Policy of the pages behind links in mails:
// they run our script, show our style and talk to us.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const uiPath = basePath + "/ui/"

// pageRoutes serves the pages that confirm an address and choose a password,
// for a reset and for an invitation. The token is in the fragment of their
// address, so it reaches no log and no server; only a press on the button
// redeems it, so mail scanners that open links use nothing up.
func (s *Server) pageRoutes() error {
	for _, name := range []string{"style.css", "ui.js", "verify.js", "reset.js"} {
		if err := s.engine.File(uiPath+name, web, "web/"+name, pagePolicy); err != nil {
			return err
		}
	}
	for _, name := range []string{"verify", "reset"} {
		if err := s.page(name); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) page(name string) error {
	file := name + ".html"
	page, err := template.ParseFS(web, "web/"+file)
	if err != nil {
		return fmt.Errorf("parsing the page %s: %w", name, err)
	}
	var content bytes.Buffer
	err = page.Execute(&content, struct{ MinLength int }{s.config.PasswordMinLength})
	if err != nil {
		return fmt.Errorf("rendering the page %s: %w", name, err)
	}
	s.engine.Page(uiPath+name, edge.Page{MediaType: edge.MediaType(file), Policy: pagePolicy, Content: content.Bytes()})
	return nil
}
