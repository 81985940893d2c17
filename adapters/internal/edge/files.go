package edge

import (
	"fmt"
	"io/fs"
	"mime"
	"path"
	"strings"

	"github.com/valyala/fasthttp"
)

// Page is content that is served as it is.
type Page struct {
	// MediaType is the Content-Type.
	MediaType string
	// Policy is the Content-Security-Policy. The default allows nothing.
	Policy string
	// Caching is the Cache-Control. The default is no-store.
	Caching string
	// Content is the body.
	Content []byte
	// Packed reports whether Content is compressed with gzip. Clients that cannot
	// unpack it get it unpacked.
	Packed bool
}

// Page serves a page at a path.
func (e *Engine) Page(address string, page Page) {
	e.Get(address, func(x *Exchange) {
		x.SetContentType(page.MediaType)
		if page.Policy != "" {
			x.SetPolicy(page.Policy)
		}
		if page.Caching != "" {
			x.SetHeader(fasthttp.HeaderCacheControl, page.Caching)
		}
		if !page.Packed {
			x.SetBody(page.Content)
			return
		}
		x.SetHeader(fasthttp.HeaderVary, fasthttp.HeaderAcceptEncoding)
		if x.acceptsGzip() {
			x.raw.Response.Header.SetContentEncoding("gzip")
			x.SetBody(page.Content)
			return
		}
		plain, err := fasthttp.AppendGunzipBytes(nil, page.Content)
		if err != nil {
			e.config.Refuse(x, fmt.Errorf("unpacking %s: %w", address, err))
			return
		}
		x.SetBody(plain)
	})
}

// File serves one file of files at a path, with the Content-Security-Policy. The
// path names no version of the file, so browsers may not store it. Errors: the
// file cannot be read.
func (e *Engine) File(address string, files fs.FS, name, policy string) error {
	content, err := fs.ReadFile(files, name)
	if err != nil {
		return fmt.Errorf("reading a file to serve: %w", err)
	}
	e.Page(address, Page{MediaType: MediaType(name), Policy: policy, Content: content})
	return nil
}

// MediaType returns the media type of a file by its name.
func MediaType(name string) string {
	switch ext := path.Ext(name); ext {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".html", ".css":
		return "text/" + strings.TrimPrefix(ext, ".") + "; charset=utf-8"
	default:
		return mime.TypeByExtension(ext)
	}
}
