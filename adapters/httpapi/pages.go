package httpapi

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"

	"github.com/seed543b3b27/auth-service/adapters/internal/edge"
	"github.com/seed543b3b27/auth-service/adapters/internal/site"
	"github.com/seed543b3b27/auth-service/domain"
)

// pagePolicy is the Content-Security-Policy of the pages that links in mails lead to:
// scripts, styles and requests of their own origin only.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// pageRoutes serves the pages that confirm an address, confirm and undo a change of
// address, and choose a password, for a reset and for an invitation. The token is in the fragment of their address, which
// browsers send to no server. Only a press on the button redeems it, so mail scanners
// that open links leave it usable.
func (s *Server) pageRoutes() error {
	for _, name := range []string{"style.css", "ui.js", "verify.js", "change.js", "undo.js", "reset.js"} {
		if err := s.engine.File(site.PagesPath+name, web, "web/"+name, pagePolicy); err != nil {
			return err
		}
	}
	return errors.Join(s.page(site.VerifyPage, "verify.html"), s.page(site.ChangePage, "change.html"), s.page(site.UndoPage, "undo.html"), s.page(site.ResetPage, "reset.html"))
}

// page serves a template of the folder web.
func (s *Server) page(address, file string) error {
	page, err := template.ParseFS(web, "web/"+file)
	if err != nil {
		return fmt.Errorf("parsing the page %s: %w", file, err)
	}
	var content bytes.Buffer
	err = page.Execute(&content, struct{ MinLength int }{s.config.PasswordMinLength})
	if err != nil {
		return fmt.Errorf("rendering the page %s: %w", file, err)
	}
	s.engine.Page(address, edge.Page{MediaType: edge.MediaType(file), Policy: pagePolicy, Content: content.Bytes()})
	return nil
}

// rootRoute answers a request for the root with a 404 that names the paths of the API
// and of its documentation, for an operator who tries the address in a browser. The
// service sends no redirect (V-36).
func (s *Server) rootRoute() {
	lost := domain.ErrNotFound.WithDetail("There is nothing at this address. The API is under " + BasePath + ", its documentation at " + DocsPage + ".")
	s.engine.Get("/", func(x *edge.Exchange) { s.refuse(x, lost) })
}
