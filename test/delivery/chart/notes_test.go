package chart

import (
	"bytes"
	"context"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// log is the output of a process so far.
type log struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(p)
}

// grep returns the lines that contain a text.
func (l *log) grep(text string) []string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	var found []string
	for line := range strings.Lines(l.text.String()) {
		if strings.Contains(line, text) {
			found = append(found, line)
		}
	}
	return found
}

// serve runs the program like the pod of these values, but with its own port and folder.
// It returns the output.
func serve(t *testing.T, values map[string]any) *log {
	t.Helper()
	pod := podOf(t, decode(t, mustRender(t, values, newest)))
	folder, out := t.TempDir(), &log{}
	command := exec.CommandContext(context.Background(), program, pod.Containers[0].Args...)
	command.Dir, command.Stdout, command.Stderr = folder, out, out
	command.Env = append(environment(t, pod, pod.Containers[0]), "HTTP_ADDR=127.0.0.1:0", "DATABASE_URL=sqlite://"+folder+"/auth.db", "SHUTDOWN_DELAY_SECONDS=0")
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait() // reports the kill
		if t.Failed() {
			t.Logf("the service wrote:\n%s", strings.Join(out.grep(""), ""))
		}
	})
	return out
}

// The command in the notes finds only the address of the mailbox in the service's output.
// The mailbox answers there.
func TestNotes_FindTheMailbox(t *testing.T) {
	t.Parallel()
	values := examples(t)["quickstart"]
	command := regexp.MustCompile(`logs statefulset/auth-service \| grep (\S+)\n`).FindStringSubmatch(mustRender(t, values, newest)["NOTES.txt"])
	require.NotNil(t, command)
	out := serve(t, values)
	require.Eventually(t, func() bool { return len(out.grep("/api/auth/docs")) > 0 && len(out.grep(command[1])) > 0 }, time.Minute, 20*time.Millisecond)
	found := out.grep(command[1])
	require.Len(t, found, 1)
	address := regexp.MustCompile(`http://\S+`).FindString(found[0])
	require.NotEmpty(t, address, found[0])
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	assert.Equal(t, http.StatusOK, answer.StatusCode)
}
