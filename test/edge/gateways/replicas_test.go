package gateways

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/gateway"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

const (
	password   = "a pass phrase of people behind gateways"
	userEmail  = "user@example.com"
	adminEmail = "admin@example.com"
	// strangerEmail is an address that is not confirmed.
	strangerEmail = "stranger@example.com"
)

// cluster is two replicas of the service on one database.
type cluster struct {
	folder   string
	env      program.Env
	ports    [2]string
	replicas [2]*program.Process
}

// startCluster starts a service of two replicas with a user and an administrator.
// More variables are given as names and values in turn.
func startCluster(t *testing.T, variables ...string) *cluster {
	t.Helper()
	c := &cluster{folder: t.TempDir(), ports: [2]string{quietPort(t), quietPort(t)}}
	c.env = program.Production(postgrestest.NewDatabase(t), program.MailServer{Host: "127.0.0.1", Port: 1}).Unlimited().With(
		"PUBLIC_URL", "https://"+gateway.Host,
		"TRUSTED_PROXIES", "127.0.0.1",
		"LOG_LEVEL", "debug", // requests of probes too
	).With(variables...)
	program.MustRun(t, c.folder, c.env, "", "migrate", "up")
	program.MustRun(t, c.folder, c.env, password+"\n", "user", "create", "--email", userEmail)
	program.MustRun(t, c.folder, c.env, password+"\n", "user", "create", "--email", strangerEmail, "--unverified")
	program.CreateAdmin(t, c.folder, c.env, adminEmail, password)
	for i := range c.replicas {
		c.start(t, i)
	}
	return c
}

// start starts a replica at its address, and waits until it is ready.
func (c *cluster) start(t *testing.T, i int) {
	t.Helper()
	c.replicas[i] = program.Start(t, c.folder, c.env.With("PORT", c.ports[i]))
	c.replicas[i].AwaitReady(t)
}

// holdWrites keeps writes of sessions waiting until release is called. It returns
// as soon as one request of every guest waits.
func (c *cluster) holdWrites(t *testing.T) (release func()) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), c.env["DATABASE_URL"])
	require.NoError(t, err)
	lock, err := conn.Begin(t.Context())
	require.NoError(t, err)
	_, err = lock.Exec(t.Context(), "LOCK TABLE user_sessions IN EXCLUSIVE MODE")
	require.NoError(t, err)
	program.Eventually(t, "all guests wait", func() bool {
		waiting := 0
		err := lock.QueryRow(t.Context(), "SELECT count(*) FROM pg_locks WHERE relation = 'user_sessions'::regclass AND NOT granted").Scan(&waiting)
		return assert.NoError(t, err) && waiting >= guests
	})
	return func() {
		assert.NoError(t, lock.Rollback(t.Context()))
		assert.NoError(t, conn.Close(t.Context()))
	}
}

// takesPart reports whether a replica has got a request since it started.
func (c *cluster) takesPart(i int) bool {
	return strings.Contains(c.replicas[i].Stdout.String()+c.replicas[i].Stderr.String(), `"route":"/api/auth/me"`)
}

// site is the cluster as a gateway sees it.
func (c *cluster) site(app string) gateway.Site {
	return gateway.Site{
		Replicas: [2]string{net.JoinHostPort("127.0.0.1", c.ports[0]), net.JoinHostPort("127.0.0.1", c.ports[1])},
		App:      app,
	}
}

// logs returns the replicas' logs so far.
func (c *cluster) logs() string {
	return c.replicas[0].Stderr.String() + c.replicas[0].Stdout.String() + c.replicas[1].Stderr.String() + c.replicas[1].Stdout.String()
}

// quietPort returns a free port that the system does not assign by itself,
// because a replica returns to it while gateways open many connections.
func quietPort(t *testing.T) string {
	t.Helper()
	for range 100 {
		port := strconv.Itoa(15000 + rand.IntN(15000)) //nolint:gosec // a port is no secret
		listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", net.JoinHostPort("127.0.0.1", port))
		if err == nil {
			require.NoError(t, listener.Close())
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}

// request returns the text of a request with its lines joined; %s in the target
// is not replaced.
func request(method, target string, fields ...string) string {
	text := method + " " + target + " HTTP/1.1\r\nHost: " + gateway.Host + "\r\n"
	for _, field := range fields {
		text += field + "\r\n"
	}
	return text + "\r\n"
}

// withBody writes a request with a body of JSON.
func withBody(method, target, body string, fields ...string) string {
	fields = append(fields, "Content-Type: application/json", fmt.Sprintf("Content-Length: %d", len(body)))
	return request(method, target, fields...) + body
}
