package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
	gosmtp "github.com/wneessen/go-mail/smtp"

	"github.com/seed543b3b27/auth-service/ports"
)

// timeout bounds each half of a delivery: connecting to the server, and handing
// over the mail.
const timeout = 8 * time.Second

// Sender hands mails to a mail server, one connection for each. It is safe for
// concurrent use.
type Sender struct {
	config   Config
	from     *mail.Address
	tls      *tls.Config
	renderer *Renderer
	setting  func(field string) string
	timeout  time.Duration
	refused  refusals
}

var _ ports.Mailer = (*Sender)(nil)

// NewSender returns a sender. setting names the setting of a field of Config in error
// texts; nil stands for the names of the fields. Errors: the problems of
// Config.Validate.
func NewSender(config Config, renderer *Renderer, setting func(field string) string) (*Sender, error) {
	if err := joined(config.Validate()); err != nil {
		return nil, err
	}
	if config.TLS == "" {
		config.TLS = StartTLS
	}
	if setting == nil {
		setting = func(field string) string { return field }
	}
	config.Host = unbracketed(config.Host)
	from, p := config.sender()
	if p != nil {
		return nil, p
	}
	if from.Name == "" {
		from.Name = renderer.product
	}
	if config.HELO == "" {
		// Mail servers do not know the host name of a container.
		_, config.HELO, _ = strings.Cut(from.Address, "@")
	}
	trusted, p := config.trusted()
	if p != nil {
		return nil, p
	}
	return &Sender{
		config:   config,
		from:     from,
		tls:      &tls.Config{ServerName: config.Host, RootCAs: trusted, MinVersion: tls.VersionTLS12},
		renderer: renderer,
		setting:  setting,
		timeout:  timeout,
	}, nil
}

// Send renders the mail and hands it to the server. A mail that the server has
// accepted counts as sent, whatever happens to the connection afterwards. The answer and
// error texts quote the server without words that may name the recipient or a link. Errors:
// ports.MailRefusal for an answer 4xx or 5xx, around ports.ErrMailRejected if the server says
// that the recipient's address does not exist, and says so of no other recipient in a row; any
// other error may be temporary as well.
func (s *Sender) Send(ctx context.Context, m ports.Mail) (answer string, err error) {
	rendered, err := s.renderer.Render(m)
	if err != nil {
		return "", err
	}
	answer, err = s.deliver(ctx, rendered)
	var refusal *ports.MailRefusal
	switch {
	case err == nil:
		s.refused.accepted()
	case errors.Is(err, ports.ErrMailRejected):
		// It says nothing of the next mail.
	case errors.As(err, &refusal) && refused5xx(refusal):
		s.refused.note(refusal.Answer)
	}
	return answer, err
}

// deliver hands over one mail and returns the server's answer.
func (s *Sender) deliver(ctx context.Context, rendered ports.CaughtMail) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*s.timeout)
	defer cancel()
	connection, err := s.connect(ctx)
	if err != nil {
		return "", err
	}
	defer connection.line.close()
	// go-mail heeds ctx only until it is connected. Afterwards the end of ctx closes
	// the connection.
	defer context.AfterFunc(ctx, connection.line.close)()
	answer, err := s.handOver(ctx, connection, rendered.To, s.message(rendered))
	if err != nil {
		return "", err
	}
	_ = connection.Quit() // the mail is already accepted, so a failed QUIT is no error
	return answer, nil
}

// handOver sends the commands of one mail and returns the answer to its content.
func (s *Sender) handOver(ctx context.Context, c connection, to string, message *gomail.Msg) (string, error) {
	if err := c.UpdateDeadline(s.timeout); err != nil {
		return "", s.failure(ctx, "handing over the mail", err, to)
	}
	if err := c.Mail("<" + s.from.Address + ">"); err != nil {
		return "", s.failure(ctx, "MAIL FROM", err, to)
	}
	if err := c.Rcpt("<" + to + ">"); err != nil {
		return "", s.judge(ctx, "RCPT TO", err, to)
	}
	content, err := c.Data()
	if err != nil {
		return "", s.judge(ctx, "DATA", err, to)
	}
	if _, err := message.WriteTo(content); err != nil {
		return "", s.failure(ctx, "sending the content", err, to)
	}
	if err := content.Close(); err != nil {
		return "", s.judge(ctx, "the end of the content", err, to)
	}
	words := ""
	if closed, ok := content.(*gosmtp.DataCloser); ok {
		words = " " + plainWords(closed.ServerResponse(), to)
	}
	return strings.TrimSpace("250" + words), nil
}

// connection is a connection on which the server takes mails.
type connection struct {
	*gosmtp.Client
	line *line
	// mechanism is how the login succeeded; empty without a login.
	mechanism string
}

// dial opens a connection: greeting, EHLO and TLS, without a login.
func (s *Sender) dial(ctx context.Context) (connection, error) {
	l := &line{
		address:  net.JoinHostPort(s.config.Host, strconv.Itoa(s.config.Port)),
		tls:      s.tls,
		implicit: s.config.TLS == ImplicitTLS,
	}
	client, err := s.client(l)
	if err != nil {
		return connection{}, fmt.Errorf("smtp: preparing: %w", err)
	}
	defer context.AfterFunc(ctx, l.close)()
	c, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		l.close() // go-mail leaves the connection open after a failed STARTTLS
		return connection{}, s.dialError(ctx, l, err)
	}
	return connection{Client: c, line: l}, nil
}

// client configures go-mail for one delivery over line.
func (s *Sender) client(line *line) (*gomail.Client, error) {
	options := []gomail.Option{
		gomail.WithPort(s.config.Port),
		gomail.WithTimeout(s.timeout),
		gomail.WithDialContextFunc(line.dial),
		gomail.WithTLSConfig(s.tls),
		gomail.WithHELO(s.config.HELO),
		// Addresses are ASCII, and SMTPUTF8 would make later hops bounce the
		// mail.
		gomail.WithoutSMTPUTF8(),
	}
	switch s.config.TLS {
	case StartTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case ImplicitTLS:
		options = append(options, gomail.WithSSL())
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	return gomail.NewClient(s.config.Host, options...)
}
