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

// The ways to protect the connection to the mail server, as SMTP_TLS spells them.
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

// Config describes the mail server. Each field names its environment variable.
type Config struct {
	// Host is the host name or address of the mail server (SMTP_HOST).
	Host string
	// Port is the server's TCP port (SMTP_PORT).
	Port int
	// Username is the login name; empty for a server without login
	// (SMTP_USERNAME).
	Username string
	// Password belongs to Username (SMTP_PASSWORD).
	Password domain.Secret
	// TLS protects the connection; empty means StartTLS (SMTP_TLS).
	TLS string
	// CAFile names a file of PEM certificates to trust besides the system's. It
	// may be empty (SMTP_CA_FILE).
	CAFile string
	// From is the sender: an address alone, or with a name as in "Example
	// <no-reply@example.com>" (SMTP_FROM).
	From string
}

// Validate returns every problem. Each names its variable and never a value.
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
		problem("SMTP_USERNAME must be set because SMTP_PASSWORD is set")
	}
	if c.Username != "" && c.Password.IsEmpty() {
		problem("SMTP_PASSWORD must be set because SMTP_USERNAME is set")
	}
	if _, err := c.trusted(); err != nil {
		problems = append(problems, err)
	}
	if _, err := c.sender(); err != nil {
		problems = append(problems, err)
	}
	return problems
}

// trusted returns the certificate authorities to trust; nil means the system's.
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
		pool = x509.NewCertPool() // the machine has no certificate store
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("SMTP_CA_FILE holds no certificate in PEM form")
	}
	return pool, nil
}

// sender reads From. Its address follows the rules for users' addresses, so it
// needs no quoting.
func (c Config) sender() (*mail.Address, error) {
	const hint = "SMTP_FROM must be an e-mail address, alone or as in: Name <no-reply@example.com>"
	if c.From == "" {
		return nil, errors.New("SMTP_FROM is required unless SMTP_USERNAME is an e-mail address; for example: Example <no-reply@example.com>")
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
