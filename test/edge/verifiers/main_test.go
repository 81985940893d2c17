package verifiers

import (
	"bufio"
	"crypto"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// suite is what all tests share; TestMain fills it.
var suite struct {
	scratch string // a folder
	forGo   string // the path of the built program of the folder go
	running bench  // the programs of all runtimes

	secret string
	keys   map[string]crypto.Signer // by their algorithms

	account   sync.Once
	published sync.Map // *published
	sets      *httptest.Server
}

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	folder, err := os.MkdirTemp("", "verifiers-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "making a folder:", err)
		return 1
	}
	defer func() { _ = os.RemoveAll(folder) }()
	suite.scratch, suite.forGo, suite.secret = folder, filepath.Join(folder, "verify"), newSecret()
	if out, err := exec.Command("go", "build", "-C", "go", "-o", suite.forGo, ".").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building the verifiers for Go: %v\n%s", err, out)
		return 1
	}
	suite.keys = map[string]crypto.Signer{}
	for _, algorithm := range algorithms() {
		if suite.keys[algorithm], err = newKey(algorithm); err != nil {
			fmt.Fprintln(os.Stderr, "making a key:", err)
			return 1
		}
	}
	if suite.running, err = startAll("go", "node", "python", "ruby", "perl"); err != nil {
		fmt.Fprintln(os.Stderr, "make verifiers says what is missing:", err)
		return 1
	}
	suite.sets = httptest.NewServer(sets(&suite.published))
	defer suite.sets.Close()
	return program.Main(m)
}

// question is what the program of a runtime is asked.
type question struct {
	Verifier string `json:"verifier"`
	// Keys is the address of the key set, or Secret is the shared secret.
	Keys       string   `json:"keys"`
	Secret     string   `json:"secret"`
	Issuer     string   `json:"issuer"`
	Audience   string   `json:"audience"`
	Algorithms []string `json:"algorithms"`
	// Typed adds the line of docs/keys.md.
	Typed bool   `json:"typed"`
	Token string `json:"token"`
}

// answer has one of its members.
type answer struct {
	Subject string `json:"subject"`
	Refused string `json:"refused"`
}

// runtime is a running program that verifies.
type runtime struct {
	mu        sync.Mutex
	questions *json.Encoder
	answers   *bufio.Scanner
}

// command returns the command of a runtime. Its folder is that of its sources.
func command(name string) *exec.Cmd {
	switch name {
	case "go":
		return exec.Command(suite.forGo)
	case "node":
		return exec.Command("node", "node/verify.mjs")
	case "python":
		return exec.Command("/usr/bin/python3", "python/verify.py")
	case "ruby":
		return exec.Command("ruby", "ruby/verify.rb")
	default:
		return exec.Command("perl", "perl/verify.pl")
	}
}

// startAll starts the programs of runtimes. They end when their input ends: with this
// process.
func startAll(names ...string) (bench, error) {
	all := bench{"haproxy": &haproxies{running: map[string]haproxy{}}}
	for _, name := range names {
		cmd := command(name)
		cmd.Stderr = os.Stderr
		in, err := cmd.StdinPipe()
		if err != nil {
			return nil, err
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			return nil, err
		}
		if err := cmd.Start(); err != nil {
			return nil, err
		}
		all[name] = &runtime{questions: json.NewEncoder(in), answers: bufio.NewScanner(out)}
	}
	return all, nil
}

func (r *runtime) ask(t *testing.T, q question) answer {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	require.NoError(t, r.questions.Encode(q)) //nolint:gosec // the secret is one of a test
	require.True(t, r.answers.Scan(), "the program ended: make verifiers says what is missing")
	var a answer
	require.NoError(t, json.Unmarshal(r.answers.Bytes(), &a))
	require.NotEqual(t, a.Subject == "", a.Refused == "", "%s", r.answers.Text())
	return a
}
