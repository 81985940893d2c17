package gateways

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/gateway"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// clientIP is the address of clients. It differs from the gateways' address, which is
// 127.0.0.1.
const clientIP = "127.0.0.2"

// client talks to a gateway over one connection at a time. It repeats no request, so a
// request without an answer is lost.
type client struct {
	g    *gateway.Gateway
	conn net.Conn
	in   *bufio.Reader
}

// answer is a complete answer.
type answer struct {
	status int
	header http.Header
	body   string
}

// send sends the text of a request and reads its answer. Errors: an incomplete
// answer, with the reason.
func (c *client) send(text string) (answer, error) {
	if c.conn == nil {
		dialer := &net.Dialer{Timeout: program.Patience, LocalAddr: &net.TCPAddr{IP: net.ParseIP(clientIP)}}
		conn, err := tls.DialWithDialer(dialer, "tcp", c.g.Addr, c.g.TLS)
		if err != nil {
			return answer{}, err
		}
		c.conn, c.in = conn, bufio.NewReader(conn)
	}
	if err := c.conn.SetDeadline(time.Now().Add(program.Patience)); err != nil {
		return answer{}, err
	}
	// A refused request may not be accepted in full; its answer counts.
	_, sent := io.WriteString(c.conn, text)
	var method string
	if _, err := fmt.Sscan(text, &method); err != nil {
		return answer{}, err
	}
	response, err := http.ReadResponse(c.in, &http.Request{Method: method})
	if err != nil {
		c.close()
		return answer{}, fmt.Errorf("no answer: %w", errors.Join(err, sent))
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if err != nil || sent != nil || response.Close {
		c.close()
	}
	return answer{response.StatusCode, response.Header, string(body)}, err
}

func (c *client) close() {
	if c.conn != nil {
		_ = c.conn.Close()
	}
	c.conn = nil
}

// ask sends a request over its own connection, and demands an answer.
func ask(t *testing.T, g *gateway.Gateway, text string) answer {
	t.Helper()
	c := &client{g: g}
	defer c.close()
	a, err := c.send(text)
	require.NoError(t, err, "%.200s", text)
	return a
}

// tokens are the tokens of a login or a refresh.
type tokens struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	Session string `json:"session_id"`
}

// bearer returns the header field with the access token.
func (s tokens) bearer() string { return "Authorization: Bearer " + s.Access }

// login returns the text of a login.
func login(email string) string {
	return withBody("POST", "/api/auth/login", fmt.Sprintf(`{"email":%q,"password":%q}`, email, password))
}

// askPatiently sends a request that needs a password hash. It repeats the request while
// the machine is too busy to hash.
func askPatiently(t *testing.T, g *gateway.Gateway, text string) (a answer) {
	t.Helper()
	program.Eventually(t, "a password is hashed", func() bool {
		began := time.Now()
		a = ask(t, g, text)
		return !tooBusy(a, time.Since(began))
	})
	return a
}

// signIn signs a user in.
func signIn(t *testing.T, g *gateway.Gateway, email string) tokens {
	t.Helper()
	a := askPatiently(t, g, login(email))
	require.Equal(t, http.StatusOK, a.status, a.body)
	var s tokens
	require.NoError(t, json.Unmarshal([]byte(a.body), &s))
	return s
}
