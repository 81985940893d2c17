package gateway

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/test/kit/guard"
)

// startTries is how often a start is tried: another program may take a free port
// before the gateway does.
const startTries = 5

// Gateway is a running gateway.
type Gateway struct {
	// Addr is where it listens, as host:port.
	Addr string
	// URL is the base URL of what it passes on.
	URL string
	// PlainAddr is where a shipped gateway listens without TLS, as host:port, and TLS
	// is how to talk to it at Addr. Neither is set for the other gateways.
	PlainAddr string
	TLS       *tls.Config

	// aliveness is a path it answers by itself, and alive the status of that.
	aliveness string
	alive     int
}

// Kind is a program that can be a gateway.
type Kind struct {
	// Name is for people.
	Name string

	program string
	// install is the command that installs it.
	install string
	// configure writes its files into the folder and returns its arguments.
	configure func(folder string, g *Gateway, upstreams []string) (arguments []string, err error)
	// prepare does so for shipped gateways, and returns its environment as well.
	prepare func(folder string, g *Gateway) (arguments, environment []string, err error)
}

// Start runs a gateway until the test ends. It passes every request on to one of
// the upstreams, each given as host:port, over connections that it keeps. The
// test fails, with the reason, if there is no way to start it.
func (k Kind) Start(t testing.TB, upstreams ...string) *Gateway {
	t.Helper()
	program, err := k.find(os.Getenv("PATH"))
	if err != nil {
		t.Fatal(err)
	}
	for try := range startTries {
		var g *Gateway
		if g, err = k.run(t, program, upstreams); err == nil {
			return g
		}
		t.Logf("%s: start %d: %v", k.Name, try+1, err)
	}
	t.Fatalf("%s does not start: %v", k.Name, err)
	return nil
}

// find returns where the program is. Debian keeps it where only root looks.
func (k Kind) find(path string) (string, error) {
	for _, folder := range append(filepath.SplitList(path), "/usr/sbin", "/usr/local/sbin") {
		if program, err := exec.LookPath(filepath.Join(folder, k.program)); err == nil && filepath.IsAbs(program) {
			return program, nil
		}
	}
	return "", fmt.Errorf("%s is not installed: %s", k.Name, k.install)
}

// run starts the program on a free port and waits until it answers.
func (k Kind) run(t testing.TB, program string, upstreams []string) (*Gateway, error) {
	t.Helper()
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	g := &Gateway{Addr: addr, URL: "http://" + addr, aliveness: "/gateway-" + rand.Text(), alive: http.StatusNoContent}
	folder := t.TempDir()
	arguments, environment, err := k.files(folder, g, upstreams)
	if err != nil {
		return nil, err
	}
	command := exec.Command(program, arguments...)
	environment = append(environment, "PATH="+os.Getenv("PATH"), "TMPDIR="+folder)
	command.Dir, command.Env = folder, environment
	process, err := guard.Start(command, folder)
	if err != nil {
		return nil, err
	}
	if err := g.awaitReady(t.Context(), process.Ended()); err != nil {
		return nil, fmt.Errorf("%w\n%s", errors.Join(err, process.Close()), process.Log())
	}
	t.Cleanup(func() {
		assert.NoError(t, process.Close())
		if t.Failed() {
			t.Logf("%s wrote:\n%s", k.Name, process.Log())
		}
	})
	return g, nil
}

// files writes its files into the folder.
func (k Kind) files(folder string, g *Gateway, upstreams []string) (arguments, environment []string, err error) {
	if k.prepare != nil {
		return k.prepare(folder, g)
	}
	arguments, err = k.configure(folder, g, upstreams)
	return arguments, nil, err
}

// awaitReady waits until the gateway answers: it and no other program, which
// would not know the path.
func (g *Gateway) awaitReady(ctx context.Context, exited <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for {
		err := g.ask(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-exited:
			return errors.New("it has ended")
		case <-ctx.Done():
			return fmt.Errorf("waiting for an answer: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (g *Gateway) ask(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, g.URL+g.aliveness, http.NoBody)
	if err != nil {
		return err
	}
	request.Close = true // leaves no idle connection behind for leak checks
	client := http.DefaultClient
	if g.TLS != nil {
		request.Host = Host
		client = &http.Client{Transport: &http.Transport{TLSClientConfig: g.TLS}}
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	if err := response.Body.Close(); err != nil {
		return err
	}
	if response.StatusCode != g.alive {
		return fmt.Errorf("GET %s: %s", g.aliveness, response.Status)
	}
	return nil
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		return 0, errors.Join(errors.New("a TCP listener without a port"), listener.Close())
	}
	return address.Port, listener.Close()
}
