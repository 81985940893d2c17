package smuggling

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/program"
)

func TestMain(m *testing.M) { os.Exit(program.Main(m)) }

// hiddenMark begins the marks of hidden requests.
const hiddenMark = "hidden-"

// whole returns a complete hidden request.
func whole(mark string) string { return strings.Replace(get, "{mark}", hiddenMark+mark, 1) + "\r\n" }

// T-01, B-40 to B-45: an ambiguous request is refused, and the rest of its
// connection is not read.
func TestDirect_AmbiguousRequestsEndTheConnection(t *testing.T) {
	t.Parallel()
	p := program.StartLocal(t, t.TempDir(), marking())
	addr := strings.TrimPrefix(p.URL, "http://")
	t.Run("payloads", func(t *testing.T) {
		for _, one := range payloads() {
			t.Run(one.name, func(t *testing.T) {
				t.Parallel()
				refused(t, addr, one.marked("direct", whole("direct")))
			})
		}
	})
	p.Stop(t)
	log := p.Stderr.String()
	assert.NotEmpty(t, regexp.MustCompile(`request_id=direct\b`).FindString(log), "the log shows requests")
	assert.Empty(t, regexp.MustCompile(hiddenMark+`.*`).FindAllString(log, -1), "hidden requests were read")
}

// refused sends only text, and expects one refusal and the end of the connection.
func refused(t *testing.T, addr, text string) {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", addr)
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	require.NoError(t, conn.SetDeadline(time.Now().Add(program.Patience)))
	_, err = io.WriteString(conn, text)
	require.NoError(t, err)
	half, ok := conn.(*net.TCPConn)
	require.True(t, ok)
	require.NoError(t, half.CloseWrite())
	in := bufio.NewReader(conn)
	resp, err := http.ReadResponse(in, nil)
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	_ = resp.Body.Close()
	assert.Equal(t, http.StatusBadRequest, resp.StatusCode, string(body))
	assert.True(t, resp.Close, "the answer announces the end of the connection")
	assert.Contains(t, string(body), `"malformed_request"`)
	rest, err := io.ReadAll(in)
	assert.NoError(t, err)
	assert.Empty(t, string(rest), "something followed the answer")
}
