package e2e

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// shell runs lines in the folder, as if a user pasted them into a terminal.
func shell(t testing.TB, folder, lines, input string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*program.Patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-eu", "-c", lines)
	cmd.Dir, cmd.Stdin = folder, strings.NewReader(input)
	cmd.Env = []string{"PATH=" + filepath.Dir(program.Path()) + ":" + os.Getenv("PATH"), "BCRYPT_COST=10"}
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s\n%s", lines, out)
	return string(out)
}

// toPaste returns the lines of a text from the one that begins with the words,
// including its continuation lines.
func toPaste(t testing.TB, text, words string) string {
	t.Helper()
	_, after, found := strings.Cut(text, "    "+words)
	require.True(t, found, "%q in\n%s", words, text)
	lines := words
	for line := range strings.Lines(after) {
		lines += line
		if !strings.HasSuffix(line, "\\\n") {
			break
		}
	}
	return lines
}

// With MAILBOX_KEY, scripts know the address of the caught mails and read them as JSON.
func TestFirstRun_TheKeyOfTheMailboxCanBeFixed(t *testing.T) {
	t.Parallel()
	const key = "a-fixed-key-of-the-mailbox"
	p := program.Start(t, t.TempDir(), cheap().With("PORT", "0", "MAILBOX_KEY", key))
	p.AwaitReady(t)
	c := api.New(t, p.URL)
	ada := newPerson()
	c.Post("/email/register", "", api.Object{"email": ada.email, "password": ada.password}).Is(http.StatusAccepted)
	mailbox := strings.TrimSuffix(mailboxOf(t, p), key)
	publicURL, _, _ := strings.Cut(mailbox, api.Prefix)
	program.Eventually(t, "the mail is caught", func() bool { return len(caught(t, mailbox+key, publicURL, ada.email)) == 1 })
	assert.Equal(t, http.StatusNotFound, program.Status(t, mailbox+"another-key-of-the-mailbox"))
}

// Everything that the start prints works when pasted, and every address works,
// even on a port that the system chose.
func TestFirstRun_PrintedCommandsWork(t *testing.T) {
	t.Parallel()
	_, err := exec.LookPath("curl")
	require.NoError(t, err, "curl is missing: apt-get install curl")
	folder := t.TempDir()
	p := program.Start(t, folder, cheap().With("PORT", "0"))
	p.AwaitReady(t)
	text := p.Stdout.String()
	port := p.URL[strings.LastIndex(p.URL, ":"):]
	for name, path := range map[string]string{"Docs": "/api/auth/docs", "Mails": "/api/auth/dev/mailbox?key="} {
		address := regexp.MustCompile(name + ` +(http://localhost` + port + regexp.QuoteMeta(path) + `\S*)`).FindStringSubmatch(text)
		require.NotNil(t, address, "%s in\n%s", name, text)
		assert.Equal(t, http.StatusOK, program.Status(t, address[1]))
		assert.Equal(t, http.StatusOK, program.Status(t, strings.Replace(address[1], "localhost", "127.0.0.1", 1)), "the same by address")
	}
	assert.Contains(t, text, "http://localhost"+port+"/api/auth\n")
	data := regexp.MustCompile(`Data +(\S*data/auth\.db) +DATABASE_URL is not set`).FindStringSubmatch(text)
	require.NotNil(t, data, text)
	if !filepath.IsAbs(data[1]) { // as it is where folders have long names
		data[1] = filepath.Join(folder, data[1])
	}
	assert.FileExists(t, data[1])
	for line := range strings.Lines(text) {
		assert.LessOrEqual(t, len([]rune(line)), 101, line)
	}
	assert.NotContains(t, text, "\x1b", "no colours where no terminal is")

	answer := shell(t, folder, toPaste(t, text, "curl"), "")
	assert.Contains(t, answer, `"message"`)
	link := regexp.MustCompile(`Mail to  you@example\.com\n.*\n  (http://localhost` + port + `/api/auth/ui/verify#token=\S+)\n`)
	program.Eventually(t, "the caught mail is shown", func() bool { return link.MatchString(p.Stdout.String()) })
	assert.Equal(t, http.StatusOK, program.Status(t, link.FindStringSubmatch(p.Stdout.String())[1]))

	command := toPaste(t, text, program.Path())
	assert.Contains(t, shell(t, folder, command, "a long pass phrase\n"), "created admin@example.com (admin)")
	p.Stop(t)

	// The next start has an administrator.
	p = program.StartLocal(t, folder, cheap())
	assert.NotContains(t, p.Stdout.String(), "first administrator")
	p.Stop(t)
}

// Where the database is not the default, the printed command finds it too.
func TestFirstRun_TheFirstAdministratorIsMadeInTheSameDatabase(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	env := cheap().With("DATABASE_URL", "sqlite:my users/auth.db")
	p := program.StartLocal(t, folder, env)
	shell(t, folder, toPaste(t, p.Stdout.String(), "DATABASE_URL="), "a long pass phrase\n")
	assert.Contains(t, program.MustRun(t, folder, env, "", "user", "list"), "admin@example.com")
	assert.NoDirExists(t, filepath.Join(folder, "data"))
	p.Stop(t)
}

// atTerminal starts a command of the program at a terminal and collects its
// output.
func atTerminal(t testing.TB, folder string, env program.Env, input string, args ...string) *program.Output {
	t.Helper()
	_, err := exec.LookPath("script")
	require.NoError(t, err, "script is missing: apt-get install bsdutils")
	cmd := exec.Command("script", "-qfec", strings.Join(append([]string{program.Path()}, args...), " "), "/dev/null")
	shown := &program.Output{}
	cmd.Dir, cmd.Stdout, cmd.Stderr = folder, shown, shown
	cmd.Stdin = bytes.NewBufferString(input)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "TERM=xterm", "SHELL=/bin/sh"}
	for name, value := range env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // script ends with the program that runs in it
		_ = cmd.Wait()
	})
	return shown
}

func TestFirstRun_ColoursAreForTerminalsThatWantThem(t *testing.T) {
	t.Parallel()
	for name, env := range map[string]program.Env{"": {}, "NO_COLOR": {"NO_COLOR": "1"}, "a dumb terminal": {"TERM": "dumb"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shown := atTerminal(t, t.TempDir(), cheap().With("PORT", "0").With(pairs(env)...), "")
			program.Eventually(t, "it shows where it listens", func() bool { return strings.Contains(shown.String(), "not for production") })
			assert.Equal(t, name == "", strings.Contains(shown.String(), "\x1b["), shown.String())
		})
	}
}

func pairs(env program.Env) []string {
	var list []string
	for name, value := range env {
		list = append(list, name, value)
	}
	return list
}

// At a terminal a person is asked before an account is gone.
func TestUserDelete_AsksAtATerminal(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	program.CreateAdmin(t, folder, cheap(), "admin@example.com", newPassword())
	program.MustRun(t, folder, cheap(), newPassword(), "user", "create", "--email", "former@example.com")
	for _, c := range []struct{ answer, says string }{{"n\n", "nothing was deleted"}, {"\n", "nothing was deleted"}, {"y\n", "deleted former@example.com"}} {
		shown := atTerminal(t, folder, cheap(), c.answer, "user", "delete", "former@example.com")
		program.Eventually(t, "it prints its result", func() bool { return strings.Contains(shown.String(), c.says) })
		assert.Contains(t, shown.String(), "Delete former@example.com permanently?")
	}
	assert.NotContains(t, program.MustRun(t, folder, cheap(), "", "user", "list"), "former@")
}

// At a terminal a person is asked before a step of the schema is undone.
func TestMigrateDown_AsksAtATerminal(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	program.MustRun(t, folder, cheap(), "", "migrate", "up")
	for _, c := range []struct{ answer, says string }{{"n\n", "nothing was undone"}, {"y\n", "undid "}} {
		shown := atTerminal(t, folder, cheap(), c.answer, "migrate", "down")
		program.Eventually(t, "it prints its result", func() bool { return strings.Contains(shown.String(), c.says) })
		assert.Contains(t, shown.String(), "Undo the newest step of the schema?")
	}
}

// A command in a wrong folder reports that and creates no database.
func TestCommands_MakeNoDatabaseByMistake(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, args := range [][]string{
		{"user", "list"}, {"user", "set-role", "a@example.com", "admin"}, {"user", "disable", "a@example.com"}, {"user", "enable", "a@example.com"},
		{"user", "set-email", "a@example.com", "b@example.com"}, {"user", "delete", "a@example.com", "--yes"}, {"migrate", "status"}, {"migrate", "down", "--yes"},
	} {
		o := program.Run(t, folder, cheap(), "", args...)
		assert.Equal(t, 1, o.Code, args)
		assert.Contains(t, o.Stderr, "there is no database at "+filepath.Join(folder, "data", "auth.db"), args)
		assert.Contains(t, o.Stderr, "DATABASE_URL", args)
	}
	program.MustRun(t, folder, cheap(), "", "config", "check")
	program.MustRun(t, folder, cheap(), "", "config", "show")
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	assert.Empty(t, left)

	o := program.Run(t, folder, cheap(), newPassword()+"\n", "user", "create", "--email", "a@example.com")
	assert.Equal(t, 0, o.Code, o.Stderr)
	assert.Equal(t, "there is no database yet; making "+filepath.Join(folder, "data", "auth.db")+"\n", o.Stderr)
	assert.Empty(t, program.Run(t, folder, cheap(), newPassword()+"\n", "user", "create", "--email", "b@example.com").Stderr)
}
