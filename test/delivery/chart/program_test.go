package chart

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// credentials returns the contents of an operator's Secrets.
func credentials(t testing.TB) map[string]string {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	access := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	return map[string]string{
		"DATABASE_URL":                 "postgres://auth:secret@postgresql/auth?sslmode=verify-full",
		"DATABASE_MIGRATION_URL":       "postgres://owner:secret@postgresql/auth?sslmode=verify-full",
		"DATA_ENCRYPTION_KEYS":         dataKey() + "\n" + dataKey(),
		"JWT_SECRET_KEY":               rand.Text() + rand.Text(),
		"JWT_PREVIOUS_SECRET_KEYS":     rand.Text() + rand.Text() + "," + rand.Text() + rand.Text(),
		"JWT_ACCESS_KEY":               access,
		"JWT_ACCESS_VERIFICATION_KEYS": access,
		"SMTP_PASSWORD":                "secret",
		"MAILBOX_KEY":                  rand.Text(), // warned about, because mails are sent
		"REDIS_URL":                    "redis://:secret@redis:6379/0",
	}
}

// dataKey returns a key for DATA_ENCRYPTION_KEYS.
func dataKey() string {
	var key [32]byte
	_, _ = rand.Read(key[:]) // it never fails
	return base64.StdEncoding.EncodeToString(key[:])
}

// environment returns the environment of a container's process as the kubelet
// makes it, with the files of its projected volumes in a folder.
func environment(t testing.TB, pod corev1.PodSpec, container corev1.Container) []string {
	t.Helper()
	folder := t.TempDir()
	secrets := credentials(t)
	mounts := map[string]string{}
	for _, mount := range container.VolumeMounts {
		for _, volume := range pod.Volumes {
			if volume.Name != mount.Name || volume.Projected == nil {
				continue
			}
			for _, source := range volume.Projected.Sources {
				for _, item := range source.Secret.Items {
					file := filepath.Join(folder, item.Path)
					require.NoError(t, os.WriteFile(file, []byte(secrets[item.Path]), 0o600))
					mounts[mount.MountPath+"/"+item.Path] = file
				}
			}
		}
	}
	var env []string
	for _, variable := range container.Env {
		require.Nil(t, variable.ValueFrom, variable.Name)
		value := variable.Value
		if strings.HasSuffix(variable.Name, "_FILE") && strings.HasPrefix(value, "/run/secrets/") {
			require.Contains(t, mounts, value, "%s names a file that is not mounted", variable.Name)
			value = mounts[value]
			delete(mounts, variable.Value)
		}
		if variable.Name == "PGSSLROOTCERT" { // a volume of the example, which only a cluster has
			value = "/etc/ssl/certs/ca-certificates.crt"
		}
		env = append(env, variable.Name+"="+value)
	}
	require.Empty(t, mounts, "files that no variable names")
	return env
}

// check runs `config check` and returns its output.
func check(t testing.TB, env []string) (string, error) {
	t.Helper()
	command := exec.Command(program, "config", "check")
	command.Env, command.Dir = env, t.TempDir()
	out, err := command.CombinedOutput()
	return string(out), err
}

// everything sets every secret, as a value or by name, and every variable.
func everything(t testing.TB, existing bool) map[string]any {
	t.Helper()
	config := map[string]any{
		"PUBLIC_URL": "https://auth.example.com", "SMTP_HOST": "smtp.example.com", "SMTP_USERNAME": "auth@example.com",
		"SMTP_TLS": "starttls", "PRODUCT_NAME": "Example", "EMAIL_VERIFY_URL": "https://app.example.com/verify", "EMAIL_CHANGE_URL": "https://app.example.com/change", "PASSWORD_RESET_URL": "https://app.example.com/reset", "PASSWORD_CHANGE_URL": "https://app.example.com/password",
		"TRUSTED_PROXIES": []any{"10.0.0.0/8", "fd00::/8"}, "CORS_ALLOWED_ORIGINS": "https://app.example.com,https://other.example.com",
		"SMTP_FROM": "Example <auth@example.com>", "SMTP_HELO": "auth.example.com", "HASH_WORKERS": 2, "HASH_QUEUE": 64, "SESSION_MAX_LIFETIME_DAYS": 90,
		"JWT_CLIENT_ID": "mobile", "ACCESS_TOKEN_CLAIMS": "email,tenant=app.tenant", "PPROF_ADDR": "127.0.0.1:6060", "LOG_FORMAT": "json", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector:4318/v1/traces",
		"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf",
	}
	secrets := map[string]any{}
	for _, v := range variables(t) {
		_, set := config[v.name]
		switch {
		case chartsOwn[v.name]:
		case v.secret && existing:
			secrets[v.name] = map[string]any{"existingSecret": "some-secret", "existingSecretKey": "some.key"}
		case v.secret:
			secrets[v.name] = map[string]any{"value": credentials(t)[v.name]}
		case !set && !strings.ContainsAny(v.fallback, " `<") && v.name != "SMTP_CA_FILE":
			config[v.name] = parsed(v.fallback)
		}
	}
	for name := range config {
		if !known(t, name) {
			delete(config, name)
		}
	}
	return map[string]any{"config": config, "secrets": secrets}
}

func known(t testing.TB, name string) bool {
	t.Helper()
	for _, v := range variables(t) {
		if v.name == name {
			return true
		}
	}
	return false
}

// parsed returns a default as YAML reads it.
func parsed(text string) any {
	var number int
	if _, err := fmt.Sscanf(text, "%d", &number); err == nil && fmt.Sprint(number) == text {
		return number
	}
	if text == "true" || text == "false" {
		return text == "true"
	}
	return text
}

func TestConfiguration_PassesTheProgramsOwnCheck(t *testing.T) {
	t.Parallel()
	all := examples(t)
	all["everything as values"] = everything(t, false)
	all["everything in existing Secrets"] = everything(t, true)
	for name, values := range all {
		for _, kubernetes := range []string{oldest, newest} {
			t.Run(name+" on "+kubernetes, func(t *testing.T) {
				t.Parallel()
				pod := podOf(t, decode(t, mustRender(t, values, kubernetes)))
				for _, container := range pod.Containers {
					out, err := check(t, environment(t, pod, container))
					require.NoError(t, err, out)
					assert.Regexp(t, `^(warning: MAILBOX_KEY: has no effect: .+\n)?(warning: EMAIL_VERIFY_UNPROVEN: is keep: .+\n)?the configuration is good; users are stored in \S+\n(note: DATA_ENCRYPTION_KEYS: is not set, .+\n)?$`, out, "the program must know every variable")
				}
				for _, container := range pod.InitContainers {
					// The init container gets only the settings of the database.
					out, err := check(t, environment(t, pod, container))
					assert.NotContains(t, out, "DATABASE_", "%v", err)
				}
			})
		}
	}
}

// TestConfiguration_MistakeIsFound is the negative control.
func TestConfiguration_MistakeIsFound(t *testing.T) {
	t.Parallel()
	values := examples(t)["redis"]
	values["config"] = map[string]any{"PUBLIC_URL": "https://auth.example.com", "SMTP_HOST": "smtp.example.com", "SMTP_TLS": "sometimes"}
	pod := podOf(t, decode(t, mustRender(t, values, newest)))
	out, err := check(t, append(environment(t, pod, pod.Containers[0]), "JWT_SECRT_KEY=x"))
	require.Error(t, err, out)
	assert.Contains(t, out, "SMTP_TLS")
}

// TestEnvironment_EqualsTheTableOfVariables demands that the service knows every variable
// of the chart, and that the chart can set every variable of the service.
func TestEnvironment_EqualsTheTableOfVariables(t *testing.T) {
	t.Parallel()
	pod := podOf(t, decode(t, mustRender(t, everything(t, true), newest)))
	set := map[string]bool{}
	for _, variable := range append(pod.Containers[0].Env, pod.InitContainers[0].Env...) {
		name := strings.TrimSuffix(variable.Name, "_FILE")
		if variable.Name == "SMTP_CA_FILE" {
			name = variable.Name
		}
		assert.True(t, known(t, name), "%s is not a variable of the service", variable.Name)
		set[name] = true
	}
	for _, v := range variables(t) {
		optional := v.name == "PORT" || v.name == "SMTP_CA_FILE"
		assert.True(t, set[v.name] || optional, "%s cannot be set", v.name)
	}
}

func podOf(t testing.TB, objects []runtime.Object) corev1.PodSpec {
	t.Helper()
	return podTemplate(t, objects).Spec
}

// podTemplate returns the template of the Deployment, or of SQLite's StatefulSet.
func podTemplate(t testing.TB, objects []runtime.Object) corev1.PodTemplateSpec {
	t.Helper()
	for _, object := range objects {
		if set, ok := object.(*appsv1.StatefulSet); ok {
			return set.Spec.Template
		}
	}
	return only[*appsv1.Deployment](t, objects).Spec.Template
}
