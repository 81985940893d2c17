package compose

import (
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/mailpit"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

func TestMain(m *testing.M) { os.Exit(program.Main(m)) }

// service is the part of a service that these tests read.
type service struct {
	Image string
	Build *struct{ Context, Dockerfile string }
	// Command replaces the image's command; nil keeps it.
	Command     []string
	Entrypoint  []string
	Environment map[string]string
	DependsOn   map[string]struct {
		Condition string
		Required  bool
	} `json:"depends_on"`
	Healthcheck *struct{ Test []string }
	Ports       []struct {
		HostIP string `json:"host_ip"`
		Target int
	}
	Volumes         []struct{ Type, Source, Target string }
	ReadOnly        bool     `json:"read_only"`
	CapDrop         []string `json:"cap_drop"`
	SecurityOpt     []string `json:"security_opt"`
	Privileged      bool
	StopGracePeriod string `json:"stop_grace_period"`
	MemLimit        string `json:"mem_limit"`
}

// read returns compose.yaml as the tool reads it, without any variables set.
var read = sync.OnceValues(func() (map[string]service, error) { return readWith() })

func readWith(environment ...string) (map[string]service, error) {
	cmd := exec.Command("go", "run", ".", "../../compose.yaml") // no deadline: compiling may take long
	cmd.Dir = "../../../tools/compose"
	cmd.Env = append(os.Environ(), "GOWORK=off", "POSTGRES_PASSWORD=", "JWT_SECRET_KEY=", "VERSION=")
	cmd.Env, cmd.Stderr = append(cmd.Env, environment...), os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	var project struct{ Services map[string]service }
	err = json.Unmarshal(text, &project)
	return project.Services, err
}

func services(t *testing.T) map[string]service {
	t.Helper()
	found, err := read()
	require.NoError(t, err)
	require.Len(t, found, 5)
	return found
}

func TestCompose_StartsInOrder(t *testing.T) {
	t.Parallel()
	s := services(t)
	assert.Equal(t, "service_completed_successfully", s["postgres"].DependsOn["secrets"].Condition)
	assert.Equal(t, "service_healthy", s["migrate"].DependsOn["postgres"].Condition)
	assert.Equal(t, "service_completed_successfully", s["auth-service"].DependsOn["migrate"].Condition)
	assert.Equal(t, "service_healthy", s["auth-service"].DependsOn["mailpit"].Condition)
	for _, name := range []string{"postgres", "mailpit", "auth-service"} {
		require.NotNil(t, s[name].Healthcheck, name)
		assert.NotEmpty(t, s[name].Healthcheck.Test, name)
	}
	assert.Equal(t, []string{"CMD", "/auth-service", "healthcheck"}, s["auth-service"].Healthcheck.Test)
	assert.Equal(t, []string{"migrate", "up"}, s["migrate"].Command)
	assert.Nil(t, s["auth-service"].Command, "the service must run the image's own command")
	assert.Equal(t, s["migrate"].Image, s["auth-service"].Image)
	assert.Equal(t, s["migrate"].Environment, s["auth-service"].Environment)
}

// The database has a version that the tests run on: Debian's, or one that
// test/kit/postgrestest fetches.
func TestCompose_DatabaseHasATestedVersion(t *testing.T) {
	t.Parallel()
	version := regexp.MustCompile(`^docker\.io/library/postgres:(\d+)-alpine$`).FindStringSubmatch(services(t)["postgres"].Image)
	require.NotNil(t, version)
	tested := []string{"15"}
	others, err := os.ReadDir("../../kit/postgrestest/versions")
	require.NoError(t, err)
	for _, other := range others {
		tested = append(tested, other.Name())
	}
	assert.Contains(t, tested, version[1])

	// The images of 18 and later refuse a volume in the folder of older ones.
	folder := "/var/lib/postgresql"
	if major, err := strconv.Atoi(version[1]); assert.NoError(t, err) && major < 18 {
		folder += "/data"
	}
	volumes := services(t)["postgres"].Volumes
	require.Len(t, volumes, 2)
	assert.Equal(t, "volume", volumes[1].Type)
	assert.Equal(t, folder, volumes[1].Target)
}

func TestCompose_GrantsFewRights(t *testing.T) {
	t.Parallel()
	for name, s := range services(t) {
		assert.True(t, s.ReadOnly, name)
		assert.False(t, s.Privileged, name)
		assert.Contains(t, s.SecurityOpt, "no-new-privileges:true", name)
		for _, port := range s.Ports {
			assert.Equal(t, "127.0.0.1", port.HostIP, "%s publishes %d", name, port.Target)
		}
		if name != "postgres" { // it changes from root to its own user
			assert.Equal(t, []string{"ALL"}, s.CapDrop, name)
		}
	}
	s := services(t)["auth-service"]
	assert.Equal(t, strconv.Itoa(128<<20), s.MemLimit, "the limit of the image's tests")
	require.Len(t, s.Ports, 1)
	assert.Equal(t, 8000, s.Ports[0].Target)
	require.NotNil(t, s.Build)
	_, err := os.Stat(s.Build.Context + "/" + s.Build.Dockerfile)
	require.NoError(t, err)
	grace, err := time.ParseDuration(s.StopGracePeriod)
	require.NoError(t, err)
	assert.GreaterOrEqual(t, grace, 25*time.Second, "requests and mails in progress have 20 s, and there must be a margin")
}

func TestCompose_EnvironmentPassesTheCheck(t *testing.T) {
	t.Parallel()
	secrets := t.TempDir()
	makeSecrets(t, secrets, nil)
	for _, name := range []string{"migrate", "auth-service"} {
		env := environment(services(t)[name], secrets)
		outcome := program.Run(t, t.TempDir(), env, "", "config", "check")
		assert.Equal(t, 0, outcome.Code, outcome.Stderr)
		assert.NotContains(t, outcome.Stderr, "not known")
		assert.NotContains(t, outcome.Stdout, "note:", "everything is offered")
		for _, variable := range []string{"JWT_SECRET_KEY_FILE", "PUBLIC_URL", "SMTP_HOST", "SMTP_FROM"} {
			outcome = program.Run(t, t.TempDir(), env.With(variable, ""), "", "config", "check")
			assert.Equal(t, 2, outcome.Code, "%s is needed", variable)
			assert.Contains(t, outcome.Stderr, strings.TrimSuffix(variable, "_FILE"))
		}
	}
}

// The service runs in the environment of compose.yaml and mails a registration. Only the
// addresses of the database and the mail server are changed.
func TestCompose_EnvironmentServes(t *testing.T) {
	t.Parallel()
	s := services(t)["auth-service"]
	secrets := t.TempDir()
	makeSecrets(t, secrets, nil)
	database, err := url.Parse(content(t, secrets, "database-url"))
	require.NoError(t, err)
	assert.Equal(t, "postgres:5432", database.Host)
	assert.Equal(t, "mailpit:1025", net.JoinHostPort(s.Environment["SMTP_HOST"], s.Environment["SMTP_PORT"]))
	mails := mailpit.Start(t)
	env := environment(s, secrets).With("DATABASE_URL_FILE", "", "DATABASE_URL", postgrestest.NewDatabase(t), "HTTP_ADDR", "127.0.0.1:0",
		"SMTP_HOST", mails.SMTPHost, "SMTP_PORT", strconv.Itoa(mails.SMTPPort))
	folder := t.TempDir()
	program.MustRun(t, folder, env, "", "migrate", "up")
	p := program.Start(t, folder, env)
	p.AwaitReady(t)
	api.New(t, p.URL).Post("/email/register", "", api.Object{"email": "you@example.com", "password": "a long pass phrase"}).Is(http.StatusAccepted)
	mails.Await(t, "you@example.com", 1)
	p.Stop(t)
}
