package smuggling

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// rule is how a naive reader finds the end of a request that has both a length
// and chunks. It accepts every other oddity.
type rule string

const (
	lengthCounts rule = "the length counts"
	chunksCount  rule = "chunks count"
)

var (
	lengthField = regexp.MustCompile(`(?i)\n[ \t]*content-length[ \t]*:[ \t+]*(?:0x)?(\d+)`)
	codingField = regexp.MustCompile(`(?i)\n[ \t]*transfer-encoding[ \t]*:[^\n]*chunked`)
	chunkSize   = regexp.MustCompile(`^(?:0x)?([0-9A-Fa-f]{1,8})`)
	markOf      = regexp.MustCompile(`(?i)\nx-request-id: ([^\r\n]+)`)
	tokenOf     = regexp.MustCompile(`(?i)\nauthorization: Bearer ([^\r\n]+)`)
)

// read reads a request and returns its head and all of its bytes.
func (r rule) read(in *bufio.Reader) (head, text string, err error) {
	for {
		line, err := in.ReadString('\n')
		text += line
		if err != nil {
			return "", text, err
		}
		if strings.TrimRight(line, "\r\n") == "" && len(text) > len(line) {
			break
		}
	}
	head = text
	length, coding := lengthField.FindStringSubmatch(head), codingField.MatchString(head)
	switch {
	case length != nil && (r == lengthCounts || !coding):
		n, err := strconv.Atoi(length[1])
		if err != nil {
			return "", text, err
		}
		body := make([]byte, min(n, 1<<16))
		_, err = io.ReadFull(in, body)
		return head, text + string(body), err
	case coding:
		body, err := readChunks(in)
		return head, text + body, err
	}
	return head, text, nil
}

func readChunks(in *bufio.Reader) (text string, err error) {
	for {
		line, err := in.ReadString('\n')
		text += line
		if err != nil {
			return text, err
		}
		size := chunkSize.FindStringSubmatch(line)
		if size == nil {
			return text, fmt.Errorf("no size of a chunk: %q", line)
		}
		n, err := strconv.ParseInt(size[1], 16, 64)
		if err != nil {
			return text, err
		}
		chunk := make([]byte, min(n, 1<<16))
		if _, err := io.ReadFull(in, chunk); err != nil {
			return text, err
		}
		end, err := in.ReadString('\n') // the line after a chunk, or the empty trailer
		text += string(chunk) + end
		if n == 0 || err != nil {
			return text, err
		}
	}
}

// serve handles connections until the test ends.
func serve(t *testing.T, handle func(net.Conn)) (addr string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var wg sync.WaitGroup
	t.Cleanup(func() { _ = listener.Close(); wg.Wait() })
	wg.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { handle(conn); _ = conn.Close() })
		}
	})
	return listener.Addr().String()
}

// naiveService answers each request with the user in its token.
func naiveService(t *testing.T, r rule) (addr string) {
	t.Helper()
	return serve(t, func(conn net.Conn) {
		in := bufio.NewReader(conn)
		for {
			head, _, err := r.read(in)
			if err != nil {
				return
			}
			mark, token := append(markOf.FindStringSubmatch(head), "", ""), append(tokenOf.FindStringSubmatch(head), "", "")
			body := fmt.Sprintf(`{"id":%q}`, "user of "+token[1])
			_, err = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nX-Request-ID: %s\r\nContent-Length: %d\r\n\r\n%s", mark[1], len(body), body)
			if err != nil {
				return
			}
		}
	})
}

// naiveGateway passes the requests of all its clients on as they are, over one
// connection that it keeps as long as it can.
type naiveGateway struct {
	rule    rule
	service string

	mu       sync.Mutex
	upstream *connection
}

func startNaiveGateway(t *testing.T, r rule, service string) (addr string) {
	t.Helper()
	g := &naiveGateway{rule: r, service: service}
	t.Cleanup(g.drop)
	return serve(t, func(client net.Conn) {
		in := bufio.NewReader(client)
		for {
			_, text, err := r.read(in)
			if err != nil {
				return
			}
			if !g.exchange(client, text) {
				return
			}
		}
	})
}

// exchange passes a request on and its answer back. It reports whether the
// client's connection continues.
func (g *naiveGateway) exchange(client net.Conn, text string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.upstream == nil {
		var err error
		if g.upstream, err = connect(g.service); err != nil {
			return false
		}
	}
	_, _ = io.WriteString(g.upstream, text) // if it fails, so does reading
	a, err := g.upstream.read(attackPatience)
	if err != nil || a.last {
		g.close()
	}
	if err != nil {
		return false
	}
	_, err = fmt.Fprintf(client, "HTTP/1.1 %d Passed On\r\nX-Request-ID: %s\r\nContent-Length: %d\r\n\r\n%s", a.status, a.mark, len(a.body), a.body)
	return err == nil
}

func (g *naiveGateway) drop() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.upstream != nil {
		g.close()
	}
}

func (g *naiveGateway) close() {
	_ = g.upstream.Close()
	g.upstream = nil
}
