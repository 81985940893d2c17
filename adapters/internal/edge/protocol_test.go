package edge

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// B-33, B-37, B-40 to B-45: bytes that two readers could understand differently are
// refused, and the bytes behind them are not read as a request.
func TestProtocol_AmbiguousRequestsEndTheConnection(t *testing.T) {
	t.Parallel()
	addr := start(t, testConfig()).listen()
	const chunked = "Transfer-Encoding: chunked\r\n"
	for name, text := range map[string]string{
		"B-40 length beside chunked":       post + "Content-Length: 6\r\n" + chunked + "\r\n0\r\n\r\n",
		"B-40 length behind chunked":       post + chunked + "Content-Length: 5\r\n\r\n0\r\n\r\n",
		"B-41 capitals":                    post + "Transfer-Encoding: CHUNKED\r\n\r\n0\r\n\r\n",
		"B-41 two blanks":                  post + "Transfer-Encoding:  chunked\r\n\r\n0\r\n\r\n",
		"B-41 identity":                    post + "Transfer-Encoding: identity\r\n\r\n",
		"B-41 unknown coding":              post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
		"B-41 chunked then identity":       post + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
		"B-41 identity then chunked":       post + "Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n",
		"B-41 vertical tab":                post + "Transfer-Encoding: chunked\x0b\r\n\r\n0\r\n\r\n",
		"B-41 twice":                       post + chunked + chunked + "\r\n0\r\n\r\n",
		"B-41 HTTP/1.0":                    strings.Replace(post, "HTTP/1.1", "HTTP/1.0", 1) + chunked + "\r\n0\r\n\r\n",
		"B-42 two lengths":                 post + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
		"B-42 list of lengths":             post + "Content-Length: 2, 3\r\n\r\n{}",
		"B-42 list of equal lengths":       post + "Content-Length: 2, 2\r\n\r\n{}",
		"B-42 empty length":                post + "Content-Length: \r\n\r\n{}",
		"B-42 length beyond int64":         post + "Content-Length: 99999999999999999999\r\n\r\n{}",
		"B-42 plus":                        post + "Content-Length: +2\r\n\r\n{}",
		"B-42 hexadecimal":                 post + "Content-Length: 0x2\r\n\r\n{}",
		"B-11 negative":                    post + "Content-Length: -2\r\n\r\n{}",
		"B-11 two numbers":                 post + "Content-Length: 2 2\r\n\r\n{}",
		"B-43 negative chunk":              post + chunked + "\r\n-1\r\n{}\r\n0\r\n\r\n",
		"B-43 hexadecimal prefix":          post + chunked + "\r\n0x2\r\n{}\r\n0\r\n\r\n",
		"B-43 line feed in extension":      post + chunked + "\r\n2;ext\nX\r\n{}\r\n0\r\n\r\n",
		"B-43 huge chunk":                  post + chunked + "\r\nFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n",
		"B-43 blank behind the size":       post + chunked + "\r\n2 \r\n{}\r\n0\r\n\r\n",
		"B-43 no CRLF after chunk":         post + chunked + "\r\n2\r\n{}0\r\n\r\n",
		"B-44 two hosts":                   get + "Host: evil.example.com\r\n\r\n",
		"B-44 no host":                     strings.Replace(get, host, "", 1) + "\r\n",
		"B-44 space in host":               strings.Replace(get, host, "Host: a b\r\n", 1) + "\r\n",
		"B-44 comma in host":               strings.Replace(get, host, "Host: a,b\r\n", 1) + "\r\n",
		"B-44 two ports":                   strings.Replace(get, host, "Host: a:1:2\r\n", 1) + "\r\n",
		"B-44 port is no number":           strings.Replace(get, host, "Host: a:b\r\n", 1) + "\r\n",
		"B-45 space before colon":          post + "Content-Length : 2\r\n\r\n{}",
		"B-45 blank within a name":         post + "Content Length: 2\r\n\r\n",
		"B-45 LF for CRLF":                 strings.ReplaceAll(get+"\r\n", "\r\n", "\n"),
		"B-45 LF behind the request line":  strings.Replace(get, "\r\n", "\n", 1) + "\r\n",
		"B-45 LF behind a header":          get + "X-Note: a\nX-Other: b\r\n\r\n",
		"B-45 LF behind the headers":       get + "\n",
		"B-45 two empty lines in front":    "\r\n\r\n" + get + "\r\n",
		"B-45 tab before name":             post + "\tTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"B-33 folded header":               get + "X-Note: a\r\n b\r\n\r\n",
		"B-45 bare CR":                     get + "X-Note: a\rb\r\n\r\n",
		"B-45 NUL":                         get + "X-Note: a\x00b\r\n\r\n",
		"B-33 empty name":                  get + ": value\r\n\r\n",
		"B-29 method with other letters":   "G{T /api/public HTTP/1.1\r\n" + host + "\r\n",
		"B-37 HTTP/0.9":                    "GET /api/public\r\n\r\n",
		"B-37 junk behind the version":     strings.Replace(get, "HTTP/1.1", "HTTP/1.1x", 1) + "\r\n",
		"B-37 HTTP/2 preface":              "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"B-28 asterisk":                    "GET * HTTP/1.1\r\n" + host + "\r\n",
		"B-28 no slash":                    "GET api/auth/test/public HTTP/1.1\r\n" + host + "\r\n",
		"B-28 broken escape in path":       "GET /api/%zz HTTP/1.1\r\n" + host + "\r\n",
		"B-27 broken escape in query":      "GET /api/public?a=%zz HTTP/1.1\r\n" + host + "\r\n",
		"B-38 a trace in the trailers":     post + "Trailer: traceparent\r\n" + chunked + "\r\n2\r\n{}\r\n0\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n",
		"B-38 a request id there":          post + chunked + "\r\n2\r\n{}\r\n0\r\nX-Request-Id: behind\r\n\r\n",
		"B-38 credentials in the trailers": "GET /api/public HTTP/1.1\r\n" + host + chunked + "\r\n0\r\nAuthorization: Basic dXNlcjpwYXNz\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := dial(t, addr)
			r.send(text + get + "\r\n") // a victim's request behind it
			isRefused(t, r.receive(), ErrMalformed)
			r.ends()
		})
	}
}

// B-30, T-06: slow clients are dropped at any point of a request. The test shortens
// the limit of 10 s.
func TestProtocol_SlowRequestsAreDropped(t *testing.T) {
	t.Parallel()
	assert.LessOrEqual(t, readTimeout, 15*time.Second)
	b := unstarted(t, testConfig())
	b.engine.http.ReadTimeout = 200 * time.Millisecond
	addr := b.listen()
	for name, text := range map[string]string{
		"nothing":     "",
		"half a head": get + "X-Note: a",
		"half a body": post + "Content-Length: 20\r\n\r\n{",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := dial(t, addr)
			r.send(text)
			rest, err := io.ReadAll(r.in) // returns when the server closes; else the deadline of 30 s fails
			require.NoError(t, err)
			assert.Equal(t, text != "", strings.Contains(string(rest), ErrRequestTimeout.Error()))
		})
	}
}
