package service

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/pprof"
	"strconv"
	"time"

	"go.uber.org/fx"

	"github.com/seed543b3b27/auth-service/adapters/httpapi"
	"github.com/seed543b3b27/auth-service/bootstrap/config"
)

// serveProfiles serves the profiles of the process at PPROF_ADDR, on a listener of their
// own. Without PPROF_ADDR it does nothing.
func serveProfiles(lc fx.Lifecycle, cfg config.Config, logger *slog.Logger) {
	if cfg.HTTP.PprofAddr == "" {
		return
	}
	server := &http.Server{Handler: profiles(), ReadHeaderTimeout: 5 * time.Second, ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelDebug)}
	lc.Append(fx.Hook{
		OnStart: func(ctx context.Context) error {
			listener, err := new(net.ListenConfig).Listen(ctx, "tcp", cfg.HTTP.PprofAddr)
			if err != nil {
				return fmt.Errorf("listening (PPROF_ADDR): %w", err)
			}
			logger.Info("profiles of the process are served", "addr", listener.Addr().String())
			go func() { _ = server.Serve(listener) }() // until Close
			return nil
		},
		OnStop: func(context.Context) error { return server.Close() },
	})
}

// profiles answers go tool pprof as net/http/pprof does, which is not used because it adds
// itself to the servers of others. A web page whose host name leads to this machine is
// refused, so that no browser reads profiles for it.
func profiles() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/{$}", listProfiles)
	mux.HandleFunc("GET /debug/pprof/profile", profileCPU)
	mux.HandleFunc("GET /debug/pprof/{name}", writeProfile)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if !httpapi.IsLoopback(host) {
			http.Error(w, "Ask for localhost or a loopback address.", http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func listProfiles(w http.ResponseWriter, _ *http.Request) {
	fmt.Fprintln(w, "profile?seconds=20")
	for _, p := range pprof.Profiles() {
		fmt.Fprintln(w, p.Name())
	}
}

// Bounds of a profile of the CPU, in seconds.
const (
	usualProfile   = 30
	longestProfile = 300
)

// profileCPU profiles the CPU for the seconds that the query names.
func profileCPU(w http.ResponseWriter, r *http.Request) {
	seconds, err := strconv.Atoi(r.FormValue("seconds"))
	if err != nil || seconds < 1 {
		seconds = usualProfile
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	if err := pprof.StartCPUProfile(w); err != nil {
		http.Error(w, "Another profile is being made. Try again when it is done.", http.StatusConflict)
		return
	}
	defer pprof.StopCPUProfile()
	select {
	case <-time.After(time.Duration(min(seconds, longestProfile)) * time.Second):
	case <-r.Context().Done():
	}
}

// writeProfile writes a profile of the runtime by its name. debug=1 in the query asks for
// text. More would show the arguments of running functions, and so what requests hold.
func writeProfile(w http.ResponseWriter, r *http.Request) {
	p := pprof.Lookup(r.PathValue("name"))
	if p == nil {
		http.NotFound(w, r)
		return
	}
	debug, _ := strconv.Atoi(r.FormValue("debug")) // 0 if absent
	_ = p.WriteTo(w, min(debug, 1))                // the client may be gone
}
