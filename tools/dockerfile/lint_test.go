package dockerfile

import (
	"os"
	"strings"
	"testing"
)

func TestLint_TheDockerfileIsFlawless(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	warnings, err := Lint(t.Context(), text)
	if err != nil {
		t.Fatal(err)
	}
	for _, warning := range warnings {
		t.Error(warning)
	}
	if strings.Contains(string(text), "check=") {
		t.Error("the Dockerfile must not switch rules off")
	}
}

// The linter finds each mistake made in the service's own Dockerfile.
func TestLint_MistakesAreFound(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	for name, mistake := range map[string]struct{ right, wrong, rule string }{
		"an unknown variable":   {"WORKDIR /src", "WORKDIR /src/${NOWHERE}", "UndefinedVar"},
		"a shell as entrypoint": {`ENTRYPOINT ["/auth-service"]`, "ENTRYPOINT /auth-service", "JSONArgsRecommended"},
		"a secret":              {"ARG VERSION=dev", "ARG JWT_SECRET_KEY=dev", "SecretsUsedInArgOrEnv"},
		"two entrypoints":       {"EXPOSE 8000", `ENTRYPOINT ["/x"]`, "MultipleInstructionsDisallowed"},
		"a relative folder":     {"WORKDIR /src", "WORKDIR src", "WorkdirRelativePath"},
		"mixed cases":           {" AS build", " as build", "FromAsCasing"},
		"an old form":           {"ENV HTTP_ADDR=:8000", "ENV HTTP_ADDR :8000", "LegacyKeyValueFormat"},
	} {
		changed := strings.Replace(string(text), mistake.right, mistake.wrong, 1)
		if changed == string(text) {
			t.Errorf("%s: the Dockerfile does not contain %q", name, mistake.right)
		}
		warnings, err := Lint(t.Context(), []byte(changed))
		if found := strings.Join(warnings, "\n"); err != nil || !strings.Contains(found, mistake.rule) {
			t.Errorf("%s: want %s, got %q, %v", name, mistake.rule, found, err)
		}
	}
}

func TestLint_WhatCannotBuildIsAnError(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"FROM scratch\nCOPYY a b\n", "FROM scratch\nCOPY --from=nowhere\n", ""} {
		if warnings, err := Lint(t.Context(), []byte(text)); err == nil {
			t.Errorf("%q: got %v", text, warnings)
		}
	}
}
