package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// BenchmarkProgram measures the real program without configuration, at its
// default cost of a hash: the time from the start on a migrated file until it is
// ready, and the requests per second of several clients. The clients run on the
// same machine.
func BenchmarkProgram(b *testing.B) {
	folder := b.TempDir()
	env := program.Env{}.Unlimited()
	admin := createAdmin(b, folder, env)
	b.Run("start", func(b *testing.B) {
		for b.Loop() {
			p := program.StartLocal(b, folder, env)
			b.StopTimer()
			p.Stop(b)
			b.StartTimer()
		}
	})
	p := program.StartLocal(b, folder, env)
	defer p.Stop(b)
	b.Run("idle", func(b *testing.B) {
		info, err := os.Stat(program.Path())
		require.NoError(b, err)
		for b.Loop() {
			b.ReportMetric(residentMegabytes(b, p.PID()), "MB-resident")
		}
		b.ReportMetric(float64(info.Size())/1e6, "MB-binary")
	})
	load := &load{url: p.URL + "/api/auth", http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	credentials := object{"email": admin.email, "password": admin.password}
	var first tokens
	load.post(b, "/login", credentials, &first)

	b.Run("me", func(b *testing.B) {
		parallel(b, func(pb *testing.PB) {
			for pb.Next() {
				load.do(b, http.MethodGet, "/me", first.Access, nil, nil)
			}
		})
	})
	b.Run("refresh", func(b *testing.B) {
		parallel(b, func(pb *testing.PB) {
			var own tokens // each client has its own session
			load.post(b, "/login", credentials, &own)
			for pb.Next() {
				load.post(b, "/refresh", object{"refresh_token": own.Refresh}, &own)
			}
		})
	})
	b.Run("login", func(b *testing.B) {
		parallel(b, func(pb *testing.PB) {
			for pb.Next() {
				load.post(b, "/login", credentials, nil)
			}
		})
	})
}

// parallel runs two clients a core and reports requests a second.
func parallel(b *testing.B, body func(pb *testing.PB)) {
	b.SetParallelism(2)
	start := time.Now()
	b.RunParallel(body)
	b.ReportMetric(float64(b.N)/time.Since(start).Seconds(), "requests/s")
	b.ReportMetric(float64(2*runtime.GOMAXPROCS(0)), "clients")
}

// load sends requests that have to succeed.
type load struct {
	url  string
	http *http.Client
}

func (l *load) post(b *testing.B, path string, body object, into any) {
	b.Helper()
	l.do(b, http.MethodPost, path, "", body, into)
}

func (l *load) do(b *testing.B, method, path, token string, body object, into any) {
	b.Helper()
	encoded, err := json.Marshal(body)
	if err != nil {
		b.Error(err)
		return
	}
	request, err := http.NewRequestWithContext(context.Background(), method, l.url+path, bytes.NewReader(encoded))
	if err != nil {
		b.Error(err)
		return
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := l.http.Do(request)
	if err != nil {
		b.Error(err)
		return
	}
	defer func() { _ = answer.Body.Close() }()
	content, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		b.Errorf("%s %s: %s %v", method, path, answer.Status, err)
		return
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(content, into); err != nil {
		b.Error(err)
	}
}

// residentMegabytes is the memory that a process of Linux occupies.
func residentMegabytes(b *testing.B, pid int) float64 {
	b.Helper()
	content, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "statm"))
	require.NoError(b, err)
	var size, resident float64
	_, err = fmt.Sscan(string(content), &size, &resident)
	require.NoError(b, err)
	return resident * float64(os.Getpagesize()) / 1e6
}
