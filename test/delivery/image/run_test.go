package image

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/argon2"

	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

const (
	admin    = "admin@example.com"
	password = "a long pass phrase"
)

// production returns the environment of a replica at the default cost of a hash, and the
// URL of its database. The image's commands made the schema and one administrator in it.
func production(t *testing.T, image *picture) (env program.Env, databaseURL string) {
	t.Helper()
	databaseURL = postgrestest.NewDatabase(t)
	env = program.Production(databaseURL, program.MailServer{Host: "127.0.0.1", Port: 9}).With("BCRYPT_COST", "", "HTTP_ADDR", "")
	command(t, image, env, nil, "", "migrate", "up")
	command(t, image, env, nil, password+"\n", "user", "create", "--email", admin, "--role", "admin")
	return env, databaseURL
}

func TestContainer_PrintsItsVersion(t *testing.T) {
	t.Parallel()
	var build struct{ Version, Revision, Date string }
	require.NoError(t, json.Unmarshal([]byte(command(t, native(t), nil, nil, "", "version", "--json")), &build))
	assert.Equal(t, struct{ Version, Revision, Date string }{version, revision, created}, build)
}

// A replica lives its whole life in 128 MiB. It serves and signs in at the default cost
// of a hash, without privileges and without a writable folder.
func TestContainer_SignsInWithinItsMemory(t *testing.T) {
	t.Parallel()
	image := native(t)
	env, _ := production(t, image)
	c := start(t, image, env.Unlimited())

	assert.Equal(t, strconv.Itoa(memory), c.controls("memory.limit_in_bytes", "memory.max"), "the limit is in force")
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(c.state().Pid), "status"))
	require.NoError(t, err)
	for _, line := range []string{
		"Uid:\t65532\t65532\t65532\t65532", "Gid:\t65532\t65532\t65532\t65532", "NoNewPrivs:\t1",
		"CapPrm:\t0000000000000000", "CapEff:\t0000000000000000", "CapBnd:\t0000000000000000",
	} {
		assert.Contains(t, string(status), line+"\n")
	}
	mounts, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(c.state().Pid), "mountinfo"))
	require.NoError(t, err)
	assert.Regexp(t, `(?m)^\d+ \d+ \S+ \S+ / ro[, ]`, string(mounts), "the root is read-only")

	const clients, rounds = 8, 3
	accepted := 0
	for range rounds {
		accepted += c.logins(clients)
	}
	// A busy machine may refuse all but one of many logins at once.
	program.Eventually(t, "several logins were accepted", func() bool {
		accepted += c.logins(2)
		return accepted >= clients/2
	})
	c.session()

	peak, err := strconv.Atoi(c.controls("memory.max_usage_in_bytes", "memory.peak"))
	require.NoError(t, err)
	t.Logf("%d logins were accepted, up to %d asked for at once; at most %.1f MiB of memory were in use", accepted, clients, float64(peak)/(1<<20))
	// The kernel enforces the limit itself. This assertion demands a margin below it.
	assert.Less(t, peak, memory*3/4)
	c.podman("kill", "--signal", "TERM", c.name)
	ended := c.awaitEnd()
	assert.Equal(t, 0, ended.ExitCode)
	assert.False(t, ended.OOMKilled)
}

// logins sends this many logins at once, and returns the number of accepted ones.
func (c *container) logins(clients int) (accepted int) {
	c.t.Helper()
	answers := make(chan int, clients)
	for range clients {
		go func() { code, _ := c.login(); answers <- code }()
	}
	for range clients {
		if code := <-answers; code == http.StatusOK {
			accepted++
		} else {
			assert.Equal(c.t, http.StatusServiceUnavailable, code, "only requests beyond the queue may fail")
		}
	}
	return accepted
}

// The service can check the largest argon2 hash that 128 MiB admit again and again, because
// it frees the memory of a check before the next one. The import knows the limit.
func TestContainer_ChecksArgon2WithinItsMemory(t *testing.T) {
	t.Parallel()
	image := native(t)
	env, _ := production(t, image)
	const imported, most = "moved@example.com", 64 * 1024 // KiB: 64 MiB are for the rest of the service
	row := func(email string, memory uint32) string {
		salt := []byte("sixteen bytes it")
		encode := base64.RawStdEncoding.EncodeToString
		return fmt.Sprintf("%s,true,\"$argon2id$v=19$m=%d,t=1,p=1$%s$%s\"\n", email, memory,
			encode(salt), encode(argon2.IDKey([]byte(password), salt, 1, memory, 1, 32)))
	}
	const header = "email,email_verified,password_hash\n"
	command(t, image, env, nil, header+row(imported, most), "import", "-")
	args := append([]string{"run", "--rm", "--interactive"}, locked(t, "host", memory)...)
	larger := open(t).podman(append(append(args, environment(env)...), image.name, "import", "--dry-run", "-")...)
	larger.Stdin = strings.NewReader(header + row("larger@example.com", most+1))
	_, err := outputOf(larger)
	require.ErrorContains(t, err, "needs 65537 KiB of memory, and a check may use 65536 KiB")

	c := start(t, image, env.Unlimited().With("LOG_LEVEL", "debug", "BCRYPT_COST", "10"))
	assert.Contains(t, c.logs(), `"bytes":120795955`, "Go's runtime limits itself to 90 % of the memory")
	for _, attempt := range []string{"wrong", "wrong again", "still wrong", "wrong once more"} {
		c.answers(imported, attempt, http.StatusUnauthorized)
	}
	c.answers(imported, password, http.StatusOK)
	peak, err := strconv.Atoi(c.controls("memory.max_usage_in_bytes", "memory.peak"))
	require.NoError(t, err)
	t.Logf("at most %d MiB of memory were in use", peak>>20)
	assert.Greater(t, peak, most<<10, "the hash was computed")
	c.podman("kill", "--signal", "TERM", c.name)
	ended := c.awaitEnd()
	assert.Equal(t, 0, ended.ExitCode)
	assert.False(t, ended.OOMKilled)
}

// answers signs in until an answer comes in time, because on a busy machine a check may
// take longer than a request may last.
func (c *container) answers(email, attempt string, want int) {
	c.t.Helper()
	program.Eventually(c.t, "the login is answered", func() bool {
		status, _ := c.call(http.MethodPost, "/login", "", map[string]string{"email": email, "password": attempt})
		if status != http.StatusServiceUnavailable {
			require.Equal(c.t, want, status)
		}
		return status == want
	})
}

// The tests above are valid only if the limit can kill.
func TestContainer_IsKilledWithTooLittleMemory(t *testing.T) {
	t.Parallel()
	c := create(t, native(t), 8<<20, nil, "--volume", "/data", "--env", "DATABASE_URL=sqlite:///data/auth.db")
	ended := c.awaitEnd()
	assert.Equal(t, 128+9, ended.ExitCode, "the kernel must kill it")
}

func TestContainer_HealthcheckReportsWhetherItAnswers(t *testing.T) {
	t.Parallel()
	image := native(t)
	env, _ := production(t, image)
	c := start(t, image, env)
	assert.Equal(t, 0, exitCode(c.w.podman("healthcheck", "run", c.name)))
	c.podman("kill", "--signal", "STOP", c.name)
	assert.NotEqual(t, 0, exitCode(c.w.podman("healthcheck", "run", c.name)), "a stopped container does not answer")
	c.podman("kill", "--signal", "CONT", c.name)
	c.awaitReady()
	assert.Equal(t, 0, exitCode(c.w.podman("healthcheck", "run", c.name)))
}

// A new volume belongs to the image's user, and with SQLite the service needs nothing
// else. It listens on the image's address, in its own network.
func TestContainer_KeepsUsersInAVolume(t *testing.T) {
	t.Parallel()
	w, image := open(t), native(t)
	volume := "auth-data"
	_, err := outputOf(w.podman("volume", "create", volume))
	require.NoError(t, err)
	t.Cleanup(func() { _, _ = outputOf(w.podman("volume", "rm", "--force", volume)) })
	flags := []string{"--volume", volume + ":/data"}
	env := program.Env{"DATABASE_URL": "sqlite:///data/auth.db"}
	out := command(t, image, env, flags, password+"\n", "user", "create", "--email", admin, "--role", "admin")
	assert.Contains(t, out, admin)
	for range 2 { // the second start finds the data of the first one
		c := start(t, image, env, flags...)
		c.session()
		c.podman("stop", "--time", "30", c.name)
		assert.Equal(t, 0, c.awaitEnd().ExitCode)
	}

	run := append([]string{"run", "--detach"}, locked(t, "none", memory)...)
	run = append(append(run, flags...), "--env", "DATABASE_URL=sqlite:///data/auth.db", image.name)
	name, err := outputOf(w.podman(run...))
	require.NoError(t, err)
	c := &container{t: t, w: w, name: name}
	t.Cleanup(func() { _, _ = outputOf(w.podman("rm", "--force", "--time", "0", name)) })
	program.Eventually(t, "it answers on the image's own port", func() bool {
		return exitCode(w.podman("healthcheck", "run", name)) == 0
	})
	c.podman("stop", "--time", "30", name)
	assert.Equal(t, 0, c.awaitEnd().ExitCode)
}

// SIGTERM, as docker stop and Kubernetes send it, loses no request in progress.
func TestContainer_FinishesRequestsBeforeItStops(t *testing.T) {
	t.Parallel()
	image := native(t)
	env, databaseURL := production(t, image)
	c := start(t, image, env)
	_, access := c.login()
	require.NotEmpty(t, access)
	pid := c.state().Pid // podman kill might outlast the request's own deadline
	answer, release := c.requestInHand(databaseURL, access)
	require.NoError(t, syscall.Kill(pid, syscall.SIGTERM))
	program.Eventually(t, "the service is stopping", func() bool { return strings.Contains(c.logs(), "stopping") })
	release()
	assert.Equal(t, http.StatusOK, <-answer)
	assert.Equal(t, 0, c.awaitEnd().ExitCode)
}

// SIGKILL loses the request, so the test above would notice a loss.
func TestContainer_LosesItsRequestWhenKilled(t *testing.T) {
	t.Parallel()
	image := native(t)
	env, databaseURL := production(t, image)
	c := start(t, image, env)
	_, access := c.login()
	pid := c.state().Pid // podman kill might outlast the request's own deadline
	answer, release := c.requestInHand(databaseURL, access)
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	assert.Equal(t, 128+9, c.awaitEnd().ExitCode)
	assert.Equal(t, 0, <-answer, "the service did not answer")
	release()
}
