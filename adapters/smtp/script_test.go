package smtp

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Answers of a script that stand for other behaviour.
const (
	hang = "(hang)"
	drop = "(drop)"
	pour = "(pour)" // a line that never ends
)

// script has a server's answer to each command; "connect" is the greeting and "."
// the answer to the content. A missing command gets a good answer.
type script map[string]string

// server is a mail server that follows a script.
type server struct {
	script script
	tls    *tls.Config
	caFile string
	port   int
	mu     sync.Mutex
	said   []string // every received command line, and TLS for a handshake
	taken  []string // every received content
	conns  []net.Conn
}

// newServer starts a server with a certificate for host.
func newServer(t testing.TB, s script, host string) *server {
	t.Helper()
	return newServerAt(t, "127.0.0.1:0", s, host)
}

// newServerAt is newServer at a given address.
func newServerAt(t testing.TB, at string, s script, host string) *server {
	t.Helper()
	listener, err := net.Listen("tcp", at)
	require.NoError(t, err)
	address, ok := listener.Addr().(*net.TCPAddr)
	require.True(t, ok)
	srv := &server{script: s, port: address.Port}
	srv.tls, srv.caFile = certificate(t, host)
	var group sync.WaitGroup
	group.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			srv.mu.Lock()
			srv.conns = append(srv.conns, conn)
			srv.mu.Unlock()
			group.Go(func() {
				srv.serve(conn)
				_ = conn.Close()
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		srv.mu.Lock()
		for _, conn := range srv.conns {
			_ = conn.Close()
		}
		srv.mu.Unlock()
		group.Wait()
	})
	return srv
}

// serve follows the script on one connection.
func (s *server) serve(conn net.Conn) {
	reader := bufio.NewReader(conn)
	if !s.answer(conn, reader, "connect", "220 mx.example.com ESMTP") {
		return
	}
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		s.note(line)
		verb, _, _ := strings.Cut(strings.ToUpper(line), " ")
		good := map[string]string{
			"EHLO": "250-mx.example.com\r\n250-STARTTLS\r\n250-AUTH PLAIN LOGIN\r\n250-SMTPUTF8\r\n250 8BITMIME",
			"DATA": "354 go on", "STARTTLS": "220 go on", "AUTH": "235 welcome", "QUIT": "221 bye",
		}[verb]
		if good == "" {
			good = "250 fine"
		}
		step := verb
		if argument, _, _ := strings.Cut(strings.TrimPrefix(line, verb+" "), " "); s.scripted(verb + " " + argument) {
			step = verb + " " + argument
		}
		if verb == "AUTH" && strings.HasPrefix(line, "AUTH LOGIN") && !s.scripted(step) && !s.login(conn, reader) {
			return
		}
		if !s.answer(conn, reader, step, good) {
			return
		}
		switch {
		case verb == "STARTTLS" && !s.scripted(verb):
			secure := tls.Server(conn, s.tls)
			if secure.Handshake() != nil {
				return
			}
			s.note("TLS")
			conn, reader = secure, bufio.NewReader(secure)
		case verb == "DATA" && !s.scripted(verb):
			if !s.readContent(reader) || !s.answer(conn, reader, ".", "250 queued") {
				return
			}
		}
	}
}

// scripted reports whether the script has an answer to a step.
func (s *server) scripted(step string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, found := s.script[step]
	return found
}

// answers changes the script.
func (s *server) answers(step, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.script[step] = text
}

// login asks for the two lines of AUTH LOGIN.
func (s *server) login(conn net.Conn, reader *bufio.Reader) bool {
	for _, challenge := range []string{"VXNlcm5hbWU6", "UGFzc3dvcmQ6"} {
		if _, err := io.WriteString(conn, "334 "+challenge+"\r\n"); err != nil {
			return false
		}
		if _, err := reader.ReadString('\n'); err != nil {
			return false
		}
	}
	return true
}

// answer sends the script's answer, or good. It returns false to end the
// connection.
func (s *server) answer(conn net.Conn, reader io.Reader, step, good string) bool {
	s.mu.Lock()
	text, scripted := s.script[step]
	s.mu.Unlock()
	if !scripted {
		text = good
	}
	switch text {
	case hang:
		_, _ = io.Copy(io.Discard, reader) // until the client gives up
		return false
	case drop:
		return false
	case pour:
		for {
			if _, err := io.WriteString(conn, strings.Repeat("2", 64<<10)); err != nil {
				return false
			}
		}
	}
	_, err := io.WriteString(conn, text+"\r\n")
	return err == nil
}

func (s *server) readContent(reader *bufio.Reader) bool {
	var content strings.Builder
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return false
		}
		if line == ".\r\n" {
			s.mu.Lock()
			s.taken = append(s.taken, content.String())
			s.mu.Unlock()
			return true
		}
		content.WriteString(line)
	}
}

func (s *server) note(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said = append(s.said, line)
}

// commands returns the commands that begin with a word.
func (s *server) commands(word string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []string
	for _, line := range s.said {
		if strings.HasPrefix(strings.ToUpper(line), word) {
			found = append(found, line)
		}
	}
	return found
}

// content returns every received content.
func (s *server) content() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.taken)
}

// sender returns a sender to the server with a short timeout.
func (s *server) sender(t testing.TB, change func(*Config)) *Sender {
	t.Helper()
	config := Config{Host: "127.0.0.1", Port: s.port, TLS: NoTLS, From: "no-reply@example.com"}
	change(&config)
	sender, err := NewSender(config, newRenderer(t, options()), nil)
	require.NoError(t, err)
	sender.timeout = 2 * time.Second
	return sender
}

func plain(*Config) {}

// certificate returns a self-signed certificate for host, and its file.
func certificate(t testing.TB, host string) (*tls.Config, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, file
}
