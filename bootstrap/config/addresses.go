package config

import (
	"errors"
	"net"
	"net/netip"
	"strconv"
)

// listenPort returns the value of PORT, or 0 if it is not set.
func (h HTTP) listenPort() int {
	if h.ListenPort == nil {
		return 0
	}
	return *h.ListenPort
}

// Port returns the port of the listening address.
func (c *Config) Port() string {
	_, port, err := net.SplitHostPort(c.HTTP.Addr)
	if err != nil {
		return strconv.Itoa(defaultPort)
	}
	return port
}

// LocalURL returns the address of the service on this machine.
func LocalURL(port string) string { return "http://localhost:" + port }

// ProbeAddr returns the address of the service on this host. It reads HTTP_ADDR and PORT
// only, so that a health check does not fail because of a setting that it does not
// need. Errors: Problems.
func ProbeAddr(variables map[string]string) (string, error) {
	addr := variables["HTTP_ADDR"]
	if addr == "" {
		addr = ":" + strconv.Itoa(defaultPort)
	}
	host, port, err := parseAddr(addr)
	if err != nil {
		return "", Problems{{"HTTP_ADDR", err.Error()}}
	}
	variable := "HTTP_ADDR"
	if given := variables["PORT"]; given != "" {
		port, variable = given, "PORT"
	}
	if !validPort(port) {
		return "", Problems{{"PORT", "must be between 0 and 65535"}}
	}
	if n, _ := strconv.Atoi(port); n == 0 {
		return "", Problems{{variable, "is 0, so the system chooses the port and a health check cannot know it: set a port"}}
	}
	return LoopbackOf(net.JoinHostPort(host, port))
}

// LoopbackOf returns the address at which this host reaches a service that listens on
// addr. Errors: addr is not host:port.
func LoopbackOf(addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", err
	}
	ip, err := netip.ParseAddr(host)
	switch {
	case host == "" || err == nil && ip.IsUnspecified() && ip.Is4():
		host = "127.0.0.1"
	case err == nil && ip.IsUnspecified():
		host = "::1"
	}
	return net.JoinHostPort(host, port), nil
}

// parseAddr returns the host, which may be empty, and the port of a listening address.
func parseAddr(addr string) (host, port string, err error) {
	host, port, err = net.SplitHostPort(addr)
	if err != nil || !validPort(port) {
		return "", "", errors.New("must be host:port or :port, such as :8000")
	}
	return host, port, nil
}

func validPort(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 0 && n <= 65535
}
