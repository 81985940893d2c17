package config

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A text that is not the address of a server may be a password.
func TestHarmlessURL_ShowsNothingThatMayBeAPassword(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"":                           "",
		"canary":                     "",
		"redis://:12#canary@r:6379":  "",
		"redis://:1/canary@r:6379":   "",
		"redis://:ca?nary@r:6379":    "",
		"redis://u:can@ary@r:6379":   "",
		"postgres://u:1/canary@db/x": "",
		"postgres:canary":            "",
		"mysql://u:canary@db/x":      "mysql://…@db/x",
		"redis://u:canary@r:6379/1":  "redis://…@r:6379/1",
		"redis://r:6379":             "redis://r:6379",
		"unix:///run/redis.sock":     "",
		"sqlite:my@home/auth.db":     "sqlite:my@home/auth.db",
		"postgres://u:canary@a,b/x":  "postgres://u@a:5432,b:5432/x",
		"postgres://u:can@ary@db/x":  "",
		"postgres://u:ca@/nary@db/x": "",
	} {
		got := HarmlessURL(raw)
		assert.NotContains(t, got, "canary", raw)
		assert.Equal(t, want, got, raw)
	}
}

func TestHarmlessCollector_ShowsNothingThatMayBeAKey(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"":                                   "",
		"http://collector:4318":              "http://collector:4318",
		"http://collector:4318/":             "http://collector:4318/",
		"http://collector:4318/v1/traces":    "http://collector:4318/v1/traces",
		"https://c.example.com/canary/v1":    "https://c.example.com/…",
		"https://c.example.com?key=canary":   "https://c.example.com/…",
		"https://c.example.com/#canary":      "https://c.example.com/…",
		"https://u:canary@c.example.com":     "…",
		"https://u:1/canary@c.example.com":   "…",
		"canary":                             "…",
		"https://c.example.com:canary/":      "…",
		"HTTPS://c.example.com/api/canary/x": "https://c.example.com/…",
	} {
		got := harmlessCollector(raw)
		assert.NotContains(t, got, "canary", raw)
		assert.Equal(t, want, got, raw)
	}
}
