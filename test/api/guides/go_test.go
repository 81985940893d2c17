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

// loginTest signs in by the function of the guide, also with a password that must change.
const loginTest = `package main

import (
	"errors"
	"testing"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/authtest"
)

func TestLogin_ReplacesAPasswordThatMustChange(t *testing.T) {
	auth := authtest.New(t)
	alice := auth.User(t, "alice@example.com")
	const another = "a pass phrase of her own"
	asked := 0
	choose := func() string { asked++; return another }
	in := func(password string) {
		tokens, err := login(t.Context(), auth.URL, alice.Email, password, choose)
		if err != nil || tokens.AccessToken == "" {
			t.Fatal(err)
		}
	}
	in(authtest.Password)
	required := true
	change := ports.ChangeUserCommand{Principal: domain.Operator(), UserID: alice.ID, PasswordChangeRequired: &required}
	if _, err := auth.UseCases.ChangeUser.Execute(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	if asked != 0 {
		t.Fatal("asked for no reason")
	}
	in(authtest.Password)
	in(another)
	if asked != 1 {
		t.Fatal("asked", asked)
	}
	_, err := login(t.Context(), auth.URL, alice.Email, authtest.Password, choose)
	var refusal *Refusal
	if !errors.As(err, &refusal) || refusal.Code != "invalid_credentials" {
		t.Fatal(err)
	}
}
`

// The program and the test of docs/from-go.md compile and do what the document says.
func TestFromGo_TheCodeOfTheGuideRuns(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	newModule(t, folder)
	require.Equal(t, []string{"main.go", "main_test.go", "login.go"}, writeFiles(t, "docs/from-go.md", folder))
	require.NoError(t, os.WriteFile(filepath.Join(folder, "login_test.go"), []byte(loginTest), 0o600))
	goTool(t, folder, "vet", ".")
	goTool(t, folder, "test", ".")
	goTool(t, folder, "build", "-o", "shop", ".")

	auth := authtest.New(t)
	shop := startShop(t, auth.URL, filepath.Join(folder, "shop"))
	alice := auth.SignedInUser(t, "alice@example.com")
	assert.Equal(t, http.StatusUnauthorized, shop.orders(t, http.MethodGet, "").status)
	assert.Equal(t, http.StatusOK, shop.orders(t, http.MethodGet, alice.AccessToken).status)
}
