package chart

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// kubectlDouble keeps the keys of Secrets in files and writes what it is asked to the log. A rollout
// gives the replicas what the Secrets hold. Two pods terminate after each rollout, and are gone at
// the third question.
const kubectlDouble = `#!/bin/bash
echo "kubectl $*" >> "$STATE/log"
[[ $1 == -n && $2 == auth ]] || { echo "no namespace: $*" >&2; exit 1; }
shift 2
case "$1 $2" in
"get secret") base64 -w0 < "$STATE/$3/$(sed 's/.*data\.\(.*\)}.*/\1/' <<< "$5")" ;;
"patch secret")
	case "$4" in
	--type) rm "$STATE/$3/$(sed 's|.*/data/\([A-Z_]*\)".*|\1|' <<< "$7")"; exit ;;
	--patch-file) patch=$(cat "$5") ;;
	-p) patch=$5 ;;
	esac
	plain=cat; [[ $patch == '{"data"'* ]] && plain="base64 -d"
	grep -o '"[A-Z_]*":"[^"]*"' <<< "$patch" | while IFS='"' read -r _ name _ value _; do
		printf %s "$value" | $plain > "$STATE/$3/$name"
	done ;;
"get pods") left=$(cat "$STATE/left" 2>/dev/null || echo 0); if ((left > 0)); then echo $((left - 1)) > "$STATE/left"; printf 'auth-service-old '; fi ;;
"rollout status")
	echo 2 > "$STATE/left"
	rm -rf "$STATE/running"; mkdir "$STATE/running"
	for name in JWT_SECRET_KEY JWT_PREVIOUS_SECRET_KEYS JWT_ACCESS_KEY JWT_ACCESS_VERIFICATION_KEYS; do
		from=$(cat "$STATE/values/$name" 2>/dev/null || true)
		[[ -z $from ]] || cp "$STATE/$from/$name" "$STATE/running/"
	done ;;
"rollout restart") ;;
*) echo "unknown: $*" >&2; exit 1 ;;
esac`

const helmDouble = `#!/bin/bash
echo "helm $*" >> "$STATE/log"
[[ "$*" == *" -n auth "* ]] || { echo "no namespace: $*" >&2; exit 1; }
[[ "$*" =~ secrets\.([A-Z_]+)\.existingSecret=([a-z-]*) ]] || { echo "no value: $*" >&2; exit 1; }
printf %s "${BASH_REMATCH[2]}" > "$STATE/values/${BASH_REMATCH[1]}"`

// blocks returns the commands of README's blocks that a test runs, by their names.
func blocks(t testing.TB) map[string]string {
	t.Helper()
	text, err := os.ReadFile(readmeFile)
	require.NoError(t, err)
	found := map[string]string{}
	for _, block := range regexp.MustCompile("(?s)<!-- run: (\\w+) -->\n```sh\n(.*?)```").FindAllStringSubmatch(string(text), -1) {
		found[block[1]] = block[2]
	}
	require.Len(t, found, 7)
	return found
}

// rotation walks blocks of README with the doubles.
type rotation struct {
	folder string
	// log has the calls of each step.
	log []string
}

// walk begins with these keys of a Secret, runs the steps, and keeps after each of them in a folder of
// its name what the replicas read.
func walk(t *testing.T, secret string, keys map[string]string, steps ...string) rotation {
	t.Helper()
	folder, all := t.TempDir(), blocks(t)
	for _, name := range []string{secret, "values", "bin"} {
		require.NoError(t, os.Mkdir(filepath.Join(folder, name), 0o755))
	}
	doubles := map[string]string{"kubectl": kubectlDouble, "helm": helmDouble, "sleep": "#!/bin/bash\necho \"sleep $*\" >> \"$STATE/log\""}
	for name, text := range doubles {
		require.NoError(t, os.WriteFile(filepath.Join(folder, "bin", name), []byte(text), 0o755))
	}
	for name, value := range keys {
		require.NoError(t, os.WriteFile(filepath.Join(folder, secret, name), []byte(value), 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(folder, "values", name), []byte(secret), 0o600))
	}
	script := "set -euo pipefail\n" + all["functions"]
	for _, step := range steps {
		script += all[step] + "cp -r \"$STATE/running\" \"$STATE/" + step + "\"\necho \"end of " + step + "\" >> \"$STATE/log\"\n"
	}
	run := exec.CommandContext(t.Context(), "bash", "-c", script)
	run.Dir = folder
	run.Env = append(os.Environ(), "STATE="+folder, "PATH="+folder+"/bin:"+filepath.Dir(program)+":"+os.Getenv("PATH"))
	out, err := run.CombinedOutput()
	require.NoError(t, err, string(out))
	found := rotation{folder: folder}
	found.log = strings.Split(found.read(t, "log"), "end of ")[:len(steps)]
	for i, step := range found.log {
		_, after, waits := strings.Cut(step, "rollout status deployment/auth-service")
		require.True(t, waits, "step %d waits for the rollout", i)
		assert.Equal(t, 3, strings.Count(after, "get pods"), "step %d asks until no pod terminates: %s", i, after)
		assert.Equal(t, 2, strings.Count(after, "sleep 1\n"), after)
	}
	return found
}

// read returns the contents of a file, empty if there is none.
func (r rotation) read(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(r.folder, name))
	if os.IsNotExist(err) {
		return ""
	}
	require.NoError(t, err)
	return string(text)
}

// The token secret changes in three steps. No step begins before the rollout of the one before
// is complete and its last old pod is gone.
func TestREADME_ChangesTheSecretStepByStep(t *testing.T) {
	t.Parallel()
	walked := walk(t, "auth-service-secrets", map[string]string{"JWT_SECRET_KEY": "the first secret"}, "accept", "sign", "forget")
	signing := func(step string) string { return walked.read(t, step+"/JWT_SECRET_KEY") }
	accepted := func(step string) string { return walked.read(t, step+"/JWT_PREVIOUS_SECRET_KEYS") }
	assert.Equal(t, "the first secret", signing("accept"))
	assert.Equal(t, signing("sign"), accepted("accept"), "a secret is accepted before it signs")
	assert.NotEqual(t, signing("accept"), signing("sign"))
	assert.Equal(t, signing("accept"), accepted("sign"))
	assert.Equal(t, signing("sign"), signing("forget"))
	assert.Empty(t, accepted("forget"))
	assert.Empty(t, walked.read(t, "auth-service-secrets/JWT_PREVIOUS_SECRET_KEYS"))
	assert.NotContains(t, strings.Join(walked.log, ""), signing("sign"), "a secret in the arguments of a command, which other users of the machine see")
}

// Replicas of two neighbouring steps accept each other's tokens, and no other key changes.
func TestREADME_ChangesTheAsymmetricKeyStepByStep(t *testing.T) {
	t.Parallel()
	former := credentials(t)
	before := map[string]string{
		"JWT_SECRET_KEY": former["JWT_SECRET_KEY"], "JWT_ACCESS_KEY": former["JWT_ACCESS_KEY"], "JWT_PREVIOUS_SECRET_KEYS": former["JWT_PREVIOUS_SECRET_KEYS"],
	}
	walked := walk(t, "auth-service-keys", before, "publish", "switch", "retire")
	for _, step := range []string{"publish", "switch", "retire"} {
		for _, name := range []string{"JWT_SECRET_KEY", "JWT_PREVIOUS_SECRET_KEYS"} {
			assert.Equal(t, before[name], walked.read(t, step+"/"+name), "%s after %s", name, step)
		}
	}
	signer := func(step string) ed25519.PublicKey { return publicKeys(t, walked.read(t, step+"/JWT_ACCESS_KEY"))[0] }
	others := func(step string) []ed25519.PublicKey {
		return publicKeys(t, walked.read(t, step+"/JWT_ACCESS_VERIFICATION_KEYS"))
	}
	first := publicKeys(t, before["JWT_ACCESS_KEY"])[0]
	assert.Equal(t, first, signer("publish"))
	assert.Equal(t, []ed25519.PublicKey{signer("switch")}, others("publish"), "a key is published before it signs")
	assert.Contains(t, walked.log[0], "sleep 300", "verifiers keep the former key set")
	assert.NotEqual(t, first, signer("switch"))
	assert.Equal(t, []ed25519.PublicKey{first}, others("switch"), "tokens of the former key are accepted")
	assert.Equal(t, signer("switch"), signer("retire"))
	assert.Empty(t, others("retire"))
	for _, name := range []string{"access.pem", "next.pem"} {
		assert.Empty(t, walked.read(t, name), "a private key stays on the operator's disk")
	}
	assert.NotContains(t, walked.read(t, "switch/JWT_ACCESS_VERIFICATION_KEYS"), "PRIVATE")
	assert.NotContains(t, strings.Join(walked.log, ""), `"data"`, "a key in the arguments of a command, which other users of the machine see")
}

// publicKeys returns the public halves of all keys of a PEM text.
func publicKeys(t testing.TB, text string) []ed25519.PublicKey {
	t.Helper()
	var found []ed25519.PublicKey
	for rest := bytes.TrimSpace([]byte(text)); len(rest) > 0; rest = bytes.TrimSpace(rest) {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		require.NotNil(t, block, "not PEM: %.20s", rest)
		if block.Type == "PRIVATE KEY" {
			key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			require.NoError(t, err)
			private, ok := key.(ed25519.PrivateKey)
			require.True(t, ok)
			public, ok := private.Public().(ed25519.PublicKey)
			require.True(t, ok)
			found = append(found, public)
			continue
		}
		key, err := x509.ParsePKIXPublicKey(block.Bytes)
		require.NoError(t, err)
		public, ok := key.(ed25519.PublicKey)
		require.True(t, ok)
		found = append(found, public)
	}
	return found
}
