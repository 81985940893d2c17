package smtp

import (
	"context"
	"errors"
	"fmt"
	"net/textproto"
	"slices"
	"strings"

	gosmtp "github.com/wneessen/go-mail/smtp"
)

// The codes by which a server says that it does not know a mechanism: not implemented
// (502, RFC 5321), an unrecognized mechanism (504, RFC 4954 section 4).
var unknownMechanism = []int{502, 504}

// connect opens a connection and logs in if a login is configured. A server may offer a
// mechanism that it then does not know; it is asked again with the next one, over a
// new connection, because go-mail ends a connection whose login failed.
func (s *Sender) connect(ctx context.Context) (connection, error) {
	var tried []string
	for {
		c, err := s.dial(ctx)
		if err != nil || s.config.Username == "" {
			return c, err
		}
		mechanism, err := s.login(ctx, c, tried)
		if err == nil {
			c.mechanism = mechanism
			return c, nil
		}
		c.line.close()
		var answer *textproto.Error
		if mechanism == "" || !errors.As(err, &answer) || !slices.Contains(unknownMechanism, answer.Code) {
			return connection{}, err
		}
		tried = append(tried, mechanism)
	}
}

// login logs in by the best mechanism that the server offers, besides those already
// tried. It returns the name of the mechanism that it used. The error names what the
// server offered.
func (s *Sender) login(ctx context.Context, c connection, tried []string) (string, error) {
	defer context.AfterFunc(ctx, c.line.close)()
	offers, parameters := c.Extension("AUTH")
	if !offers {
		return "", errors.New("smtp: logging in: the server offers no login, at least not on a connection of this kind")
	}
	// Names of mechanisms ignore case, as all SMTP keywords (RFC 5321 section 2.4).
	offered := strings.Fields(strings.ToUpper(parameters))
	for _, name := range s.mechanisms() {
		if !slices.Contains(offered, name) || slices.Contains(tried, name) {
			continue
		}
		if err := c.Auth(s.auth(name)); err != nil {
			step := fmt.Sprintf("logging in by %s (the server offers %s)", name, plainWords(parameters, ""))
			return name, s.failure(ctx, step, err, "")
		}
		return name, nil
	}
	if len(tried) > 0 {
		return "", fmt.Errorf("smtp: logging in: the server offers %s and then refuses %s as unknown",
			plainWords(parameters, ""), strings.Join(tried, ", "))
	}
	return "", fmt.Errorf("smtp: logging in: the server offers %s, none of which this service knows; it knows %s",
		plainWords(parameters, ""), strings.Join(s.mechanisms(), ", "))
}

// The mechanisms that show the server the password, and those that do not.
const (
	authPlain   = "PLAIN"
	authLogin   = "LOGIN"
	authSHA256  = "SCRAM-SHA-256"
	authSHA1    = "SCRAM-SHA-1"
	authCramMD5 = "CRAM-MD5"
)

// mechanisms lists the ways to log in, the best first. Inside TLS the plain mechanisms
// come first, because every server has them. Without TLS the mechanisms that hide the
// password come first, and go-mail refuses the plain ones to any host but a loopback
// one.
func (s *Sender) mechanisms() []string {
	hidden, plain := []string{authSHA256, authSHA1, authCramMD5}, []string{authPlain, authLogin}
	if s.config.TLS == NoTLS {
		return append(hidden, plain...)
	}
	return append(plain, hidden...)
}

// auth returns go-mail's implementation of a mechanism.
func (s *Sender) auth(mechanism string) gosmtp.Auth {
	username, password := s.config.Username, s.config.Password.Reveal()
	switch mechanism {
	case authPlain:
		return gosmtp.PlainAuth("", username, password, s.config.Host, false)
	case authLogin:
		return gosmtp.LoginAuth(username, password, s.config.Host, false)
	case authSHA256:
		return gosmtp.ScramSHA256Auth(username, password)
	case authSHA1:
		return gosmtp.ScramSHA1Auth(username, password)
	default:
		return gosmtp.CRAMMD5Auth(username, password)
	}
}
