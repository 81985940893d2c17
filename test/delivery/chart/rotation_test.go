package chart

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// kubectlDouble keeps a Secret in files and writes what it is asked to the log. Two pods
// terminate after each rollout, and are gone at the third question.
const kubectlDouble = `#!/bin/bash
echo "kubectl $*" >> "$STATE/log"
[[ $1 == -n && $2 == auth ]] || { echo "no namespace: $*" >&2; exit 1; }
shift 2
case "$1 $2" in
"get secret") base64 -w0 < "$STATE/$(sed 's/.*data\.\(.*\)}.*/\1/' <<< "$5")" ;;
"patch secret")
	case "$*" in
	*remove*) rm "$STATE/JWT_PREVIOUS_SECRET_KEYS" ;;
	*) name=$(sed 's/.*stringData":{"\([A-Z_]*\)".*/\1/' <<< "$*"); sed 's/.*":"\([^"]*\)".*/\1/' <<< "$*" | tr -d '\n' > "$STATE/$name" ;;
	esac ;;
"get pods") left=$(cat "$STATE/left" 2>/dev/null || echo 0); if ((left > 0)); then echo $((left - 1)) > "$STATE/left"; printf 'auth-service-old '; fi ;;
"rollout status") echo 2 > "$STATE/left" ;;
"rollout restart") ;;
*) echo "unknown: $*" >&2; exit 1 ;;
esac`

const helmDouble = `#!/bin/bash
echo "helm $*" >> "$STATE/log"
[[ "$*" == *" -n auth "* ]] || { echo "no namespace: $*" >&2; exit 1; }`

// blocks returns the commands of README's blocks that a test runs, by their names.
func blocks(t testing.TB) map[string]string {
	t.Helper()
	text, err := os.ReadFile(readmeFile)
	require.NoError(t, err)
	found := map[string]string{}
	for _, block := range regexp.MustCompile("(?s)<!-- run: (\\w+) -->\n```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		found[block[1]] = block[2]
	}
	return found
}

// The token secret changes in three steps. No step begins before the rollout of the one before
// is complete and its last old pod is gone.
func TestREADME_ChangesTheSecretStepByStep(t *testing.T) {
	t.Parallel()
	folder, all := t.TempDir(), blocks(t)
	require.Len(t, all, 4)
	for name, text := range map[string]string{"kubectl": kubectlDouble, "helm": helmDouble, "sleep": "#!/bin/bash\necho \"sleep $*\" >> \"$STATE/log\""} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o755))
	}
	require.NoError(t, os.WriteFile(filepath.Join(folder, "JWT_SECRET_KEY"), []byte("the first secret"), 0o600))
	state := func(name string) string {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if os.IsNotExist(err) {
			return ""
		}
		require.NoError(t, err)
		return string(text)
	}
	script := "set -euo pipefail\n" + all["functions"]
	var signing []string
	for _, step := range []string{"accept", "sign", "forget"} {
		script += all[step] + "cp \"$STATE/JWT_SECRET_KEY\" \"$STATE/signing-" + step + "\"\necho \"end of " + step + "\" >> \"$STATE/log\"\n"
	}
	run := exec.CommandContext(t.Context(), "bash", "-c", script)
	run.Env = append(os.Environ(), "STATE="+folder, "PATH="+folder+":"+os.Getenv("PATH"))
	out, err := run.CombinedOutput()
	require.NoError(t, err, string(out))
	for _, step := range []string{"accept", "sign", "forget"} {
		signing = append(signing, state("signing-"+step))
	}
	assert.Equal(t, "the first secret", signing[0])
	assert.NotEqual(t, signing[0], signing[1])
	assert.Equal(t, signing[1], signing[2])
	assert.Empty(t, state("JWT_PREVIOUS_SECRET_KEYS"))

	for i, step := range strings.Split(state("log"), "end of ")[:3] {
		_, after, found := strings.Cut(step, "rollout status deployment/auth-service")
		require.True(t, found, "step %d waits for the rollout", i)
		assert.Equal(t, 3, strings.Count(after, "get pods"), "step %d asks until no pod terminates: %s", i, after)
		assert.Equal(t, 2, strings.Count(after, "sleep"), after)
	}
}
