package smtp

import (
	"crypto/x509"
	"net"
	"net/mail"
	"net/netip"
	"os"
	"strings"

	"github.com/seed543b3b27/auth-service/domain"
)

// The ways to protect the connection to the mail server, as Config.TLS spells them.
const (
	// StartTLS begins in clear text and requires STARTTLS before any other
	// command (RFC 3207); usual on port 587.
	StartTLS = "starttls"
	// ImplicitTLS uses TLS from the first byte (RFC 8314); usual on port 465.
	ImplicitTLS = "tls"
	// NoTLS sends in clear text, for a mail server on the same machine. It sends
	// a password to a loopback address only.
	NoTLS = "none"
)

// Config describes the mail server.
type Config struct {
	// Host is the host name or address of the mail server; an IPv6 address may stand in
	// brackets.
	Host string
	// Port is the server's TCP port.
	Port int
	// Username is the login name; empty for a server without login.
	Username string
	// Password belongs to Username.
	Password domain.Secret
	// TLS protects the connection; empty means StartTLS.
	TLS string
	// CAFile names a file of PEM certificates to trust besides the system's. It
	// may be empty.
	CAFile string
	// HELO is how the service names itself to the server, in EHLO: a host name or an
	// address literal such as [192.0.2.1]. Empty means the domain of From.
	HELO string
	// From is the sender: an address alone, or with a name as in "Example
	// <no-reply@example.com>".
	From string
}

// Validate returns every problem. None repeats a value.
func (c Config) Validate() []*Problem {
	var problems []*Problem
	report := func(p *Problem) { problems = append(problems, p) }
	if p := c.host(); p != nil {
		report(p)
	}
	if c.HELO != "" && !isHELO(c.HELO) {
		report(problem("HELO", "must be a host name such as mail.example.com, or an address literal such as [192.0.2.1]"))
	}
	if c.Port < 1 || c.Port > 65535 {
		report(problem("Port", "must be between 1 and 65535"))
	}
	if c.TLS != "" && c.TLS != StartTLS && c.TLS != ImplicitTLS && c.TLS != NoTLS {
		report(problem("TLS", "must be starttls, tls or none"))
	}
	if c.Username == "" && !c.Password.IsEmpty() {
		report(problem("Username", "must be set because %s is set", "Password"))
	}
	if c.Username != "" && c.Password.IsEmpty() {
		report(problem("Password", "must be set because %s is set", "Username"))
	}
	if _, p := c.trusted(); p != nil {
		report(p)
	}
	if _, p := c.sender(); p != nil {
		report(p)
	}
	return problems
}

// host checks Host.
func (c Config) host() *Problem {
	name := unbracketed(c.Host)
	if _, err := netip.ParseAddr(name); err == nil {
		return nil
	}
	if _, port, err := net.SplitHostPort(c.Host); err == nil && port != "" && strings.Trim(port, "0123456789") == "" {
		return problem("Host", "must not hold a port; set %s to it", "Port")
	}
	if name == "" || strings.ContainsAny(name, " \t\r\n/@:[]\"'") {
		return problem("Host", "must be the host name or the IP address of the mail server, without scheme or port")
	}
	return nil
}

// unbracketed returns an IPv6 address without brackets, and any other host as it is.
func unbracketed(host string) string {
	if inner, found := strings.CutPrefix(host, "["); found && strings.HasSuffix(inner, "]") {
		return strings.TrimSuffix(inner, "]")
	}
	return host
}

// hostName is a name of labels (RFC 1123 section 2.1).
var hostName = onFirstUse(`^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`)

// isHELO reports whether text may follow EHLO (RFC 5321 section 4.1.1.1).
func isHELO(text string) bool {
	literal, found := strings.CutPrefix(text, "[")
	if !found {
		return len(text) <= 253 && hostName().MatchString(text)
	}
	literal, found = strings.CutSuffix(literal, "]")
	ip6, is6 := strings.CutPrefix(literal, "IPv6:")
	address, err := netip.ParseAddr(ip6)
	return found && err == nil && address.Is6() == is6 && address.Zone() == ""
}

// trusted returns the certificate authorities to trust; nil means the system's.
func (c Config) trusted() (*x509.CertPool, *Problem) {
	if c.CAFile == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, problem("CAFile", "cannot be read")
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // the machine has no certificate store
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, problem("CAFile", "holds no certificate in PEM form")
	}
	return pool, nil
}

// sender reads From. Its address follows the rules for users' addresses, so it
// needs no quoting.
func (c Config) sender() (*mail.Address, *Problem) {
	const hint = "must be an e-mail address, alone or as in: Name <no-reply@example.com>"
	if c.From == "" {
		return nil, problem("From", "is required unless %s is an e-mail address; for example: Example <no-reply@example.com>", "Username")
	}
	address, err := mail.ParseAddress(c.From)
	if err != nil {
		return nil, problem("From", hint)
	}
	email, err := domain.ParseEmail(address.Address)
	if err != nil {
		return nil, problem("From", hint)
	}
	if strings.ContainsFunc(address.Name, isControl) {
		return nil, problem("From", hint+"; the name must not hold control characters")
	}
	return &mail.Address{Name: address.Name, Address: email.String()}, nil
}

func isControl(r rune) bool { return r < 0x20 || r == 0x7f }
