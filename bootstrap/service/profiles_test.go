package service

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/fx/fxtest"

	"github.com/seed543b3b27/auth-service/bootstrap/config"
)

// Profiles have a listener of their own, which the log names and the stop closes.
func TestProfiles_AreServedWhileTheServiceRuns(t *testing.T) {
	t.Parallel()
	cfg := config.Default()
	cfg.HTTP.PprofAddr = "127.0.0.1:0"
	var log bytes.Buffer
	lc := fxtest.NewLifecycle(t)
	serveProfiles(lc, cfg, slog.New(slog.NewTextHandler(&log, nil)))
	lc.RequireStart()
	addr := regexp.MustCompile(`profiles of the process are served" addr=(\S+)`).FindStringSubmatch(log.String())
	require.Len(t, addr, 2, log.String())
	for path, content := range map[string]string{
		"": "goroutine", "heap?debug=1": "heap profile", "goroutine?debug=1": "goroutine profile",
		"goroutine?debug=2": "goroutine profile", // not the dump with the arguments of functions
	} {
		status, body := fetch(t, "http://"+addr[1]+"/debug/pprof/"+path)
		assert.Equal(t, http.StatusOK, status, path)
		assert.Contains(t, body, content, path)
	}
	status, _ := fetch(t, "http://"+addr[1]+"/debug/pprof/cmdline")
	assert.Equal(t, http.StatusNotFound, status, "the command line is no profile")
	lc.RequireStop()
	_, err := new(net.Dialer).DialContext(t.Context(), "tcp", addr[1])
	require.Error(t, err)
}

// Nothing listens by default, and a taken address ends the start by its variable.
func TestProfiles_NeedAnAddressOfTheirOwn(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	lc := fxtest.NewLifecycle(t)
	serveProfiles(lc, config.Default(), slog.New(slog.NewTextHandler(&log, nil)))
	lc.RequireStart().RequireStop()
	assert.Empty(t, log.String())

	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = taken.Close() }()
	cfg := config.Default()
	cfg.HTTP.PprofAddr = taken.Addr().String()
	lc = fxtest.NewLifecycle(t)
	serveProfiles(lc, cfg, slog.New(slog.DiscardHandler))
	require.ErrorContains(t, lc.Start(context.Background()), "listening (PPROF_ADDR): ")
}

// A page whose host name leads to this machine reads nothing through its visitor.
func TestProfiles_AnswerLoopbackHostsOnly(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]int{
		"127.0.0.1:6060": http.StatusOK, "localhost:6060": http.StatusOK, "[::1]:6060": http.StatusOK, "localhost": http.StatusOK,
		"rebound.example.com:6060": http.StatusForbidden, "10.0.0.1:6060": http.StatusForbidden, "": http.StatusForbidden,
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/debug/pprof/", http.NoBody)
		r.Host = host
		w := httptest.NewRecorder()
		profiles().ServeHTTP(w, r)
		assert.Equal(t, want, w.Code, host)
	}
}

func fetch(t *testing.T, url string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(body)
}
