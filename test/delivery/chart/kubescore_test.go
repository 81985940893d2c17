package chart

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// exceptions are the tests of kube-score that the chart fails on purpose, with the
// reason.
var exceptions = map[string]string{
	"container-image-pull-policy":         "tags are released once, so IfNotPresent starts faster and needs no registry to restart",
	"deployment-has-host-podantiaffinity": "topology spread constraints do that, and still place a replica when there are fewer nodes",
}

// scored are the examples for production. quickstart and postgresql-small are left out,
// because they have only one replica.
var scored = []string{"production", "gateway-api", "pgbouncer", "redis", "monitoring"}

// kubeScore returns kube-score's complaints. It is built from its own module,
// which has an older Kubernetes.
func kubeScore(t testing.TB, manifest string, ignored ...string) (string, error) {
	t.Helper()
	arguments := []string{"tool", "kube-score", "score", "--output-format=ci", "--kubernetes-version=v1.31",
		"--ignore-container-cpu-limit"} // values.yaml gives the reason
	for _, test := range ignored {
		arguments = append(arguments, "--ignore-test="+test)
	}
	command := exec.Command("go", append(arguments, "-")...)
	command.Dir = "kubescore"
	command.Stdin = strings.NewReader(manifest)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	require.NotEmpty(t, stdout.String(), stderr.String())
	return stdout.String() + stderr.String(), err
}

func TestKubeScore_FindsNothing(t *testing.T) {
	t.Parallel()
	ignored := make([]string, 0, len(exceptions))
	for test := range exceptions {
		ignored = append(ignored, test)
	}
	for _, name := range scored {
		report, err := kubeScore(t, strings.Join(mustRender(t, examples(t)[name], newest).objects(), "\n---\n"), ignored...)
		require.NoError(t, err, "%s:\n%s", name, report)
		assert.NotContains(t, report, "[WARNING]", name)
		assert.Contains(t, report, "[OK]", name)
	}
}

// TestKubeScore_EveryExceptionIsNeeded fails when the reason for an exception is
// gone. Each exception is also a negative control.
func TestKubeScore_EveryExceptionIsNeeded(t *testing.T) {
	t.Parallel()
	manifest := strings.Join(mustRender(t, examples(t)["production"], newest).objects(), "\n---\n")
	report, err := kubeScore(t, manifest)
	require.Error(t, err, report)
	assert.Contains(t, report, "ImagePullPolicy is not set to Always")
	assert.Contains(t, report, "podAntiAffinity")
}
