package redistest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// childVariable makes the test binary start a server and wait to be killed.
const childVariable = "AUTH_TEST_REDISTEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) == "" {
		os.Exit(m.Run())
	}
	s, err := Start(context.Background())
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s\n", s.dir)
	_, _ = io.Copy(io.Discard, os.Stdin) // until the test kills this process, or dies itself
}

func open(t *testing.T, url string) *redis.Client {
	t.Helper()
	options, err := redis.ParseURL(url)
	require.NoError(t, err)
	client := redis.NewClient(options)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func TestNewDatabase_EachIsEmpty(t *testing.T) {
	t.Parallel()
	for range 3 {
		client := open(t, NewDatabase(t))
		require.ErrorIs(t, client.Get(t.Context(), "key").Err(), redis.Nil)
		require.NoError(t, client.Set(t.Context(), "key", "value", 0).Err())
	}
}

func TestServer_CloseStopsAndRemovesIt(t *testing.T) {
	t.Parallel()
	s, err := Start(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.Close())
	assert.NoDirExists(t, s.dir)
	assert.Error(t, s.ping(t.Context()))
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
	require.DirExists(t, dir)

	require.NoError(t, child.Process.Kill())
	_ = child.Wait() // reports the kill

	require.Eventually(t, func() bool {
		_, err := os.Stat(dir)
		return os.IsNotExist(err)
	}, 30*time.Second, 20*time.Millisecond, "the folder remains")
}
