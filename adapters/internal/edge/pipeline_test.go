package edge

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every answer has the same headers, whatever became of the request.
func TestPipeline_EveryAnswerCarriesTheHeaders(t *testing.T) {
	t.Parallel()
	for secure, hsts := range map[bool]string{true: "max-age=31536000", false: ""} {
		config := testConfig()
		config.Secure = secure
		b := start(t, config)
		for _, a := range []answer{
			b.get("/api/public"), b.get("/healthz"), b.get("/readyz"), b.get("/metrics"), b.get("/api/nothing"),
			b.do("PROPFIND", "/api/public", nil), b.do(http.MethodHead, "/api/public", nil),
		} {
			hasHeaders(t, a)
			assert.Equal(t, hsts, a.Header.Get("Strict-Transport-Security"))
			assert.Empty(t, a.Header.Get("Access-Control-Allow-Origin"))
		}
	}
}

func TestPipeline_RefusesUnknownPathsAndMethods(t *testing.T) {
	t.Parallel()
	b := start(t, testConfig())
	isRefused(t, b.get("/api/public/"), ErrNotFound)
	for _, method := range []string{"POST", "OPTIONS", "TRACE", "PROPFIND", "get"} {
		a := b.do(method, "/api/public", nil)
		isRefused(t, a, ErrMethodNotAllowed)
		assert.Equal(t, "GET, HEAD", a.Header.Get("Allow"))
	}
	head := b.do(http.MethodHead, "/api/public", nil)
	assert.Equal(t, http.StatusOK, head.StatusCode)
	assert.Equal(t, "6", head.Header.Get("Content-Length"))
	assert.Empty(t, head.body)
}

// A panic is logged once with its cause, and the connection goes on.
func TestPipeline_TurnsAPanicIntoARefusal(t *testing.T) {
	t.Parallel()
	b := start(t, testConfig())
	b.engine.Get("/api/panic", func(x *Exchange) {
		x.SetHeader("X-Half", "done")
		panic(errors.New("db.internal:5432"))
	})
	a := b.get("/api/panic")
	isRefused(t, a, ErrPanicked)
	assert.Empty(t, a.Header.Get("X-Half"))
	assert.Equal(t, 1, strings.Count(b.logs.String(), "db.internal:5432"))
	assert.Equal(t, http.StatusOK, b.get("/api/public").StatusCode)
}

// B-16: a client's request id is taken over only if it can do no harm.
func TestPipeline_RequestIDs(t *testing.T) {
	t.Parallel()
	b := start(t, testConfig())
	b.engine.Get("/api/id", func(x *Exchange) {
		assert.Same(t, x, ExchangeOf(x.Context()))
		assert.Equal(t, x.ID(), x.Context().Value(correlatedKey{}))
		x.SetBody([]byte(x.ID()))
	})
	for given, kept := range map[string]bool{
		"abc-1_2.3": true, strings.Repeat("a", 64): true, strings.Repeat("a", 65): false, "a b": false, "ä": false, "a\tb": false, "": false, "{}": false,
	} {
		a := b.do(http.MethodGet, "/api/id", http.Header{"X-Request-Id": {given}})
		assert.Equal(t, kept, a.Header.Get("X-Request-Id") == given, given)
		assert.Equal(t, a.Header.Get("X-Request-Id"), a.body)
	}
}

// F-L6: a peer that is not a trusted proxy does not choose the id under which its request
// is logged. Its own id stands beside it, if it is harmless.
func TestPipeline_RequestIDsOfStrangersStandBesideOurs(t *testing.T) {
	t.Parallel()
	proxies, err := ParseProxies([]string{"127.0.0.1"})
	require.NoError(t, err)
	for _, c := range []struct {
		name, given   string
		proxies       Proxies
		kept, claimed bool
	}{
		{"a stranger", "id-of-another-request", Proxies{}, false, true},
		{"a stranger with a harmful id", `x","level":"ERROR`, Proxies{}, false, false},
		{"a stranger with a long id", strings.Repeat("a", 65), Proxies{}, false, false},
		{"a trusted proxy", "id-of-the-gateway", proxies, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			config := testConfig()
			config.Proxies = c.proxies
			b := start(t, config)
			b.engine.Get("/api/id", func(x *Exchange) { x.SetBody([]byte(x.ID())) })
			address := b.listen()
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+"/api/id", http.NoBody)
			require.NoError(t, err)
			request.Header.Set(HeaderRequestID, c.given)
			response, err := http.DefaultClient.Do(request)
			require.NoError(t, err)
			defer func() { _ = response.Body.Close() }()
			body, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			id := response.Header.Get(HeaderRequestID)
			assert.Equal(t, id, string(body))
			assert.Regexp(t, goodIDForm, id)
			assert.Equal(t, c.kept, id == c.given)
			assert.Eventually(t, func() bool { return strings.Contains(b.logs.String(), `"request_id":"`+id+`"`) }, 10*time.Second, time.Millisecond)
			assert.Equal(t, c.claimed, strings.Contains(b.logs.String(), `"client_request_id":"`+c.given+`"`))
			assert.Equal(t, c.claimed, strings.Contains(b.logs.String(), "client_request_id"))
		})
	}
}

// Requests outside of the base path are logged at debug level unless they fail.
func TestPipeline_LogsEachRequestOnce(t *testing.T) {
	t.Parallel()
	b := start(t, testConfig())
	for path, level := range map[string]string{"/api/public": "INFO", "/healthz": "DEBUG", "/nothing": "INFO"} {
		id := strings.Trim(path, "/")[:3]
		b.do(http.MethodGet, path+"?secret", http.Header{"X-Request-Id": {id}})
		var lines []string
		for line := range strings.Lines(b.logs.String()) {
			if strings.Contains(line, `"request_id":"`+id+`"`) {
				lines = append(lines, line)
			}
		}
		require.Len(t, lines, 1, path)
		assert.Contains(t, lines[0], `"level":"`+level+`"`)
		assert.NotContains(t, lines[0], "secret")
	}
}

// F-A16: a route for every method takes those that HTTP does not name, preflights, and
// requests with bodies of any length. Other routes stay as they are.
func TestHandleAny_TakesEveryMethodAndIgnoresBodies(t *testing.T) {
	t.Parallel()
	config := testConfig()
	origins, err := ParseOrigins([]string{"https://app.example.com"})
	require.NoError(t, err)
	config.CORS = CORS{Origins: origins, Methods: []string{"GET"}}
	b := unstarted(t, config)
	for _, pattern := range []string{"/api/ask", "/api/ask/*"} {
		b.engine.HandleAny(pattern, func(x *Exchange) { _, _ = io.WriteString(x, pattern+" "+x.Param("*")+" at "+x.Route()) })
	}
	b.client = b.engine.Client()
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", "X-Y"} {
		for path, want := range map[string]string{"/api/ask": "/api/ask ", "/api/ask/": "/api/ask/* ", "/api/ask/a//b/../%2e%2f?x=y": "/api/ask/* a//b/../%2e%2f"} {
			a := b.do(method, path, http.Header{"Origin": {"https://app.example.com"}, "Access-Control-Request-Method": {"GET"}})
			assert.Equal(t, http.StatusOK, a.StatusCode, "%s %s", method, path)
			assert.Equal(t, want+" at /api/ask", a.body, "%s %s", method, path)
			assert.Empty(t, a.Header.Get("Access-Control-Allow-Origin"))
		}
		if method != "GET" {
			isRefused(t, b.do(method, "/api/public", nil), ErrMethodNotAllowed)
		}
		isRefused(t, b.do(method, "/api/asks", nil), ErrNotFound)
	}
	for path, status := range map[string]int{"/api/ask": http.StatusOK, "/api/ask/x": http.StatusOK, "/api/askx": http.StatusRequestEntityTooLarge, "/api/echo": http.StatusRequestEntityTooLarge} {
		size := 512 << 10
		if status == http.StatusOK {
			size = 10 << 20
		}
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+b.address()+path, strings.NewReader(strings.Repeat("a", size)))
		require.NoError(t, err)
		response, err := http.DefaultTransport.RoundTrip(request)
		require.NoError(t, err, path)
		require.NoError(t, response.Body.Close())
		assert.Equal(t, status, response.StatusCode, path)
		assert.True(t, response.Close, "nothing is read behind a body that was not: %s", path)
	}
}
