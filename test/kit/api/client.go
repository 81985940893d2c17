package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// Prefix is the beginning of every path of the API.
const Prefix = "/api/auth"

const (
	// patience bounds one request.
	patience = time.Minute
	// maxTries is how often Patiently sends a request that gets a 503.
	maxTries = 30
)

// Client sends requests for one test. It takes the replicas in turn, so that no test
// relies on one of them. It follows no redirect and keeps no cookie.
//
// A request without an answer fails the test and does not stop it, so that every
// method may be called from any goroutine; its Answer has the status 0.
type Client struct {
	testing.TB

	// URLs are the base addresses of the replicas.
	URLs []string
	// Transport sends the requests; nil stands for http.DefaultTransport.
	Transport http.RoundTripper
	// Header holds fields that every request has; they replace those of the request.
	Header http.Header
	// Host is the host that requests name. The default is the host of the replica's address.
	Host string
	// Check, if it is set, gets every answer with its request and the body that was sent.
	Check func(request *http.Request, response *http.Response, sent []byte, a Answer)

	next *atomic.Int64
}

// New returns a client of a service with replicas at these base addresses.
func New(t testing.TB, urls ...string) Client {
	return Client{TB: t, URLs: urls, next: new(atomic.Int64)}
}

// Object is a JSON object to send.
type Object map[string]any

// Request is a request to send. Zero fields are left out.
type Request struct {
	Method string
	// Path is the whole path with its query, for example "/api/auth/me" or "/readyz".
	Path string
	// Token is sent as a bearer token.
	Token string
	// Body is sent as it is if it is a string or []byte, and as JSON otherwise.
	Body any
	// Header holds more fields; they replace those that the client sets.
	Header http.Header
}

// On returns a client of one replica. Numbers past the last replica start again at the
// first.
func (c Client) On(replica int) Client {
	c.URLs = []string{c.URLs[replica%len(c.URLs)]}
	return c
}

// With returns a client that sends a header field with every request.
func (c Client) With(name, value string) Client {
	c.Header = c.Header.Clone()
	if c.Header == nil {
		c.Header = http.Header{}
	}
	c.Header[http.CanonicalHeaderKey(name)] = []string{value}
	return c
}

// Get sends a GET to a path below Prefix, as Do does.
func (c Client) Get(path, token string) Answer {
	c.Helper()
	return c.Do(Request{Method: http.MethodGet, Path: Prefix + path, Token: token})
}

// Post sends a POST to a path below Prefix, as Do does.
func (c Client) Post(path, token string, body any) Answer {
	c.Helper()
	return c.Do(Request{Method: http.MethodPost, Path: Prefix + path, Token: token, Body: body})
}

// Patch sends a PATCH to a path below Prefix, as Do does.
func (c Client) Patch(path, token string, body any) Answer {
	c.Helper()
	return c.Do(Request{Method: http.MethodPatch, Path: Prefix + path, Token: token, Body: body})
}

// Delete sends a DELETE to a path below Prefix, as Do does.
func (c Client) Delete(path, token string, body any) Answer {
	c.Helper()
	return c.Do(Request{Method: http.MethodDelete, Path: Prefix + path, Token: token, Body: body})
}

// Do sends a request, and sends it again while the service is too busy for it.
func (c Client) Do(r Request) Answer {
	c.Helper()
	return Patiently(func() Answer { c.Helper(); return c.Once(r) })
}

// Patiently repeats a request while its answer is a 503, each time after the wait that
// the answer asks for, at most 30 times.
func Patiently(once func() Answer) Answer {
	for tries := 1; ; tries++ {
		a := once()
		if a.Status != http.StatusServiceUnavailable || tries == maxTries {
			return a
		}
		wait, err := strconv.Atoi(a.Header.Get("Retry-After"))
		if !assert.NoError(a.t, err, a.What) {
			return a
		}
		a.t.Logf("trying again in %d s: %s", wait, a.What)
		<-time.After(time.Duration(wait) * time.Second)
	}
}

// Once sends a request once.
func (c Client) Once(r Request) Answer {
	c.Helper()
	a, err := c.Try(r)
	assert.NoError(c, err, a.What)
	return a
}

// Try sends a request once, and does not fail the test. Errors: the answer is incomplete.
func (c Client) Try(r Request) (Answer, error) {
	c.Helper()
	content, err := encoded(r.Body)
	a := Answer{t: c.TB, What: fmt.Sprintf("%s %.100s %.200q", r.Method, r.Path, content)}
	if err != nil {
		return a, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience) // longer than the test's, for cleanups
	defer cancel()
	base := c.URLs[int(c.next.Add(1))%len(c.URLs)]
	request, err := http.NewRequestWithContext(ctx, r.Method, base+r.Path, content.reader())
	if err != nil {
		return a, err
	}
	request.Header, request.Host = c.header(r), c.Host
	began := time.Now()
	response, err := c.http().Do(request)
	if err != nil {
		return a, err
	}
	defer func() { _ = response.Body.Close() }()
	a.Body, err = io.ReadAll(response.Body)
	a.Took = time.Since(began)
	if err != nil {
		return a, err
	}
	a.read(response)
	if c.Check != nil {
		c.Check(request, response, content, a)
	}
	return a, nil
}

func (c Client) http() *http.Client {
	return &http.Client{
		Transport:     c.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (c Client) header(r Request) http.Header {
	header := http.Header{"User-Agent": {"kit"}}
	if r.Body != nil {
		header.Set("Content-Type", "application/json")
	}
	if r.Token != "" {
		header.Set("Authorization", "Bearer "+r.Token)
	}
	for _, fields := range []http.Header{r.Header, c.Header} {
		for name, values := range fields {
			header[name] = values
		}
	}
	return header
}

// content is a body in the form in which it is sent. nil means no body.
type content []byte

func encoded(body any) (content, error) {
	switch body := body.(type) {
	case nil:
		return nil, nil
	case string:
		return content(body), nil
	case []byte:
		return body, nil
	}
	return json.Marshal(body)
}

func (c content) reader() io.Reader {
	if c == nil {
		return http.NoBody
	}
	return bytes.NewReader(c)
}
