package domain_test

import (
	"bytes"
	"encoding/base64"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

// canary is the secret that must not be visible in any output.
const canary = "canary-7fQ2xK"

// holders returns values that contain v in different ways.
func holders[T any](v T) map[string]any {
	p := &v
	type exported struct{ V T }
	type unexported struct{ v T }
	type deep struct{ inner struct{ list []unexported } }
	d := deep{}
	d.inner.list = []unexported{{v}}
	return map[string]any{
		"value":                  v,
		"pointer":                p,
		"pointer to pointer":     &p,
		"exported field":         exported{v},
		"unexported field":       unexported{v},
		"pointer to unexported":  &unexported{v},
		"unexported pointer":     struct{ v *T }{p},
		"unexported interface":   struct{ v any }{v},
		"unexported, three deep": d,
		"slice":                  []T{v},
		"array":                  [1]T{v},
		"map value":              map[string]T{"k": v},
		"slice of unexported":    []unexported{{v}},
		"map of unexported":      map[string]unexported{"k": {v}},
		"interface":              any(v),
		"field of an error":      errors.Join(fmt.Errorf("refused: %v", v), errors.New("second")),
		"error that wraps it":    fmt.Errorf("refused: %w", fmt.Errorf("%+v", unexported{v})),
	}
}

// requireHidden fails if out holds the canary in any readable form.
func requireHidden(t *testing.T, out string) {
	t.Helper()
	for _, form := range []string{
		canary,
		hex.EncodeToString([]byte(canary)),
		strings.ToUpper(hex.EncodeToString([]byte(canary))),
		base64.StdEncoding.EncodeToString([]byte(canary)),
		base64.RawURLEncoding.EncodeToString([]byte(canary)),
		strings.Trim(fmt.Sprint([]byte(canary)), "[]"),
	} {
		require.NotContains(t, out, form)
	}
}

func testHidden[T any](t *testing.T, v T) {
	t.Helper()
	for name, holder := range holders(v) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, verb := range "vsqxXdbcoOeEfFgGtUpTw" {
				for _, flag := range []string{"", "+", "#", "-20", "020", ".3", " ", "+#"} {
					requireHidden(t, fmt.Sprintf("%"+flag+string(verb), holder))
				}
			}
			requireHidden(t, fmt.Sprint(holder)+fmt.Sprintln(holder))
			requireHidden(t, errors.Join(fmt.Errorf("%w", fmt.Errorf("%v", holder))).Error())
			requireLogsHide(t, holder)
			requireEncodingsHide(t, holder)
		})
	}
}

func requireLogsHide(t *testing.T, v any) {
	t.Helper()
	var out bytes.Buffer
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		log := slog.New(h)
		log.Info("message", "key", v, slog.Group("group", slog.Any("inner", v)))
		log.With("with", v).WithGroup("g").Info("message", "error", fmt.Errorf("%v", v))
	}
	requireHidden(t, out.String())
}

func requireEncodingsHide(t *testing.T, v any) {
	t.Helper()
	var out bytes.Buffer
	for _, encode := range []func(any) error{
		json.NewEncoder(&out).Encode,
		xml.NewEncoder(&out).Encode,
		gob.NewEncoder(&out).Encode,
	} {
		if err := encode(v); err != nil {
			requireHidden(t, err.Error())
		}
	}
	requireHidden(t, out.String())
}

// S-46: a value that holds a secret can be printed, logged and marshalled without revealing
// it.
func TestSecret_ShowsNowhere(t *testing.T) {
	t.Parallel()
	testHidden(t, domain.NewSecret(canary))
}

func TestPasswordHash_ShowsNowhere(t *testing.T) {
	t.Parallel()
	testHidden(t, domain.NewPasswordHash(canary))
}

func TestUser_PrintsWithoutItsHash(t *testing.T) {
	t.Parallel()
	user := domain.NewUser(aliceID, email(t, "alice@example.com"), domain.NewPasswordHash(canary), domain.RoleUser, start)
	testHidden(t, *user)
	session := newSession(user)
	principal, err := domain.SessionPrincipal(user, session, start)
	require.NoError(t, err)
	testHidden(t, principal)
	restored, err := domain.RestoreUser(user.Snapshot())
	require.NoError(t, err)
	testHidden(t, *restored)
}

func TestSecret_PrintsAPlaceholder(t *testing.T) {
	t.Parallel()
	s := domain.NewSecret(canary)
	assert.Equal(t, "[secret] [secret] [secret] [secret]", fmt.Sprintf("%v %s %#v %x", s, s, s, &s))
	assert.Equal(t, "[secret]", s.String())
	assert.Equal(t, "[secret]", s.GoString())
	assert.Equal(t, "[secret]", domain.NewPasswordHash(canary).String())
	assert.Equal(t, "[secret]", fmt.Sprintf("%#v", domain.NewPasswordHash(canary)))
}

func TestSecret_RefusesToMarshal(t *testing.T) {
	t.Parallel()
	s := domain.NewSecret(canary)
	_, err := json.Marshal(struct{ Password domain.Secret }{s})
	require.ErrorContains(t, err, "must not be marshalled")
	_, err = json.Marshal(map[domain.Secret]int{s: 1})
	require.ErrorContains(t, err, "must not be marshalled")
	_, err = xml.Marshal(s)
	require.ErrorContains(t, err, "must not be marshalled")
	require.ErrorContains(t, gob.NewEncoder(&bytes.Buffer{}).Encode(s), "must not be marshalled")
}

func TestSecret_ComparesByText(t *testing.T) {
	t.Parallel()
	a := domain.NewSecret("a")
	assert.True(t, a.Equal(domain.NewSecret("a")))
	assert.False(t, a.Equal(domain.NewSecret("b")))
	assert.False(t, a.Equal(domain.NewSecret("aa")))
	assert.False(t, a.Equal(domain.Secret{}))
	assert.True(t, domain.Secret{}.Equal(domain.NewSecret("")))
	assert.Equal(t, "a", a.Reveal())
	assert.Empty(t, domain.Secret{}.Reveal())
	assert.True(t, domain.Secret{}.IsEmpty() && domain.NewSecret("").IsEmpty())
	assert.False(t, a.IsEmpty())
}
