package httpapi

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed543b3b27/auth-service/adapters/internal/edge"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Headers of requests and answers.
const (
	headerAccept        = "Accept"
	headerAuthorization = "Authorization"
	headerAuthenticate  = "WWW-Authenticate"
	headerContentType   = "Content-Type"
	headerRetryAfter    = "Retry-After"
)

// humaRoutes adds huma's operations to the engine. Requests of net/http, which huma
// could pass on for tests, reach nothing.
type humaRoutes struct {
	http.Handler
	engine *edge.Engine
}

func newHumaRoutes(engine *edge.Engine) humaRoutes {
	return humaRoutes{Handler: http.NotFoundHandler(), engine: engine}
}

// Handle implements huma.Adapter.
func (r humaRoutes) Handle(op *huma.Operation, handle func(huma.Context)) {
	serve := func(x *edge.Exchange) {
		c := &call{x: x, op: op}
		x.Attach(c)
		handle(c)
	}
	if op.Metadata[anyMethod] == true {
		r.engine.HandleAny(op.Path, serve)
		return
	}
	r.engine.Handle(op.Method, op.Path, serve)
}

// anyMethod names the mark of operations that every method reaches.
const anyMethod = "any method"

// call is one request for an operation. It implements huma.Context.
type call struct {
	x      *edge.Exchange
	op     *huma.Operation
	status int
	// bearer reports whether the client sent a token, which decides how a 401
	// challenges it (RFC 6750 section 3.1).
	bearer bool
	// principal acts in the operation, once it is authenticated.
	principal domain.Principal
	// claims are the further claims of the principal, if the operation needs them.
	claims map[string]any
	// signedInFor is ports.AuthenticateResult.SignedInFor.
	signedInFor time.Duration
	// metadata is the principal's metadata, if the operation needs it.
	metadata *domain.Metadata
}

// callOf returns the call that a handler's context belongs to.
func callOf(ctx context.Context) *call { return attachedCall(edge.ExchangeOf(ctx)) }

// attachedCall returns the call of an exchange. It is nil if the request is for
// no operation.
func attachedCall(x *edge.Exchange) *call {
	c, _ := x.Attached().(*call)
	return c
}

// originOf returns the origin for commands. Sessions, limits, the audit log and the
// access log thus name the same address.
func originOf(ctx context.Context) ports.Origin {
	x := edge.ExchangeOf(ctx)
	client := domain.Client{IP: x.ClientIP(), UserAgent: x.UserAgent()}
	return ports.Origin{Client: client.Canonical(), RequestID: x.ID()}
}

// Operation implements huma.Context, as do all methods below.
func (c *call) Operation() *huma.Operation { return c.op }

func (c *call) Context() context.Context { return c.x.Context() }

func (c *call) Method() string { return c.x.Method() }

func (c *call) Host() string { return c.x.Host() }

func (c *call) RemoteAddr() string { return c.x.RemoteAddr() }

func (c *call) Version() huma.ProtoVersion { return huma.ProtoVersion{Proto: c.x.Protocol()} }

// TLS returns nil, because TLS ends at the gateway.
func (c *call) TLS() *tls.ConnectionState { return nil }

func (c *call) URL() url.URL {
	u, err := url.ParseRequestURI(c.x.Target())
	if err != nil {
		return url.URL{} // the engine has refused it already
	}
	return *u
}

func (c *call) Param(name string) string { return c.x.Param(name) }

func (c *call) Query(name string) string { return c.x.Query(name) }

// Header hides what a client accepts, because huma would choose by it, and names
// the media type as huma spells it: checkBody has refused all others.
func (c *call) Header(name string) string {
	switch name {
	case headerAccept:
		return ""
	case headerContentType:
		return contentTypeJSON
	}
	return c.x.Header(name)
}

func (c *call) EachHeader(f func(name, value string)) {
	for name, value := range c.x.Headers() {
		f(string(name), string(value))
	}
}

func (c *call) BodyReader() io.Reader { return bytes.NewReader(c.x.Body()) }

// GetMultipartForm refuses: checkBody lets JSON through only.
func (c *call) GetMultipartForm() (*multipart.Form, error) {
	return nil, errors.New("httpapi: operations read JSON only")
}

// SetReadDeadline does nothing. The engine has read the body, with a deadline of
// its own.
func (c *call) SetReadDeadline(time.Time) error { return nil }

func (c *call) SetStatus(status int) {
	c.status = status
	c.x.SetStatus(status)
}

func (c *call) Status() int { return c.status }

func (c *call) SetHeader(name, value string) { c.x.SetHeader(name, value) }

func (c *call) AppendHeader(name, value string) { c.x.AddHeader(name, value) }

func (c *call) BodyWriter() io.Writer { return c.x }
