package guides

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// root is the repository, seen from this package.
const root = "../../.."

// file matches a block of code that is a file, whose name stands in its first line.
var file = regexp.MustCompile("(?s)```(?:go|js|python)\n(?://|#) (\\w+\\.\\w+)\n(.*?)```")

// writeFiles writes the files of a document to a folder, and returns their names.
func writeFiles(t *testing.T, document, folder string) (names []string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, document))
	require.NoError(t, err)
	for _, match := range file.FindAllStringSubmatch(string(text), -1) {
		require.NoError(t, os.WriteFile(filepath.Join(folder, match[1]), []byte(match[2]), 0o600))
		names = append(names, match[1])
	}
	return names
}

// shop is a running program of a guide.
type shop struct{ address string }

// startShop runs a program until the test ends, and waits until it listens.
func startShop(t *testing.T, authURL string, command ...string) shop {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	ctx, stop := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = []string{"AUTH_URL=" + authURL, "ADDR=" + address, "PATH=" + os.Getenv("PATH")}
	var errors bytes.Buffer
	cmd.Stderr = &errors
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		stop()
		_ = cmd.Wait() // it was killed
		if t.Failed() {
			t.Logf("the program wrote:\n%s", errors.String())
		}
	})
	require.Eventually(t, func() bool {
		c, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err != nil {
			return false
		}
		return c.Close() == nil
	}, 30*time.Second, 10*time.Millisecond)
	return shop{address}
}

// reply is an answer of a shop.
type reply struct {
	status  int
	body    string
	header  http.Header
	cookies []*http.Cookie
}

// code returns the code of a refusal.
func (r reply) code(t *testing.T) string {
	t.Helper()
	var problem struct{ Code string }
	require.NoError(t, json.Unmarshal([]byte(r.body), &problem), r.body)
	return problem.Code
}

// send sends a request, with JSON if body is not empty.
func (s shop) send(t *testing.T, method, path, body string, change func(*http.Request)) reply {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.address+path, strings.NewReader(body))
	require.NoError(t, err)
	request.Close = true
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	change(request)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { assert.NoError(t, answer.Body.Close()) }()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return reply{answer.StatusCode, string(text), answer.Header, answer.Cookies()}
}

// orders sends a request for the orders, with a token unless it is empty.
func (s shop) orders(t *testing.T, method, token string) reply {
	t.Helper()
	return s.send(t, method, "/orders", "", func(r *http.Request) {
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
	})
}
