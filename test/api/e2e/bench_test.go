package e2e

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
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
	c := api.New(b, p.URL)
	c.Transport = &http.Transport{MaxIdleConnsPerHost: 64}
	first := c.Login(admin.email, admin.password)
	login := api.Request{Method: http.MethodPost, Path: "/api/auth/login", Body: api.Object{"email": admin.email, "password": admin.password}}

	b.Run("me", func(b *testing.B) {
		parallel(b, func(pb *testing.PB) {
			for pb.Next() {
				succeed(b, c, api.Request{Method: http.MethodGet, Path: "/api/auth/me", Token: first.Access})
			}
		})
	})
	b.Run("refresh", func(b *testing.B) {
		parallel(b, func(pb *testing.PB) {
			own := c.Login(admin.email, admin.password) // each client has a session of its own
			for pb.Next() {
				a := succeed(b, c, api.Request{Method: http.MethodPost, Path: "/api/auth/refresh", Body: api.Object{"refresh_token": own.Refresh}})
				own = api.Decode[api.Tokens](a)
			}
		})
	})
	b.Run("login", func(b *testing.B) {
		parallel(b, func(pb *testing.PB) {
			for pb.Next() {
				succeed(b, c, login)
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

// succeed sends a request that has to succeed.
func succeed(b *testing.B, c api.Client, r api.Request) api.Answer {
	b.Helper()
	a, err := c.Try(r)
	if err != nil || a.Status != http.StatusOK {
		b.Errorf("%s: %v", a.What, err)
	}
	return a
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
