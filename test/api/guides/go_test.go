package guides

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/authtest"
)

const module = "github.com/seed543b3b27/auth-service"

// goTool runs the go command in a folder.
func goTool(t *testing.T, folder string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-buildvcs=false -mod=mod")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "go %v: %s", args, out)
}

// newModule makes a module that uses this repository, with the versions that it uses.
func newModule(t *testing.T, folder string) {
	t.Helper()
	repository, err := filepath.Abs(root)
	require.NoError(t, err)
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(repository, name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), text, 0o600))
	}
	goTool(t, folder, "mod", "edit", "-module=example.com/shop", "-require="+module+"@v0.0.0", "-replace="+module+"="+repository)
}

// The program and the test of docs/from-go.md compile and do what the document says.
func TestFromGo_TheCodeOfTheGuideRuns(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	newModule(t, folder)
	require.Equal(t, []string{"main.go", "main_test.go"}, writeFiles(t, "docs/from-go.md", folder))
	goTool(t, folder, "vet", ".")
	goTool(t, folder, "test", ".")
	goTool(t, folder, "build", "-o", "shop", ".")

	auth := authtest.New(t)
	shop := startShop(t, auth.URL, filepath.Join(folder, "shop"))
	alice := auth.SignedInUser(t, "alice@example.com")
	assert.Equal(t, http.StatusUnauthorized, shop.orders(t, http.MethodGet, "").status)
	assert.Equal(t, http.StatusOK, shop.orders(t, http.MethodGet, alice.AccessToken).status)
}
