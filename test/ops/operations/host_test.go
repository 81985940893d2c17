package operations

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// host is an operator's machine: its own folders, a database server, and the
// program in PATH.
type host struct {
	testing.TB
	t        *testing.T
	document *document
	folder   string
	server   *url.URL
	// authority is the path of the certificate of the server's authority.
	authority string
	replicas  []*program.Process
}

func newHost(t *testing.T) *host {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*program.Patience)
	defer cancel()
	server, err := postgrestest.Start(ctx)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, server.Close()) })
	address, err := url.Parse(server.URL())
	require.NoError(t, err)
	h := &host{TB: t, t: t, document: readDocument(t), folder: t.TempDir(), server: address}
	h.authority = h.path("authority.pem")
	h.requireTLS(newAuthority(t, h.authority))
	bin := filepath.Join(h.folder, "bin")
	require.NoError(t, os.Mkdir(bin, 0o700))
	require.NoError(t, os.Symlink(program.Path(), filepath.Join(bin, "auth-service")))
	return h
}

func (h *host) path(elements ...string) string {
	return filepath.Join(append([]string{h.folder}, elements...)...)
}

// names returns the lines that an operator edits, with this host's values.
func (h *host) names() string {
	server := *h.server
	server.Path, server.RawQuery = "", ""
	ports := make([]string, 0, len(h.replicas))
	for _, replica := range h.replicas {
		ports = append(ports, replica.URL[strings.LastIndex(replica.URL, ":")+1:])
	}
	return fmt.Sprintf("SERVER='%s'\nDATABASE_HOST='%s'\nCONF='%s'\nBACKUPS='%s'\nPORTS='%s'\nCA='%s'\nOWNER='%d:%d'\neditor() { echo mail-password > \"$1\"; }\n",
		server.String(), h.server.Host, h.path("etc"), h.path("backups"), strings.Join(ports, " "), h.authority, os.Getuid(), os.Getgid())
}

// run runs a block as an operator types it, after the block of names, and returns
// its output. Further lines set variables that the block needs.
func (h *host) run(block string, variables ...string) string {
	h.Helper()
	return h.answer(block, "", variables...)
}

// answer runs a block that asks for input.
func (h *host) answer(block, input string, variables ...string) string {
	h.Helper()
	stdout, stderr, err := h.try(strings.Join(variables, "\n")+"\n"+h.document.block(h.t, block), input)
	if err != nil {
		h.Fatalf("the block %q: %v\n%s%s", block, err, stdout, stderr)
	}
	return stdout
}

// try runs commands after the block of names, and returns their output.
func (h *host) try(commands, input string) (stdout, stderr string, err error) {
	h.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*program.Patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-eu", "-o", "pipefail", "-c", h.document.block(h.t, "names")+h.names()+commands)
	cmd.Dir = h.folder
	cmd.Env = []string{"PATH=" + h.path("bin") + ":" + os.Getenv("PATH"), "HOME=" + h.folder}
	cmd.Stdin, cmd.WaitDelay = strings.NewReader(input), time.Second
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err = cmd.Run()
	return out.String(), errs.String(), err
}

// configure adds this host's settings to the configuration.
func (h *host) configure(pairs ...string) {
	h.Helper()
	file, err := os.OpenFile(h.path("etc", "environment"), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(h, err)
	for i := 0; i < len(pairs); i += 2 {
		_, err = fmt.Fprintf(file, "%s=%s\n", pairs[i], pairs[i+1])
		require.NoError(h, err)
	}
	require.NoError(h, file.Close())
}

// environment returns the configuration as systemd reads it: the last line for a
// variable counts.
func (h *host) environment() program.Env {
	h.Helper()
	text, err := os.ReadFile(h.path("etc", "environment"))
	require.NoError(h, err)
	env := program.Env{}
	for line := range strings.Lines(string(text)) {
		name, value, found := strings.Cut(strings.TrimSpace(line), "=")
		require.True(h, found, line)
		env[name] = value
	}
	return env
}

// serve starts replicas.
func (h *host) serve(n int) {
	h.Helper()
	h.replicas = nil
	for range n {
		h.replicas = append(h.replicas, program.Start(h, h.folder, h.environment()))
	}
	for _, replica := range h.replicas {
		replica.AwaitReady(h)
	}
}

// stop stops all replicas.
func (h *host) stop() {
	h.Helper()
	for _, replica := range h.replicas {
		replica.Stop(h)
	}
}

// restart restarts the replicas one by one, and calls between while each one is stopped.
func (h *host) restart(between func()) {
	h.Helper()
	for i, replica := range h.replicas {
		replica.Stop(h)
		others := append([]*program.Process{}, h.replicas[:i]...)
		others = append(others, h.replicas[i+1:]...)
		all := h.replicas
		h.replicas = others
		between()
		h.replicas = all
		h.replicas[i] = program.Start(h, h.folder, h.environment())
		h.replicas[i].AwaitReady(h)
	}
}
