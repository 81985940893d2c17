package stand

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"regexp"
	"strings"
	"sync"
)

// mailbox is a mail server that takes every mail at once and keeps only the token of the
// newest mail to each address. A full mail server would cost processor time that no
// measurement is about.
type mailbox struct {
	listener net.Listener

	mu     sync.Mutex // guards the field below
	tokens map[string]string
}

func listenForMails(ctx context.Context) (*mailbox, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	m := &mailbox{listener: l, tokens: map[string]string{}}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return // closed
			}
			go m.serve(conn)
		}
	}()
	return m, nil
}

func (m *mailbox) address() string { return m.listener.Addr().String() }

func (m *mailbox) close() error { return m.listener.Close() }

func (m *mailbox) token(email string) (string, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	token, ok := m.tokens[email]
	return token, ok
}

func (m *mailbox) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.tokens)
}

// serve speaks SMTP (RFC 5321) as far as a client needs that sends well-formed mails.
func (m *mailbox) serve(conn net.Conn) {
	defer conn.Close() //nolint:errcheck // the client closes it first
	lines := bufio.NewReader(conn)
	say := func(text string) { fmt.Fprintf(conn, "%s\r\n", text) }
	say("220 bench")
	var to string
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		command, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(line)), " ")
		switch command {
		case "RCPT":
			_, rest, _ := strings.Cut(line, "<")
			to, _, _ = strings.Cut(rest, ">")
			say("250 ok")
		case "DATA":
			say("354 go on")
			text, err := readMail(lines)
			if err != nil {
				return
			}
			m.keep(to, text)
			say("250 ok")
		case "QUIT":
			say("221 bye")
			return
		default:
			say("250 ok")
		}
	}
}

// readMail reads the lines of a mail up to the dot that ends it.
func readMail(lines *bufio.Reader) (string, error) {
	var text strings.Builder
	for {
		line, err := lines.ReadString('\n')
		if err != nil || line == ".\r\n" {
			return text.String(), err
		}
		text.WriteString(line)
	}
}

// token matches the token of a link.
var tokenLink = regexp.MustCompile(`#token=([A-Za-z0-9_-]+)`)

// quoting undoes quoted-printable as far as links need it: soft line breaks and the sign =.
var quoting = strings.NewReplacer("=\r\n", "", "=3D", "=")

func (m *mailbox) keep(to, mail string) {
	match := tokenLink.FindStringSubmatch(quoting.Replace(mail))
	if match == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.tokens[to] = match[1]
}
