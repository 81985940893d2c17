package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/mail"
	"net/textproto"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

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
	timeout  time.Duration
}

var _ ports.Mailer = (*Sender)(nil)

// NewSender returns a sender. Errors: the problems of Config.Validate.
func NewSender(config Config, renderer *Renderer) (*Sender, error) {
	if err := joined(config.Validate()); err != nil {
		return nil, err
	}
	if config.TLS == "" {
		config.TLS = StartTLS
	}
	from, p := config.sender()
	if p != nil {
		return nil, p
	}
	if from.Name == "" {
		from.Name = renderer.product
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
		timeout:  timeout,
	}, nil
}

// Send renders the mail and hands it to the server. A mail that the server has
// accepted counts as sent, whatever happens to the connection afterwards. Error
// texts never repeat the server's text, because servers often repeat the
// recipient. Errors: ports.ErrMailRejected if the server answered 5xx to the
// recipient or the content; any other error may be temporary.
func (s *Sender) Send(ctx context.Context, m ports.Mail) error {
	rendered, err := s.renderer.Render(m)
	if err != nil {
		return err
	}
	message := s.message(rendered)
	ctx, cancel := context.WithTimeout(ctx, 2*s.timeout)
	defer cancel()
	line := &line{tls: s.tls, implicit: s.config.TLS == ImplicitTLS}
	defer line.close() // go-mail leaves the connection open after a failed STARTTLS or login
	// go-mail heeds ctx only until it is connected. Afterwards the end of ctx
	// closes the connection.
	defer context.AfterFunc(ctx, line.close)()
	client, err := s.client(line)
	if err != nil {
		return fmt.Errorf("smtp: preparing: %w", err)
	}
	connection, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return dialError(ctx, err)
	}
	err = client.SendWithSMTPClient(connection, message)
	if err != nil && !message.IsDelivered() {
		return sendError(ctx, err)
	}
	_ = client.CloseWithSMTPClient(connection) // the mail is already accepted, so a failed QUIT is no error
	return nil
}

// client configures go-mail for one delivery over line.
func (s *Sender) client(line *line) (*gomail.Client, error) {
	_, host, _ := strings.Cut(s.from.Address, "@")
	options := []gomail.Option{
		gomail.WithPort(s.config.Port),
		gomail.WithTimeout(s.timeout),
		gomail.WithDialContextFunc(line.dial),
		gomail.WithTLSConfig(s.tls),
		// Mail servers do not know the host name of a container.
		gomail.WithHELO(host),
		// Addresses are ASCII, and SMTPUTF8 would make later hops bounce the
		// mail.
		gomail.WithoutSMTPUTF8(),
		gomail.WithoutNoop(),
		gomail.WithoutRset(),
	}
	switch s.config.TLS {
	case StartTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case ImplicitTLS:
		options = append(options, gomail.WithSSL())
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if s.config.Username != "" {
		options = append(options, s.login(),
			gomail.WithUsername(s.config.Username), gomail.WithPassword(s.config.Password.Reveal()))
	}
	return gomail.NewClient(s.config.Host, options...)
}

// login chooses how to log in. Inside TLS the plain mechanisms come first,
// because every server has them. Without TLS the mechanisms that hide the
// password come first, and go-mail refuses the plain ones to any host but a
// loopback one.
func (s *Sender) login() gomail.Option {
	hidden := []gomail.SMTPAuthType{gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthSCRAMSHA1, gomail.SMTPAuthCramMD5}
	plain := []gomail.SMTPAuthType{gomail.SMTPAuthPlain, gomail.SMTPAuthLogin}
	if s.config.TLS == NoTLS {
		return gomail.WithOpportunisticSMTPAuth(append(hidden, plain...)...)
	}
	return gomail.WithOpportunisticSMTPAuth(append(plain, hidden...)...)
}

// dialError describes why the server was not reached or not trusted.
func dialError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("smtp: reaching the server: %w", context.Cause(ctx))
	}
	var answer *textproto.Error
	if errors.As(err, &answer) {
		return fmt.Errorf("smtp: the server refused the connection or the login with %d", answer.Code)
	}
	return fmt.Errorf("smtp: reaching the server: %w", err)
}

// sendError separates a permanent refusal from failures that may be temporary.
// go-mail's own IsTemp does not help, because it calls lost connections
// permanent.
func sendError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("smtp: handing over the mail: %w", context.Cause(ctx))
	}
	var failure *gomail.SendError
	if !errors.As(err, &failure) {
		return errors.New("smtp: handing over the mail failed")
	}
	code := failure.ErrorCode()
	if code == 0 {
		return fmt.Errorf("smtp: %s: no answer in time, or the connection broke", failure.Reason)
	}
	if code/100 == 5 && refusesMail(failure.Reason) && !concernsLogin(code) {
		return fmt.Errorf("smtp: %s: the server answered %d: %w", failure.Reason, code, ports.ErrMailRejected)
	}
	return fmt.Errorf("smtp: %s: the server answered %d", failure.Reason, code)
}

// refusesMail reports whether a refusal at this point concerns the recipient or
// the content. A refusal of MAIL FROM concerns our configuration, which can be
// mended.
func refusesMail(at gomail.SendErrReason) bool {
	return at == gomail.ErrSMTPRcptTo || at == gomail.ErrSMTPData || at == gomail.ErrSMTPDataClose
}

// concernsLogin reports whether a code is about authentication (RFC 4954 section
// 6). Some servers send one as late as after RCPT.
func concernsLogin(code int) bool { return code == 530 || code == 534 || code == 535 || code == 538 }
