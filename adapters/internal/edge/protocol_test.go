package edge

import (
	"fmt"
	"io"
	"net/http"
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

func TestProtocol_LimitsAndVersions(t *testing.T) {
	t.Parallel()
	addr := start(t, testConfig()).listen()
	for name, tc := range map[string]struct {
		text string
		want *Refusal
	}{
		"B-11 5 GB declared":          {post + "Content-Length: 5368709120\r\n\r\n{}", ErrBodyTooLarge},
		"B-11 5 MB sent":              {post + "Content-Length: 5000000\r\n\r\n" + strings.Repeat("x", 5000000), ErrBodyTooLarge},
		"B-11 too much in chunks":     {post + "Transfer-Encoding: chunked\r\n\r\n20000\r\n" + strings.Repeat("x", 0x20000) + "\r\n0\r\n\r\n", ErrBodyTooLarge},
		"B-11 asks for leave":         {post + "Expect: 100-continue\r\nContent-Length: 70000\r\n\r\n", ErrBodyTooLarge},
		"B-28 path of 16 KB":          {"GET /" + strings.Repeat("a", 16000) + " HTTP/1.1\r\n" + host + "\r\n", ErrURITooLong},
		"B-27 query of 16 KB":         {"GET /api/public?" + strings.Repeat("a=b&", 4000) + " HTTP/1.1\r\n" + host + "\r\n", ErrURITooLong},
		"B-33 header of 64 KB":        {get + "X-Note: " + strings.Repeat("a", 64000) + "\r\n\r\n", ErrHeadersTooLarge},
		"B-33 10 000 headers":         {get + strings.Repeat("X-Note: a\r\n", 10000) + "\r\n", ErrHeadersTooLarge},
		"B-33 name of 30 KB":          {get + strings.Repeat("a", 30000) + ": a\r\n\r\n", ErrHeadersTooLarge},
		"B-35 token of 1 MB":          {"GET /api/public HTTP/1.1\r\n" + host + "Authorization: Bearer " + strings.Repeat(".", 1<<20) + "\r\n\r\n", ErrHeadersTooLarge},
		"B-34 cookies of 64 KB":       {get + "Cookie: " + strings.Repeat("a=b; ", 13000) + "\r\n\r\n", ErrHeadersTooLarge},
		"B-29 method of 40 KB":        {strings.Repeat("M", 40000) + " / HTTP/1.1\r\n" + host + "\r\n", ErrHeadersTooLarge},
		"B-37 HTTP/9.9":               {strings.Replace(get, "HTTP/1.1", "HTTP/9.9", 1) + "\r\n", ErrHTTPVersion},
		"B-37 expects something else": {post + "Expect: cookies\r\nContent-Length: 2\r\n\r\n{}", ErrExpectation},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := dial(t, addr)
			go r.send(tc.text) // the answer may come before all is sent
			isRefused(t, r.receive(), tc.want)
			r.ends()
		})
	}
}

func TestProtocol_OrdinaryRequestsAreServed(t *testing.T) {
	t.Parallel()
	addr := start(t, testConfig()).listen()
	const body = `{"email":"a","password":"b"}`
	for name, text := range map[string]string{
		"B-33 8 KB of headers":       get + "X-Note: " + strings.Repeat("a", 8000) + "\r\n\r\n",
		"B-33 16 KB of headers":      get + strings.Repeat("X-Note: "+strings.Repeat("a", 1000)+"\r\n", 16) + "\r\n",
		"B-34 200 cookies":           get + "Cookie: " + strings.Repeat("__Host-a=b; ", 200) + "\r\n\r\n",
		"B-45 leading CRLF":          "\r\n" + get + "\r\n",
		"chunked":                    post + "Transfer-Encoding: chunked\r\n\r\n1c\r\n" + body + "\r\n0\r\n\r\n",
		"absolute form":              "GET http://www.example.com/api/public HTTP/1.1\r\n" + host + "\r\n",
		"B-37 upgrade is ignored":    get + "Upgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
		"B-38 range, match, TE":      get + "Range: bytes=0-1\r\nIf-None-Match: *\r\nTE: trailers\r\n\r\n",
		"B-29 GET with a body":       get + "Content-Length: 2\r\n\r\n{}",
		"HTTP/1.0":                   "GET /api/public HTTP/1.0\r\n\r\n",
		"B-28 fragment in the query": "GET /api/public?x#y HTTP/1.1\r\n" + host + "\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := dial(t, addr)
			r.send(text)
			a := r.receive()
			assert.Equal(t, http.StatusOK, a.StatusCode, a.body)
		})
	}
}

func TestProtocol_ContinueIsAnswered(t *testing.T) {
	t.Parallel()
	r := dial(t, start(t, testConfig()).listen())
	r.send(post + "Expect: 100-continue\r\nContent-Length: 28\r\n\r\n")
	assert.Equal(t, http.StatusContinue, r.receive().StatusCode)
	r.send(`{"email":"a","password":"b"}`)
	assert.Equal(t, http.StatusOK, r.receive().StatusCode)
}

// B-32: pipelined requests get their answers in order.
func TestProtocol_PipelinedRequests(t *testing.T) {
	t.Parallel()
	r := dial(t, start(t, testConfig()).listen())
	var text strings.Builder
	for i := range 200 {
		fmt.Fprintf(&text, "%sX-Request-ID: request-%d\r\n\r\n", get, i)
	}
	go r.send(text.String())
	for i := range 200 {
		a := r.receive()
		require.Equal(t, http.StatusOK, a.StatusCode)
		require.Equal(t, fmt.Sprintf("request-%d", i), a.Header.Get("X-Request-Id"))
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
