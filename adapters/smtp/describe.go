package smtp

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// Description is what the mail server answered.
type Description struct {
	// Greeting is the server's first line, without words that may name a person.
	Greeting string
	// Transport says how the connection is protected.
	Transport string
	// Login is the mechanism by which the login succeeded. It is empty without a login.
	Login string
}

// Describe connects to the mail server as Send does, up to the login, and sends no mail.
// The description holds the answers before the step that failed. Errors: as Send.
func (s *Sender) Describe(ctx context.Context) (Description, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*s.timeout)
	defer cancel()
	var d Description
	var err error
	if d.Greeting, err = s.greeting(ctx); err != nil {
		return d, err
	}
	c, err := s.connect(ctx)
	if err != nil {
		return d, err
	}
	defer c.line.close()
	d.Transport = "not encrypted"
	if state, secure := c.TLSConnectionState(); secure {
		d.Transport = tls.VersionName(state.Version) + ", certificate verified"
	}
	d.Login = c.mechanism
	_ = c.Quit() // everything asked for is known
	return d, nil
}

// maxGreeting bounds the greeting, in bytes (RFC 5321 section 4.5.3.1.5 allows 512 a line).
const maxGreeting = 512

// greeting reads the server's first line over a connection of its own, because go-mail
// keeps it to itself.
func (s *Sender) greeting(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	l := &line{
		address:  net.JoinHostPort(s.config.Host, strconv.Itoa(s.config.Port)),
		tls:      s.tls,
		implicit: s.config.TLS == ImplicitTLS,
	}
	defer l.close()
	defer context.AfterFunc(ctx, l.close)()
	conn, err := l.dial(ctx, "tcp", "")
	if err != nil {
		return "", s.dialError(ctx, l, err)
	}
	text, err := bufio.NewReader(io.LimitReader(conn, maxGreeting)).ReadString('\n')
	if err != nil && text == "" {
		return "", s.dialError(ctx, l, err)
	}
	if !strings.HasPrefix(text, "220") {
		return "", s.noGreeting(text)
	}
	_ = conn.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = io.WriteString(conn, "QUIT\r\n") // politeness; the connection is closed in any case
	return plainWords(text, ""), nil
}

// noGreeting describes a first line that is no greeting.
func (s *Sender) noGreeting(text string) error {
	if len(text) > 3 && (text[0] == '4' || text[0] == '5') && strings.Trim(text[:3], "0123456789") == "" {
		return fmt.Errorf("smtp: the server refuses the connection: it answered %s", plainWords(text, ""))
	}
	return errors.New("smtp: the server does not speak SMTP: it begins with another form than a greeting")
}
