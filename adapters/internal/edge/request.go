package edge

import (
	"bytes"
	"iter"

	"github.com/valyala/fasthttp"
)

// What a handler reads of a request. Strings are copies. Byte slices lie in
// buffers that serve the next request: they are valid until the handler returns.

// Method returns the method that the request is routed by: GET for HEAD.
func (x *Exchange) Method() string { return string(x.raw.Method()) }

// Host returns the Host header, with its port if there is one.
func (x *Exchange) Host() string { return string(x.raw.Host()) }

// Target returns the request target as the client wrote it.
func (x *Exchange) Target() string { return string(x.raw.RequestURI()) }

// Protocol returns the version of HTTP, such as HTTP/1.1.
func (x *Exchange) Protocol() string { return string(x.raw.Request.Header.Protocol()) }

// RemoteAddr returns the address of the TCP peer as host:port.
func (x *Exchange) RemoteAddr() string { return x.raw.RemoteAddr().String() }

// Param returns a parameter of the route's pattern as the client wrote it.
func (x *Exchange) Param(name string) string { return x.routed.Params(name) }

// Query returns the first value of a query parameter, else an empty string.
func (x *Exchange) Query(name string) string { return string(x.raw.QueryArgs().Peek(name)) }

// Queries iterates over the query parameters in their order, repeated ones included.
func (x *Exchange) Queries() iter.Seq2[[]byte, []byte] { return x.raw.QueryArgs().All() }

// Header returns the value of a header, else an empty string.
func (x *Exchange) Header(name string) string { return string(x.raw.Request.Header.Peek(name)) }

// HeaderLines returns the values of all lines of a header.
func (x *Exchange) HeaderLines(name string) [][]byte { return x.raw.Request.Header.PeekAll(name) }

// Headers iterates over all headers.
func (x *Exchange) Headers() iter.Seq2[[]byte, []byte] { return x.raw.Request.Header.All() }

// CountHeader counts the lines of a header in the text of the request. Of some
// headers, Content-Type among them, fasthttp keeps the last line only.
func (x *Exchange) CountHeader(name string) (n int) {
	for line := range bytes.Lines(x.raw.Request.Header.RawHeaders()) {
		field, _, _ := bytes.Cut(line, []byte(":"))
		if bytes.EqualFold(field, []byte(name)) {
			n++
		}
	}
	return n
}

// UserAgent returns the User-Agent header.
func (x *Exchange) UserAgent() string { return string(x.raw.UserAgent()) }

// Cookie returns the value of a cookie, else nil.
func (x *Exchange) Cookie(name string) []byte { return x.raw.Request.Header.Cookie(name) }

// Cookies returns the values of all cookies of a name.
func (x *Exchange) Cookies(name string) (values [][]byte) {
	for key, value := range x.raw.Request.Header.Cookies() {
		if string(key) == name {
			values = append(values, value)
		}
	}
	return values
}

// Body returns the body as it was sent, at most MaxBodyBytes.
func (x *Exchange) Body() []byte { return x.raw.Request.Body() }

// acceptsGzip reports whether the client can unpack gzip.
func (x *Exchange) acceptsGzip() bool {
	return x.raw.Request.Header.HasAcceptEncoding("gzip")
}

// What a handler writes of an answer.

// TurnAway marks the answer as a refusal for load, which the client is to send again
// later. In a flood of them the engine makes the client wait for the answer.
func (x *Exchange) TurnAway() { x.turnedAway = true }

// Status returns the status of the answer.
func (x *Exchange) Status() int { return x.raw.Response.StatusCode() }

// SetStatus sets the status of the answer. Without it the status is 200.
func (x *Exchange) SetStatus(status int) { x.raw.SetStatusCode(status) }

// SetHeader sets a header of the answer, in place of one that is set already.
func (x *Exchange) SetHeader(name, value string) { x.raw.Response.Header.Set(name, value) }

// AddHeader adds a line to a header of the answer.
func (x *Exchange) AddHeader(name, value string) { x.raw.Response.Header.Add(name, value) }

// SetContentType sets the media type of the answer.
func (x *Exchange) SetContentType(mediaType string) { x.raw.SetContentType(mediaType) }

// SetPolicy sets the Content-Security-Policy of the answer. Without it nothing in
// the answer may be run, loaded or framed.
func (x *Exchange) SetPolicy(policy string) {
	x.raw.Response.Header.Set(fasthttp.HeaderContentSecurityPolicy, policy)
}

// SetBody sets the body to a copy of content.
func (x *Exchange) SetBody(content []byte) { x.raw.SetBody(content) }

// ResetBody empties the body.
func (x *Exchange) ResetBody() { x.raw.Response.ResetBody() }

// Write appends to the body. It returns no error.
func (x *Exchange) Write(p []byte) (int, error) { return x.raw.Write(p) }
