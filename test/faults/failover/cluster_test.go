package failover

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

func TestMain(m *testing.M) { os.Exit(program.Main(m)) }

// cluster is a primary with a standby, and a service that knows both.
type cluster struct {
	primary, standby *postgrestest.Server
	service          *program.Process
}

// newCluster starts a primary, its synchronous standby and the service. way returns the
// address by which the service reaches the primary.
func newCluster(t *testing.T, way func(address string) string) *cluster {
	t.Helper()
	// The standby must have applied every write that the primary acknowledges.
	primary, err := postgrestest.StartPrimary(t.Context(), "synchronous_commit=remote_apply", "max_connections=100")
	require.NoError(t, err)
	standby, err := primary.StartStandby(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, standby.Close()) })
	for _, sql := range []string{"ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()", "CREATE DATABASE auth", "CREATE ROLE auth LOGIN PASSWORD 'auth'", "ALTER DATABASE auth OWNER TO auth"} {
		require.NoError(t, primary.Exec(t.Context(), sql))
	}
	first := hostOf(t, primary)
	address := fmt.Sprintf("postgres://auth:auth@%s,%s/auth?target_session_attrs=read-write&sslmode=disable", way(first), hostOf(t, standby))
	// Mails stay in the queue, because no server listens there.
	env := program.Production(address, program.MailServer{Host: "127.0.0.1", Port: 1}).Unlimited().
		With("EMAIL_VERIFICATION_REQUIRED", "false", "DATABASE_MIGRATION_URL", "postgres://auth:auth@"+first+"/auth?sslmode=disable")
	folder := t.TempDir()
	program.MustRun(t, folder, env, "", "migrate", "up")
	service := program.Start(t, folder, env)
	service.AwaitReady(t)
	return &cluster{primary, standby, service}
}

func hostOf(t *testing.T, s *postgrestest.Server) string {
	t.Helper()
	u, err := url.Parse(s.URL())
	require.NoError(t, err)
	return u.Host
}

func straight(address string) string { return address }

// password is the password of every account.
const password = "pass phrase of every account"

// number makes each address unique.
var number atomic.Int64

// register registers a new user, and returns the status of the answer.
func (c *cluster) register(t testing.TB) (email string, status int) {
	t.Helper()
	email = fmt.Sprintf("person%d@example.com", number.Add(1))
	a, _ := api.New(t, c.service.URL).Try(api.Request{Method: http.MethodPost, Path: "/api/auth/email/register", Body: api.Object{"email": email, "password": password}})
	return email, a.Status
}

// awaitWrites waits until a registration on the same process succeeds. It logs
// how long that took and how many registrations were refused until then.
func (c *cluster) awaitWrites(t *testing.T, since string) {
	t.Helper()
	began, refused := time.Now(), 0
	program.Eventually(t, "a registration succeeds", func() bool {
		_, status := c.register(t)
		if status != http.StatusCreated {
			require.Equal(t, http.StatusServiceUnavailable, status)
			refused++
		}
		return status == http.StatusCreated
	})
	require.False(t, c.service.HasEnded())
	t.Logf("writes succeeded again %s after %s; %d were refused", time.Since(began).Round(time.Millisecond), since, refused)
}

// stored returns the addresses that a server has.
func stored(t *testing.T, s *postgrestest.Server) map[string]bool {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.On("auth").URL())
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(context.Background())) }()
	rows, err := conn.Query(t.Context(), "SELECT email FROM users")
	require.NoError(t, err)
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	all := map[string]bool{}
	for _, email := range list {
		all[email] = true
	}
	return all
}
