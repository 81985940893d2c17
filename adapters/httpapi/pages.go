package httpapi

import (
	"bytes"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"github.com/seed543b3b27/auth-service/adapters/internal/edge"
	"github.com/seed543b3b27/auth-service/adapters/internal/site"
	"github.com/seed543b3b27/auth-service/domain"
)

// pagePolicy is the Content-Security-Policy of the pages that links in mails lead to:
// scripts, styles and requests of their own origin only.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// pageRoutes serves the pages that confirm an address, confirm and undo a change of
// address, and choose a password, for a reset and for an invitation. The token is in the
// fragment of their address, which browsers send to no server. Only a press on the button
// redeems it, so mail scanners that open links leave it usable. One more page asks for
// the mail of a reset.
func (s *Server) pageRoutes() error {
	for _, name := range []string{"style.css", "ui.js", "link.js"} {
		if err := s.engine.File(site.PagesPath+name, web, "web/"+name, pagePolicy); err != nil {
			return err
		}
	}
	for _, p := range []page{
		{address: site.VerifyPage, Name: "verify", Title: "Confirm your e-mail address"},
		{address: site.ChangePage, Name: "change", Title: "Use this address for an account?"},
		{address: site.UndoPage, Name: "undo", Title: "Undo the change of address"},
		{address: site.ResetPage, Name: "reset", Title: "Choose a new password"},
		{address: site.ForgotPage, Name: "forgot", Title: "Change your password"},
	} {
		p.Product, p.MinLength = s.config.ProductName, s.config.PasswordMinLength
		if err := s.page(p); err != nil {
			return err
		}
	}
	return nil
}

// page is a page and what its template shows.
type page struct {
	address string
	// Name is the name of its template and of its script.
	Name      string
	Title     string
	Product   string
	MinLength int
}

// page serves a page and its script.
func (s *Server) page(p page) error {
	text, err := template.ParseFS(web, "web/layout.html", "web/"+p.Name+".html")
	if err != nil {
		return fmt.Errorf("parsing the page %s: %w", p.Name, err)
	}
	var content bytes.Buffer
	if err := text.ExecuteTemplate(&content, p.Name+".html", p); err != nil {
		return fmt.Errorf("rendering the page %s: %w", p.Name, err)
	}
	s.engine.Page(p.address, edge.Page{MediaType: edge.MediaType(".html"), Policy: pagePolicy, Content: content.Bytes()})
	script := p.Name + ".js"
	return s.engine.File(site.PagesPath+script, web, "web/"+script, pagePolicy)
}

// changePasswordRoute leads password managers to the page where a password can be
// changed: one of the application, or the one of the service. The address comes from the
// configuration alone.
func (s *Server) changePasswordRoute() {
	target := s.config.PasswordChangeURL
	if target == "" {
		target = strings.TrimRight(s.config.PublicURL, "/") + site.ForgotPage
	}
	s.engine.Get(site.ChangePasswordPath, func(x *edge.Exchange) {
		x.SetStatus(http.StatusFound)
		x.SetHeader("Location", target)
	})
}

// lost is a 404 that names the paths of the API and of its documentation, for an operator
// who tries an address in a browser. It is no redirect (V-36).
func (s *Server) lost() error {
	return domain.ErrNotFound.WithDetail("There is nothing at this address. The API is under " + s.prefix() + BasePath + ", its documentation at " + s.prefix() + DocsPage + ".")
}

// rootRoute answers a request for the root. refuseForEngine answers for the root of the
// API, under every method.
func (s *Server) rootRoute() {
	s.engine.Get("/", func(x *edge.Exchange) { s.refuse(x, s.lost()) })
}
