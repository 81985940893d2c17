package moving

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	_ "github.com/glebarez/go-sqlite"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// users is how many users are moved; `make scale` moves 100,000.
var users = flag.Int("users", 20_000, "how many users the import that is killed has")

// writeUsers writes a file of n users.
func writeUsers(t testing.TB, folder string, n int) string {
	t.Helper()
	path := filepath.Join(folder, fmt.Sprintf("users-%d.jsonl", n))
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	require.NoError(t, err)
	out := bufio.NewWriter(file)
	for i := range n {
		_, err = fmt.Fprintf(out, `{"legacy_id":%d,"email":"user%d@example.com","password_hash":"$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW",`+
			`"email_verified":true,"created_at":"2024-01-02T03:04:05.%06dZ"}`+"\n", i, i, i)
		require.NoError(t, err)
	}
	require.NoError(t, out.Flush())
	require.NoError(t, file.Close())
	return path
}

// started is a running command of the program.
type started struct {
	cmd *exec.Cmd
	out bytes.Buffer
}

func start(t testing.TB, folder string, env program.Env, args ...string) *started {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute)
	t.Cleanup(cancel)
	s := &started{cmd: exec.CommandContext(ctx, program.Path(), args...)}
	s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr = folder, &s.out, &s.out
	for name, value := range env {
		s.cmd.Env = append(s.cmd.Env, name+"="+value)
	}
	require.NoError(t, s.cmd.Start())
	return s
}

// finish waits for the end of the command, and returns its peak memory in KiB.
func (s *started) finish(t testing.TB) int64 {
	t.Helper()
	require.NoError(t, s.cmd.Wait(), s.out.String())
	usage, ok := s.cmd.ProcessState.SysUsage().(*syscall.Rusage)
	require.True(t, ok)
	return usage.Maxrss
}

// stored returns the number of users in a database.
func stored(t testing.TB, db *sql.DB) (n int) {
	t.Helper()
	require.NoError(t, db.QueryRowContext(context.Background(), "SELECT count(*) FROM users").Scan(&n))
	return n
}

// most returns the memory, in KiB, that a command may use for a number of rows. small is
// the memory of a small command. A larger command may use 10 MiB more for garbage, and 100
// bytes a row for the fingerprints that find duplicates. The rows themselves would take
// about a KiB each.
func most(small int64, rows int) int64 { return small + 10<<10 + int64(rows)*100>>10 }

// An import that is killed in the middle continues when it is run again, and ends with
// the same result. It needs no more memory for many users than for few.
func TestImport_ContinuesAfterAKill(t *testing.T) {
	t.Parallel()
	folder, many := t.TempDir(), *users
	few, all := writeUsers(t, folder, many/4), writeUsers(t, folder, many)
	exports := map[string][sha256.Size]byte{}
	for name, target := range map[string]struct{ driver, dsn, url string }{
		"SQLite":     {"sqlite", filepath.Join(folder, "auth.db") + "?_pragma=busy_timeout(10000)", "sqlite:auth.db"},
		"PostgreSQL": {"pgx", postgrestest.NewDatabase(t), ""},
	} {
		if target.url == "" {
			target.url = target.dsn
		}
		env := program.Production(target.url, program.MailServer{Host: "127.0.0.1", Port: 1})
		program.MustRun(t, folder, env, "", "migrate", "up")
		db, err := sql.Open(target.driver, target.dsn)
		require.NoError(t, err)
		small := start(t, folder, env, "import", few).finish(t)
		before := stored(t, db)
		require.Equal(t, many/4, before, name)

		killed := start(t, folder, env, "import", all)
		for deadline := time.Now().Add(10 * time.Minute); stored(t, db) < before+2000; {
			require.True(t, time.Now().Before(deadline), "the import makes progress: %s", killed.out.String())
			time.Sleep(20 * time.Millisecond)
		}
		require.NoError(t, killed.cmd.Process.Kill())
		_ = killed.cmd.Wait() // reports the kill
		there := stored(t, db)
		require.Less(t, there, many, "it must be killed in the middle")
		assert.Zero(t, there%500, "each batch is stored as a whole")

		again := start(t, folder, env, "import", all)
		large := again.finish(t)
		assert.Contains(t, again.out.String(), fmt.Sprintf("imported %d, already there %d, refused 0", many-there, there), name)
		t.Logf("%s: %d KiB for %d users, %d KiB for %d", name, small, many/4, large, many)
		assert.Less(t, large, most(small, many), "KiB for %d users, and for %d", many, many/4)
		dry := start(t, folder, env, "import", "--dry-run", all)
		dry.finish(t)
		assert.Contains(t, dry.out.String(), fmt.Sprintf("would import 0, already there %d, refused 0", many))

		path := filepath.Join(folder, name+".csv")
		exported := start(t, folder, env, "export", "--with-password-hashes", path)
		assert.Less(t, exported.finish(t), most(small, 0), "KiB for the export")
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, many+1, bytes.Count(content, []byte("\n")))
		exports[name] = sha256.Sum256(content)
		require.NoError(t, db.Close())
	}
	assert.Equal(t, exports["SQLite"], exports["PostgreSQL"], "the exports of both databases are equal, byte for byte")
}
