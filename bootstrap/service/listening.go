package service

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/seed543b3b27/auth-service/adapters/httpapi"
	"github.com/seed543b3b27/auth-service/bootstrap/config"
)

// listener returns the given listener if there is one, else it begins to listen.
func (r running) listener(ctx context.Context, cfg config.Config) (net.Listener, error) {
	if r.Listener != nil {
		return r.Listener, nil
	}
	return listen(ctx, cfg)
}

func listen(ctx context.Context, cfg config.Config) (net.Listener, error) {
	listener, err := httpapi.Listen(ctx, cfg.HTTP.Addr)
	if err != nil {
		return nil, fmt.Errorf("listening (HTTP_ADDR, PORT): %w", err)
	}
	return listener, nil
}

// anyPort lets the system choose a free port.
const anyPort = "0"

// Listen begins to listen on the configured address. Call it first: if the port is taken,
// nothing has been written to disk yet. If the system chooses the port, the returned
// configuration contains it, so that links in mails lead to it.
func Listen(ctx context.Context, cfg config.Config) (config.Config, net.Listener, error) {
	listener, err := listen(ctx, cfg)
	if err != nil || cfg.Port() != anyPort {
		return cfg, listener, err
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return cfg, nil, errors.Join(fmt.Errorf("reading the port: %w", err), listener.Close())
	}
	host, _, _ := net.SplitHostPort(cfg.HTTP.Addr) // the service listens on it, so it has a host
	if cfg.HTTP.PublicURL == config.LocalURL(anyPort) {
		cfg.HTTP.PublicURL = config.LocalURL(port)
	}
	cfg.HTTP.Addr = net.JoinHostPort(host, port)
	return cfg, listener, nil
}
