package smtp

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/mail"
	"os"
	"strings"

	"github.com/seed543b3b27/auth-service/domain"
)

// How the connection to the mail server can be protected, as SMTP_TLS spells it.
const (
	// StartTLS begins in clear text and insists on STARTTLS before anything
	// else is said (RFC 3207); usual on port 587.
	StartTLS = "starttls"
	// ImplicitTLS speaks TLS from the first byte (RFC 8314); usual on port 465.
	ImplicitTLS = "tls"
	// NoTLS sends in clear text; for a mail server on the same machine. A
	// password is then sent in clear to a loopback address only.
	NoTLS = "none"
)

// Config is the mail server and how to use it. Every field belongs to the
// environment variable named with it.
type Config struct {
	// Host is the name or the address of the mail server (SMTP_HOST).
	Host string
	// Port is its TCP port (SMTP_PORT).
	Port int
	// Username logs in at the server; empty for a server without login
	// (SMTP_USERNAME).
	Username string
	// Password belongs to Username (SMTP_PASSWORD).
	Password domain.Secret
	// TLS protects the connection; empty means StartTLS (SMTP_TLS).
	TLS string
	// CAFile holds PEM certificates to trust besides the system's; may be
	// empty (SMTP_CA_FILE).
	CAFile string
	// From is the sender, as in "Example <no-reply@example.com>" or the address
	// alone (SMTP_FROM).
	From string
}

// Validate returns every problem, each naming its variable and never a value.
func (c Config) Validate() []error {
	var problems []error
	problem := func(text string) { problems = append(problems, errors.New(text)) }
	if c.Host == "" || strings.ContainsAny(c.Host, " \t\r\n/@") {
		problem("SMTP_HOST must be the host name or the IP address of the mail server, without scheme or port")
	}
	if c.Port < 1 || c.Port > 65535 {
		problem("SMTP_PORT must be between 1 and 65535")
	}
	if c.TLS != "" && c.TLS != StartTLS && c.TLS != ImplicitTLS && c.TLS != NoTLS {
		problem("SMTP_TLS must be starttls, tls or none")
	}
	if c.Username == "" && !c.Password.IsEmpty() {
		problem("SMTP_USERNAME must be set, since SMTP_PASSWORD is")
	}
	if c.Username != "" && c.Password.IsEmpty() {
		problem("SMTP_PASSWORD must be set, since SMTP_USERNAME is")
	}
	if _, err := c.trusted(); err != nil {
		problems = append(problems, err)
	}
	if _, err := c.sender(); err != nil {
		problems = append(problems, err)
	}
	return problems
}

// trusted returns the certificate authorities to trust; nil for the system's.
func (c Config) trusted() (*x509.CertPool, error) {
	if c.CAFile == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, errors.New("SMTP_CA_FILE cannot be read")
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // a machine without a store of its own
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("SMTP_CA_FILE holds no certificate in PEM form")
	}
	return pool, nil
}

// sender reads From. Its address obeys the same rules as everybody's, so that
// nothing in it needs quoting.
func (c Config) sender() (*mail.Address, error) {
	const hint = "SMTP_FROM must be an e-mail address, alone or as in: Name <no-reply@example.com>"
	if c.From == "" {
		return nil, errors.New("SMTP_FROM is required, since SMTP_USERNAME is no e-mail address: such as Example <no-reply@example.com>")
	}
	address, err := mail.ParseAddress(c.From)
	if err != nil {
		return nil, errors.New(hint)
	}
	email, err := domain.ParseEmail(address.Address)
	if err != nil {
		return nil, errors.New(hint)
	}
	if strings.ContainsFunc(address.Name, isControl) {
		return nil, fmt.Errorf("%s; the name must not hold control characters", hint)
	}
	return &mail.Address{Name: address.Name, Address: email.String()}, nil
}

func isControl(r rune) bool { return r < 0x20 || r == 0x7f }
