package image

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// runc runs the image without podman, so that only runc grants rights to the container.
func TestRunc_ServesAndStops(t *testing.T) {
	t.Parallel()
	w, image := open(t), native(t)
	env, _ := production(t, image)
	addr, id := freeAddr(t), "auth-service"
	bundle := w.bundle(t, image, env.With("HTTP_ADDR", addr))
	state := filepath.Join(w.dir, "runc")
	runc := func(args ...string) *exec.Cmd {
		return exec.CommandContext(t.Context(), "runc", append([]string{"--root", state}, args...)...)
	}
	var out program.Output
	run := runc("run", "--bundle", bundle, id)
	run.Stdout, run.Stderr = &out, &out
	require.NoError(t, run.Start())
	ended := make(chan error, 1)
	go func() { ended <- run.Wait() }()
	t.Cleanup(func() {
		_, _ = outputOf(exec.Command("runc", "--root", state, "delete", "--force", id)) // without t.Context, because the test is over
		if t.Failed() {
			t.Logf("it wrote:\n%s", out.String())
		}
	})

	c := &container{t: t, w: w, url: "http://" + addr}
	program.Eventually(t, "it is ready", func() bool { return program.Status(t, c.url+"/readyz") == http.StatusOK })
	c.session()
	health, err := outputOf(runc("exec", id, "/auth-service", "healthcheck"))
	require.NoError(t, err, health)
	_, err = outputOf(runc("kill", id, "TERM"))
	require.NoError(t, err)
	assert.NoError(t, <-ended, "exit code 0 after SIGTERM")
}

// object is a JSON object.
type object = map[string]any

// bundle writes runc's input: the files of the image and the container's configuration.
// The configuration is runc's own example, made as strict as podman's flags.
func (w *workshop) bundle(t *testing.T, image *picture, env program.Env) string {
	t.Helper()
	folder := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "runc", "spec")
	cmd.Dir = folder
	_, err := outputOf(cmd)
	require.NoError(t, err)
	file := filepath.Join(folder, "config.json")
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var spec struct {
		Version  string `json:"ociVersion"`
		Process  object `json:"process"`
		Root     object `json:"root"`
		Hostname string `json:"hostname"`
		Mounts   []any  `json:"mounts"`
		Linux    object `json:"linux"`
	}
	require.NoError(t, json.Unmarshal(text, &spec))
	variables := append([]string{}, image.config.Config.Env...)
	for name, value := range env {
		variables = append(variables, name+"="+value)
	}
	// The files are copied, because runc makes the folders of its mounts in them, even
	// if the container's root is read-only.
	root, err := w.mount(image.name)
	require.NoError(t, err)
	spec.Root = object{"path": root, "readonly": true}
	spec.Process["terminal"] = false
	spec.Process["user"] = object{"uid": 65532, "gid": 65532}
	spec.Process["args"] = append(append([]string{}, image.config.Config.Entrypoint...), image.config.Config.Cmd...)
	spec.Process["env"] = variables
	spec.Process["capabilities"] = object{}
	spec.Process["noNewPrivileges"] = true
	spec.Linux["namespaces"] = []object{{"type": "pid"}, {"type": "ipc"}, {"type": "uts"}, {"type": "mount"}}
	spec.Linux["cgroupsPath"] = "/auth-service-image-" + strconv.Itoa(os.Getpid())
	resources, ok := spec.Linux["resources"].(object)
	require.True(t, ok)
	resources["memory"] = object{"limit": memory, "swap": memory}
	text, err = json.Marshal(spec)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, text, 0o600))
	return folder
}
