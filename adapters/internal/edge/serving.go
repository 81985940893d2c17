package edge

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"

	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttputil"
)

func (e *Engine) newServer() *fasthttp.Server {
	return &fasthttp.Server{
		Handler:                      e.serve,
		ErrorHandler:                 e.refuseUnreadable,
		ExpectHandler:                e.expect,
		Logger:                       connectionLog{e.log},
		ReadBufferSize:               MaxHeaderBytes,
		MaxRequestBodySize:           MaxBodyBytes,
		ReadTimeout:                  readTimeout,
		WriteTimeout:                 writeTimeout,
		IdleTimeout:                  idleTimeout,
		ReduceMemoryUsage:            true, // idle connections hold no buffers
		CloseOnShutdown:              true,
		NoDefaultServerHeader:        true,
		NoDefaultContentType:         true,
		DisablePreParseMultipartForm: true,
		SecureErrorLogMessage:        true,
	}
}

// Serve answers requests from the listener until Shutdown is called. It may be
// called for several listeners. Errors: those of the listener.
func (e *Engine) Serve(ln net.Listener) error {
	if !e.listeners.add(ln) {
		return nil
	}
	if err := e.http.Serve(lingeringListener{ln}); err != nil && !e.listeners.isClosed() {
		return fmt.Errorf("serving HTTP: %w", err)
	}
	return nil
}

// Drain makes /readyz answer 503 and ends connections after their next answer,
// so that gateways turn to other replicas. Requests are still answered, refused ones at
// once.
func (e *Engine) Drain() {
	e.draining.Store(true)
	e.flood.drain()
}

// Shutdown drains, closes listeners and idle connections, and waits for the
// requests in flight. Errors: the context's, if it ends first.
func (e *Engine) Shutdown(ctx context.Context) error {
	e.Drain()
	e.listeners.quieten(ctx)
	err := e.http.ShutdownWithContext(ctx)
	e.listeners.close()
	e.flood.summarize()
	if err != nil {
		return fmt.Errorf("shutting down the HTTP server: %w", err)
	}
	return nil
}

// Client returns a client whose requests reach this engine in-process, whatever
// host their URL names. It follows no redirects. It works until Shutdown.
func (e *Engine) Client() *http.Client { return e.client() }

func (e *Engine) startClient() *http.Client {
	ln := fasthttputil.NewInmemoryListener()
	go func() {
		if err := e.Serve(ln); err != nil {
			e.log.Error("the in-process listener failed", "error", err)
		}
	}()
	// Once a first connection is accepted, Shutdown knows of the listener.
	if conn, err := ln.Dial(); err == nil {
		_ = conn.Close()
	}
	return &http.Client{
		Transport: &http.Transport{
			DialContext:        func(context.Context, string, string) (net.Conn, error) { return ln.Dial() },
			DisableCompression: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// connectionLog passes what fasthttp logs about connections to slog. Clients
// cause most of it, so it has the lowest level.
type connectionLog struct{ log *slog.Logger }

// Printf implements fasthttp.Logger.
func (l connectionLog) Printf(format string, args ...any) {
	l.log.Debug("connection", "message", fmt.Sprintf(format, args...))
}
