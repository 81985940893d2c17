package config

import (
	"errors"
	"net"
	"net/netip"
	"strconv"
)

// listenPort is the value of PORT, or 0.
func (h HTTP) listenPort() int {
	if h.ListenPort == nil {
		return 0
	}
	return *h.ListenPort
}

// Port is the port of the listening address.
func (c *Config) Port() string {
	_, port, err := net.SplitHostPort(c.HTTP.Addr)
	if err != nil {
		return strconv.Itoa(defaultPort)
	}
	return port
}

// LocalURL is the address of the service on this machine.
func LocalURL(port string) string { return "http://localhost:" + port }

// ProbeAddr is where the service on this host answers, as HTTP_ADDR and PORT say. It
// looks at no other variable, so that a check never fails for what only the service
// needs. Errors: Problems.
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
		return "", Problems{{variable, "lets the system choose the port, so nobody knows where to ask: name one"}}
	}
	return LoopbackOf(net.JoinHostPort(host, port))
}

// LoopbackOf is the address by which this host itself reaches a service that
// listens on an address. Errors: it is not host:port.
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
