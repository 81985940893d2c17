package smuggling

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/canary"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// victim is a user who asks for their own account.
type victim struct{ id, token string }

// connection is a client's connection to the probed service.
type connection struct {
	net.Conn
	in *bufio.Reader
}

func connect(addr string) (*connection, error) {
	conn, err := net.DialTimeout("tcp", addr, program.Patience)
	if err != nil {
		return nil, err
	}
	return &connection{conn, bufio.NewReader(conn)}, nil
}

// answer is a complete answer.
type answer struct {
	status int
	mark   string
	body   []byte
	last   bool
}

// read reads an answer, which has to arrive completely within the time.
func (c *connection) read(within time.Duration) (answer, error) {
	if err := c.SetReadDeadline(time.Now().Add(within)); err != nil {
		return answer{}, err
	}
	resp, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return answer{}, err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	return answer{resp.StatusCode, resp.Header.Get("X-Request-Id"), body, resp.Close}, err
}

// ask asks for the victim's account over a connection. wrong describes an answer that is
// not the victim's. err is the reason if there is no answer.
func (v victim) ask(c *connection, mark string) (wrong string, last bool, err error) {
	_, err = fmt.Fprintf(c, "GET /api/auth/me HTTP/1.1\r\n%sX-Request-ID: %s\r\nAuthorization: Bearer %s\r\n\r\n", hostField, mark, v.token)
	if err != nil {
		return "", true, err
	}
	a, err := c.read(program.Patience)
	if err != nil {
		return "", true, err
	}
	var me struct{ ID string }
	_ = json.Unmarshal(a.body, &me) // without JSON there is no id
	if a.status != http.StatusOK || a.mark != mark || me.ID != v.id {
		return fmt.Sprintf("%s of %s got %d, marked %q: %.200s", mark, v.id, a.status, a.mark, a.body), true, nil
	}
	return "", a.last, nil
}

// signedIn makes users of the service as its operator does, and signs them in.
func signedIn(t *testing.T, folder string, p *program.Process, env program.Env, n int) []victim {
	t.Helper()
	secrets := canary.Watch(t, p, env, password)
	c, victims := api.New(t, p.URL), make([]victim, n)
	for i := range victims {
		email := fmt.Sprintf("victim-%d@example.com", i)
		program.MustRun(t, folder, env, password+"\n", "user", "create", "--email", email)
		token := c.Login(email, password).Access
		me := api.Decode[struct{ ID string }](c.Me(token))
		secrets.Add(token)
		victims[i] = victim{me.ID, token}
	}
	return victims
}

const password = "a pass phrase of victims"

// swallowing returns a hidden request without an end. The next bytes on the connection
// become part of it.
func swallowing(mark string) string {
	return strings.Replace(get, "{mark}", hiddenMark+mark, 1) + "X-Swallowed: "
}
