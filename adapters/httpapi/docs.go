package httpapi

import (
	"embed"
	"fmt"
	"io/fs"
	"mime"
	"path"
	"strings"

	"github.com/swaggest/swgui/v5/static"
	"github.com/valyala/fasthttp"
)

//go:embed web
var web embed.FS

// docsPolicy is the Content-Security-Policy of Swagger UI: all from here. Its
// widgets set style attributes and show embedded pictures. The page is ours (web/docs.html),
// because swgui's own one has scripts in its text and would need 'unsafe-inline'.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// swaggerAssets are the files of Swagger UI that the page loads.
var swaggerAssets = []string{"swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"}

func (s *Server) docsRoutes() error {
	s.get(basePath+"/openapi.json", s.openAPIDocument)
	if err := s.file(basePath+"/docs", web, "web/docs.html", docsPolicy); err != nil {
		return err
	}
	if err := s.file(basePath+"/docs/init.js", web, "web/docs.js", docsPolicy); err != nil {
		return err
	}
	for _, name := range swaggerAssets {
		if err := s.swaggerAsset(name); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) openAPIDocument(fctx *fasthttp.RequestCtx) {
	document, err := s.OpenAPI()
	if err != nil {
		s.refuse(fctx, err)
		return
	}
	fctx.SetContentType(contentTypeJSON)
	fctx.SetBody(document)
}

// file serves one embedded file. Files change with the build only, but there is
// no build in their address, so browsers ask each time.
func (s *Server) file(address string, files fs.FS, name, policy string) error {
	content, err := fs.ReadFile(files, name)
	if err != nil {
		return fmt.Errorf("reading an embedded file: %w", err)
	}
	contentType := mediaType(name)
	s.get(address, func(fctx *fasthttp.RequestCtx) {
		fctx.SetContentType(contentType)
		fctx.Response.Header.Set(fasthttp.HeaderContentSecurityPolicy, policy)
		fctx.SetBody(content)
	})
	return nil
}

// swaggerAsset serves a file of Swagger UI, compressed as it is embedded unless
// the client can't unpack it.
func (s *Server) swaggerAsset(name string) error {
	content, err := fs.ReadFile(static.FS, name+".gz")
	compressed := err == nil
	if !compressed {
		content, err = fs.ReadFile(static.FS, name)
	}
	if err != nil {
		return fmt.Errorf("reading a file of Swagger UI: %w", err)
	}
	s.get(basePath+"/docs/"+name, func(fctx *fasthttp.RequestCtx) {
		fctx.SetContentType(mediaType(name))
		fctx.Response.Header.Set(fasthttp.HeaderCacheControl, "public, max-age=3600")
		if !compressed {
			fctx.SetBody(content)
			return
		}
		fctx.Response.Header.Set(fasthttp.HeaderVary, fasthttp.HeaderAcceptEncoding)
		if fctx.Request.Header.HasAcceptEncoding("gzip") {
			fctx.Response.Header.SetContentEncoding("gzip")
			fctx.SetBody(content)
			return
		}
		plain, err := fasthttp.AppendGunzipBytes(nil, content)
		if err != nil {
			s.refuse(fctx, fmt.Errorf("unpacking %s: %w", name, err))
			return
		}
		fctx.SetBody(plain)
	})
	return nil
}

func mediaType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".html", ".css":
		return "text/" + strings.TrimPrefix(ext, ".") + "; charset=utf-8"
	default:
		return mime.TypeByExtension(ext)
	}
}
