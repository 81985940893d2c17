package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const good = `
name: example
services:
  a:
    image: a:1
    environment: {A: "${COMPOSE_TEST_UNSET:-default}"}
    depends_on: {b: {condition: service_healthy}}
  b: {image: b:1, read_only: true}
`

func read(t *testing.T, text string) (string, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "compose.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err := show(t.Context(), &out, file)
	return out.String(), err
}

func TestShow_PrintsTheProject(t *testing.T) {
	t.Parallel()
	out, err := read(t, good)
	if err != nil || !strings.Contains(out, `"default"`) || !strings.Contains(out, `"service_healthy"`) {
		t.Errorf("got %s, %v", out, err)
	}
}

func TestShow_MistakesAreFound(t *testing.T) {
	t.Parallel()
	for right, wrong := range map[string]string{
		"read_only: true":                "readonly: true",
		"read_only: true}":               "read_only: sometimes}",
		"{b: {condition":                 "{c: {condition",
		"condition: service_healthy":     "condition: service_heathy",
		"services:":                      "service:",
		"${COMPOSE_TEST_UNSET:-default}": "${COMPOSE_TEST_UNSET:?missing}",
	} {
		if out, err := read(t, strings.Replace(good, right, wrong, 1)); err == nil {
			t.Errorf("%s: got %s", wrong, out)
		}
	}
}
