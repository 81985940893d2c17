package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// printedEvents returns the events that auth-service audit printed.
func printedEvents(t testing.TB, text string) (all []event) {
	t.Helper()
	for line := range strings.Lines(text) {
		var e event
		require.NoError(t, json.Unmarshal([]byte(line), &e))
		all = append(all, e)
	}
	return all
}

func TestAuditCommand_PrintsAndFollowsTheLog(t *testing.T) {
	t.Parallel()
	folder, env := t.TempDir(), program.Cheap()
	program.MustRun(t, folder, env, "a good password\n", "user", "create", "--email", "ada@example.com")
	program.MustRun(t, folder, env, "", "user", "disable", "ada@example.com", "--reason", "Sent spam.")
	all := printedEvents(t, program.MustRun(t, folder, env, "", "audit"))
	types := events{Events: all}.types()
	require.Contains(t, types, "status_changed")
	assert.True(t, all[0].ByOperator)
	assert.Equal(t, all, printedEvents(t, program.MustRun(t, folder, env, "", "audit")), "positions stay")
	last := all[len(all)-1]
	assert.Empty(t, program.MustRun(t, folder, env, "", "audit", "--after", fmt.Sprint(last.Position)))
	some := printedEvents(t, program.MustRun(t, folder, env, "", "audit", "--type", "status_changed,role_changed"))
	assert.Equal(t, []string{"status_changed"}, events{Events: some}.types())

	for _, wrong := range [][]string{{"--after", "-1"}, {"--after", "99999"}, {"--type", "nonsense"}} {
		o := program.Run(t, folder, env, "", append([]string{"audit"}, wrong...)...)
		assert.Equal(t, 2, o.Code, "%v: %s", wrong, o.Stderr)
		assert.Empty(t, o.Stdout)
	}

	follower := exec.CommandContext(t.Context(), program.Path(), "audit", "--follow", "--after", fmt.Sprint(last.Position))
	follower.Dir, follower.Env = folder, append(os.Environ(), "BCRYPT_COST=10")
	out, err := follower.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, follower.Start())
	lines, seen := make(chan string), map[string]bool{}
	go func() {
		defer close(lines)
		for scan := bufio.NewScanner(out); scan.Scan(); {
			lines <- scan.Text()
		}
	}()
	program.MustRun(t, folder, env, "", "user", "enable", "ada@example.com")
	select {
	case line := <-lines:
		followed := printedEvents(t, line)[0]
		assert.Equal(t, "status_changed", followed.Type)
		assert.Greater(t, followed.Position, last.Position)
		seen[followed.ID] = true
	case <-time.After(time.Minute):
		require.Fail(t, "the follower printed nothing")
	}
	require.NoError(t, follower.Process.Signal(os.Interrupt))
	for line := range lines { // what becomes of the mail about it may follow
		followed := printedEvents(t, line)[0]
		require.True(t, strings.HasPrefix(followed.Type, "mail_"), line)
		require.False(t, seen[followed.ID], "an event is printed once")
		seen[followed.ID] = true
	}
	require.NoError(t, follower.Wait(), "an interrupt ends it well")
}
