package failover

import (
	"context"
	_ "embed"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

//go:embed patroni.sh
var patroniScript string

// patroniPatience is how long Patroni may take. It replaces a lost primary after its
// lease ran out, which takes at least 20 seconds.
const patroniPatience = 2 * time.Minute

// node is one of Patroni's servers.
type node struct{ name, rest, address string }

// url returns the URL of a database of the node, for the superuser.
func (n node) url(database string) string {
	return fmt.Sprintf("postgres://postgres:change-me-1@%s/%s?sslmode=disable", n.address, database)
}

// patroni is a cluster with the configuration of deploy/patroni.
type patroni struct {
	dir   string
	nodes []node
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return listener.Addr().String()
}

// startPatroni runs etcd and two nodes with the operator's files. It changes only
// addresses, paths and times.
func startPatroni(t *testing.T) *patroni {
	t.Helper()
	for _, name := range []string{"patroni", "etcd"} {
		_, err := exec.LookPath(name)
		require.NoError(t, err, "apt-get install -y --no-install-recommends patroni etcd-server")
	}
	dir, runAs, err := postgrestest.PrivateDir()
	require.NoError(t, err)
	p := &patroni{dir: dir}
	client, peer := freeAddress(t), freeAddress(t)
	p.write(t, runAs, "etcd.env", "etcd.env", "ETCD_NAME=db1", "ETCD_NAME=db1\nETCD_LOG_LEVEL=warn", "/var/lib/etcd/default", dir+"/etcd",
		",http://127.0.0.1:2379", "", "10.0.0.1:2379", client, "10.0.0.1:2380", peer, ",db2=http://10.0.0.2:2380,db3=http://10.0.0.3:2380", "")
	names := []string{"db1", "db2"}
	for _, name := range names {
		n := node{name, freeAddress(t), freeAddress(t)}
		p.nodes = append(p.nodes, n)
		p.write(t, runAs, "patroni.yml", name+".yml", "name: db1", "name: "+name, "0.0.0.0:8008", n.rest, "10.0.0.1:8008", n.rest,
			"10.0.0.1:2379,10.0.0.2:2379,10.0.0.3:2379", client, "10.0.0.1:5432", n.address,
			"listen: 0.0.0.0:5432", "listen: "+n.address+"\n  parameters:\n    unix_socket_directories: "+dir,
			"/var/lib/postgresql/15/auth", filepath.Join(dir, name), "/var/lib/postgresql/patroni.pgpass", filepath.Join(dir, name+".pgpass"),
			"10.0.0.0/24", "127.0.0.1/32", "mode: automatic", "mode: off", // tests have no watchdog
			"ttl: 30", "ttl: 20", "loop_wait: 10", "loop_wait: 1", "retry_timeout: 10", "retry_timeout: 3")
	}
	p.run(t, runAs, names)
	return p
}

// run runs everything until the test ends.
func (p *patroni) run(t *testing.T, runAs *syscall.Credential, names []string) {
	t.Helper()
	run := exec.Command("/bin/sh", append([]string{"-c", patroniScript, "patroni", p.dir}, names...)...)
	run.Dir = p.dir
	run.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Credential: runAs}
	alive, err := run.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, run.Start())
	t.Cleanup(func() {
		if t.Failed() {
			for _, name := range append(names, "etcd") {
				log, _ := os.ReadFile(filepath.Join(p.dir, name+".log"))
				t.Logf("%s:\n%s", name, log[max(0, len(log)-4000):])
			}
		}
		_ = alive.Close()
		_ = run.Wait() // kill fails for a process that has already ended
	})
}

// write copies a file of deploy/patroni and replaces pairs of texts. The file must
// contain each replaced text.
func (p *patroni) write(t *testing.T, runAs *syscall.Credential, from, to string, pairs ...string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "..", "deploy", "patroni", from))
	require.NoError(t, err)
	for i := 0; i < len(pairs); i += 2 {
		require.Contains(t, string(content), pairs[i])
	}
	path := filepath.Join(p.dir, to)
	require.NoError(t, os.WriteFile(path, []byte(strings.NewReplacer(pairs...).Replace(string(content))), 0o600))
	if runAs != nil {
		require.NoError(t, os.Chown(path, int(runAs.Uid), int(runAs.Gid)))
	}
}

// await waits until a node other than gone has a role, and returns it.
func (p *patroni) await(t *testing.T, role string, gone node) node {
	t.Helper()
	for deadline := time.Now().Add(patroniPatience); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		for _, n := range p.nodes {
			if n != gone && program.Status(t, "http://"+n.rest+"/"+role) == http.StatusOK {
				return n
			}
		}
	}
	t.Fatalf("no node is %s after %s", role, patroniPatience)
	return node{}
}

// crash kills a node and its server, as a lost machine does.
func (p *patroni) crash(t *testing.T, n node) {
	t.Helper()
	for _, kill := range []struct {
		file   string
		signal syscall.Signal
	}{{n.name + ".pid", syscall.SIGKILL}, {n.name + "/postmaster.pid", syscall.SIGQUIT}} {
		content, err := os.ReadFile(filepath.Join(p.dir, kill.file))
		require.NoError(t, err)
		line, _, _ := strings.Cut(string(content), "\n")
		pid, err := strconv.Atoi(line)
		require.NoError(t, err)
		require.NoError(t, syscall.Kill(pid, kill.signal))
	}
}

// Patroni replaces a lost primary as documented, and the service follows.
func TestPatroni_TheServiceFollowsTheLeader(t *testing.T) {
	t.Parallel()
	p := startPatroni(t)
	leader := p.await(t, "primary", node{})
	p.await(t, "synchronous", leader)
	conn, err := pgx.Connect(t.Context(), leader.url("postgres"))
	require.NoError(t, err)
	for _, sql := range []string{"CREATE ROLE auth LOGIN PASSWORD 'auth'", "CREATE DATABASE auth OWNER auth"} {
		_, err := conn.Exec(t.Context(), sql)
		require.NoError(t, err)
	}
	require.NoError(t, conn.Close(t.Context()))
	for _, n := range p.nodes { // the standby has the database once it has replayed its creation
		program.Eventually(t, "the database is on "+n.address, func() bool {
			conn, err := pgx.Connect(t.Context(), n.url("auth"))
			return err == nil && conn.Close(t.Context()) == nil
		})
	}
	hosts := p.nodes[0].address + "," + p.nodes[1].address
	env := program.Production("postgres://auth:auth@"+hosts+"/auth?target_session_attrs=read-write&sslmode=disable",
		program.MailServer{Host: "127.0.0.1", Port: 1}).Unlimited().With("EMAIL_VERIFICATION_REQUIRED", "false")
	folder := t.TempDir()
	program.MustRun(t, folder, env, "", "migrate", "up")
	c := &cluster{service: program.Start(t, folder, env)}
	c.service.AwaitReady(t)
	var acknowledged []string
	program.Eventually(t, "ten are registered", func() bool {
		email, status := c.register(t)
		if status == http.StatusCreated { // else a busy machine took too long
			acknowledged = append(acknowledged, email)
		}
		return len(acknowledged) == 10
	})

	p.crash(t, leader)
	next := p.await(t, "primary", leader)
	c.awaitWrites(t, "Patroni chose another")
	conn, err = pgx.Connect(t.Context(), next.url("auth"))
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(context.Background())) }()
	var kept int
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT count(*) FROM users WHERE email = ANY($1)", acknowledged).Scan(&kept))
	assert.Equal(t, len(acknowledged), kept)
}
