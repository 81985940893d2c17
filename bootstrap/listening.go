package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/seed543b3b27/auth-service/adapters/httpapi"
)

// listener returns the one that listens already, or begins to listen.
func (r running) listener(ctx context.Context, cfg Config) (net.Listener, error) {
	if r.Listener != nil {
		return r.Listener, nil
	}
	return listen(ctx, cfg)
}

func listen(ctx context.Context, cfg Config) (net.Listener, error) {
	listener, err := httpapi.Listen(ctx, cfg.HTTP.Addr)
	if err != nil {
		return nil, fmt.Errorf("listening (HTTP_ADDR, PORT): %w", err)
	}
	return listener, nil
}

// anyPort is the port by which the system chooses a free one.
const anyPort = "0"

// listenFirst begins to listen before anything else is done: nothing is made on
// disk where the port is taken, and the links in mails can name a port that the
// system chose, which the returned configuration has.
func listenFirst(ctx context.Context, cfg Config) (Config, net.Listener, error) {
	listener, err := listen(ctx, cfg)
	if err != nil || cfg.port() != anyPort {
		return cfg, listener, err
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return cfg, nil, errors.Join(fmt.Errorf("reading the port: %w", err), listener.Close())
	}
	host, _, _ := net.SplitHostPort(cfg.HTTP.Addr) // it was listened on
	if cfg.HTTP.PublicURL == localURL(anyPort) {
		cfg.HTTP.PublicURL = localURL(port)
	}
	cfg.HTTP.Addr = net.JoinHostPort(host, port)
	return cfg, listener, nil
}

// localURL is the address of the service on this machine.
func localURL(port string) string { return "http://localhost:" + port }
