package postgrestest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// childVariable makes the test binary start a server and wait to be killed.
const childVariable = "AUTH_TEST_POSTGRESTEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) == "" {
		os.Exit(m.Run())
	}
	s, err := Start(context.Background())
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s\n%s\n", s.dir, s.url)
	_, _ = io.Copy(io.Discard, os.Stdin) // until the test kills this process, or dies itself
}

func open(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

func TestNewDatabase_IsEmptyAndDroppedWithTheTest(t *testing.T) {
	t.Parallel()
	var url string
	t.Run("use", func(t *testing.T) {
		url = NewDatabase(t)
		conn := open(t, url)
		_, err := conn.Exec(t.Context(), "CREATE TABLE things (id int)")
		require.NoError(t, err)
	})
	_, err := pgx.Connect(t.Context(), url)
	require.ErrorContains(t, err, "does not exist")

	var things *string
	require.NoError(t, open(t, NewDatabase(t)).QueryRow(t.Context(), "SELECT to_regclass('things')::text").Scan(&things))
	assert.Nil(t, things)
}

func TestNewDatabase_IsDroppedWithAnOpenConnection(t *testing.T) {
	t.Parallel()
	var conn *pgx.Conn
	t.Run("use", func(t *testing.T) {
		var err error
		conn, err = pgx.Connect(t.Context(), NewDatabase(t))
		require.NoError(t, err)
	})
	assert.Error(t, conn.Ping(t.Context()))
}

func fill(t testing.TB, url string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), "CREATE TABLE things (id int); INSERT INTO things VALUES (1)")
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
}

func TestNewDatabaseFrom_CopiesAreIndependent(t *testing.T) {
	t.Parallel()
	for i := range 3 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			conn := open(t, NewDatabaseFrom(t, fill))
			_, err := conn.Exec(t.Context(), "INSERT INTO things VALUES (2)")
			require.NoError(t, err)
			var n int
			require.NoError(t, conn.QueryRow(t.Context(), "SELECT count(*) FROM things").Scan(&n))
			assert.Equal(t, 2, n)
		})
	}
}

func TestServer_EndsWithItsKilledProcess(t *testing.T) {
	t.Parallel()
	child := exec.Command(os.Args[0]) //nolint:gosec // this binary
	child.Env = append(os.Environ(), childVariable+"=1")
	child.Stderr = os.Stderr
	in, err := child.StdinPipe()
	require.NoError(t, err)
	t.Cleanup(func() { _ = in.Close() })
	out, err := child.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, child.Start())
	lines := bufio.NewScanner(out)
	require.True(t, lines.Scan())
	dir := lines.Text()
	require.True(t, lines.Scan())
	url := lines.Text()
	open(t, url)
	require.DirExists(t, dir)

	require.NoError(t, child.Process.Kill())
	_ = child.Wait() // reports the kill

	require.Eventually(t, func() bool {
		_, err := os.Stat(dir)
		return os.IsNotExist(err)
	}, 30*time.Second, 20*time.Millisecond, "the folder remains")
	_, err = pgx.Connect(t.Context(), url)
	require.Error(t, err, "the server remains")
}

func TestServer_CloseStopsAndRemovesIt(t *testing.T) {
	t.Parallel()
	s, err := Start(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.Close())
	assert.NoDirExists(t, s.dir)
	_, err = pgx.Connect(t.Context(), s.url)
	assert.Error(t, err)
}

func TestSweep_DropsDatabasesOfDeadProcesses(t *testing.T) {
	t.Parallel()
	s, err := Start(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	conn := open(t, s.url)
	for _, name := range []string{"auth_test_7_1", "auth_test_8_1", "auth_testing"} {
		_, err := conn.Exec(t.Context(), "CREATE DATABASE "+name)
		require.NoError(t, err)
	}
	_, err = conn.Exec(t.Context(), "SELECT pg_advisory_lock(8)") // process 8 is alive
	require.NoError(t, err)

	other := &cluster{process: 9, conn: open(t, s.url)}
	require.NoError(t, other.sweep(t.Context()))

	rows, err := conn.Query(t.Context(), "SELECT datname FROM pg_database WHERE datname LIKE 'auth%' ORDER BY 1")
	require.NoError(t, err)
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	assert.Equal(t, []string{"auth_test_8_1", "auth_testing"}, names)
}
