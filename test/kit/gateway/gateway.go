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

// startTries is the number of attempts to start, because another program may take
// a free port first.
const startTries = 5

// Gateway is a running gateway.
type Gateway struct {
	// Addr is the address of the gateway, as host:port.
	Addr string
	// URL is the base URL of the service behind the gateway.
	URL string
	// PlainAddr is the address of a shipped gateway without TLS, as host:port,
	// and TLS is the client's configuration for Addr. Other gateways set neither.
	PlainAddr string
	TLS       *tls.Config

	// aliveness is a path that the gateway itself answers, and alive the status.
	aliveness string
	alive     int
}

// Kind is a program that can be a gateway.
type Kind struct {
	// Name is shown in messages.
	Name string

	program string
	// install is the command that installs it.
	install string
	// configure writes the gateway's files into the folder and returns its
	// arguments.
	configure func(folder string, g *Gateway, upstreams []string) (arguments []string, err error)
	// prepare does the same for shipped gateways, and returns the environment
	// too.
	prepare func(folder string, g *Gateway) (arguments, environment []string, err error)
}

// Start runs a gateway until the test ends. It passes every request on to one of
// the upstreams, each given as host:port, over connections that it keeps. If it
// cannot be started, the test fails with the reason.
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

// find returns the path of the program. Debian installs it in a folder that only root's
// PATH contains.
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

// files writes the gateway's files into the folder.
func (k Kind) files(folder string, g *Gateway, upstreams []string) (arguments, environment []string, err error) {
	if k.prepare != nil {
		return k.prepare(folder, g)
	}
	arguments, err = k.configure(folder, g, upstreams)
	return arguments, nil, err
}

// awaitReady waits until the gateway answers. Another program on the port would not know
// the path.
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
			return errors.New("the gateway has ended")
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
