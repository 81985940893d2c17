// Package pgtap listens between a program and PostgreSQL, and tells which statements the
// program sends. Transactions show as BEGIN and COMMIT.
package pgtap

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// Tap forwards connections to a server and notes their statements.
type Tap struct {
	// URL is the database behind the tap.
	URL string

	server string
	mu     sync.Mutex
	sent   []string
}

// Start starts a tap before a database, which ends with the test.
func Start(t testing.TB, database string) *Tap {
	t.Helper()
	address, err := url.Parse(database)
	require.NoError(t, err)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	tap := &Tap{server: address.Host}
	address.Host = listener.Addr().String()
	parameters := address.Query()
	parameters.Set("sslmode", "disable")
	address.RawQuery = parameters.Encode()
	tap.URL = address.String()
	go tap.accept(listener)
	return tap
}

// Sent returns the statements since the last call, in the order of their arrival. A
// statement that the server knows by a name of the program shows as that name.
func (tap *Tap) Sent() []string {
	tap.mu.Lock()
	defer tap.mu.Unlock()
	sent := tap.sent
	tap.sent = nil
	return sent
}

func (tap *Tap) accept(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		go tap.forward(client)
	}
}

func (tap *Tap) forward(client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := new(net.Dialer).Dial("tcp", tap.server)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	go func() {
		_, _ = io.Copy(client, server)
		_ = client.Close()
	}()
	from := bufio.NewReader(client)
	for first := true; ; first = false { // the first message has no type
		message, err := read(from, first)
		if err != nil {
			return
		}
		if !first {
			tap.note(message)
		}
		if _, err := server.Write(message); err != nil {
			return
		}
	}
}

// read returns the next message of a client (PostgreSQL, section 55.7): its type, its
// length and its content.
func read(from *bufio.Reader, first bool) ([]byte, error) {
	head := make([]byte, 5)
	if first {
		head = head[:4]
	}
	if _, err := io.ReadFull(from, head); err != nil {
		return nil, err
	}
	content := make([]byte, int(binary.BigEndian.Uint32(head[len(head)-4:]))-4)
	_, err := io.ReadFull(from, content)
	return slices.Concat(head, content), err
}

// note notes the statement that a message runs.
func (tap *Tap) note(message []byte) {
	content := message[5:]
	var text []byte
	switch message[0] {
	case 'Q':
		text, _, _ = bytes.Cut(content, []byte{0})
	case 'B': // the portal's name, then the statement's
		_, rest, _ := bytes.Cut(content, []byte{0})
		text, _, _ = bytes.Cut(rest, []byte{0})
	default:
		return
	}
	if strings.HasPrefix(string(text), "-- ping") {
		return // the pool checks a connection
	}
	tap.mu.Lock()
	defer tap.mu.Unlock()
	tap.sent = append(tap.sent, string(text))
}
