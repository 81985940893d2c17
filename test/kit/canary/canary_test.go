package canary

import (
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// S-46: a secret is found in every form in which it can be written.
func TestFound_InEverySpelling(t *testing.T) {
	t.Parallel()
	const secret = `pass phrase ?%"ü`
	c := New()
	c.Add(secret, "another secret")
	for name, text := range map[string]string{
		"plain":            secret,
		"JSON":             `pass phrase ?%\"ü`,
		"query":            url.QueryEscape(secret),
		"path":             url.PathEscape(secret),
		"percent":          "%70%61%73%73%20%70%68%72%61%73%65%20%3F%25%22%C3%BC",
		"percent, lower":   "%70%61%73%73%20%70%68%72%61%73%65%20%3f%25%22%c3%bc",
		"hex":              hex.EncodeToString([]byte(secret)),
		"hex, upper":       strings.ToUpper(hex.EncodeToString([]byte(secret))),
		"base64":           base64.StdEncoding.EncodeToString([]byte(secret)),
		"base64 + 1 byte":  base64.StdEncoding.EncodeToString([]byte("a" + secret + "ü")),
		"base64 + 2 bytes": base64.URLEncoding.EncodeToString([]byte("ab" + secret + "b")),
		"base64 of URLs":   base64.RawURLEncoding.EncodeToString([]byte("user:" + secret + "@host")),
		"base64 in basic":  "Basic " + base64.StdEncoding.EncodeToString([]byte("user:"+secret)),
	} {
		assert.Len(t, c.Found("before "+text+" after"), 1, name)
		assert.Empty(t, c.Found(text[:len(text)/2]+text[len(text)/2+2:]), name)
	}
	assert.Len(t, c.Found(secret+"another secret"+secret), 2)
	assert.Empty(t, c.Found("pass phrase"))
	assert.Empty(t, c.Found(""))
}

// A signature is as valuable as its token.
func TestFound_SignatureOfAToken(t *testing.T) {
	t.Parallel()
	c := New()
	c.Add("eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl")
	assert.Len(t, c.Found(`"sig":"c2lnbmF0dXJl"`), 1)
	assert.Empty(t, c.Found("eyJhbGciOiJIUzI1NiJ9.e30"))
}

func TestAdd_RefusesShortSecrets(t *testing.T) {
	t.Parallel()
	assert.Panics(t, func() { New().Add("short") })
	c := New()
	c.Add("")
	assert.Zero(t, c.Len())
}

// The file still holds a deleted row. Dump also shows columns of bytes.
func TestDump_ShowsEveryRow(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "a.db")
	db, err := sql.Open("sqlite", file+"?_pragma=journal_mode(wal)")
	require.NoError(t, err)
	defer func() { _ = db.Close() }()
	gone := rand.Text()
	for _, statement := range []string{
		`CREATE TABLE some (a TEXT, b BLOB)`,
		`INSERT INTO some VALUES ('` + gone + `', NULL)`, `DELETE FROM some`,
		`INSERT INTO some VALUES ('kept for good', x'73656372657420627974657300ff')`,
	} {
		_, err := db.ExecContext(t.Context(), statement)
		require.NoError(t, err)
	}
	c := New()
	c.Add("kept for good", "secret bytes\x00\xff")
	assert.Len(t, c.Found(Dump(t, "sqlite", file)), 2)
	c = New()
	c.Add(gone)
	assert.Empty(t, c.Found(Dump(t, "sqlite", file)))
	assert.Len(t, c.Found(SQLiteFiles(t, file)), 1)
}

// A secret in the output of a process is found when the test ends.
func TestWatch_SearchesLogsWhenTheTestEnds(t *testing.T) {
	t.Parallel()
	for line, failed := range map[string]bool{"a line": false, "a line with c2VjcmV0IG9mIHRoZSBkYXRhYmFzZQ": true} {
		inner := &recorder{TB: t}
		p := &program.Process{}
		_, err := p.Stderr.Write([]byte(line))
		require.NoError(t, err)
		Watch(inner, p, program.Env{"DATABASE_URL": "postgres://auth:secret%20of%20the%20database@127.0.0.1/auth"})
		inner.end()
		assert.Equal(t, failed, inner.failed, line)
	}
}

// recorder is a test that may fail.
type recorder struct {
	testing.TB
	failed   bool
	cleanups []func()
}

func (r *recorder) Cleanup(f func())      { r.cleanups = append(r.cleanups, f) }
func (r *recorder) Errorf(string, ...any) { r.failed = true }
func (r *recorder) end() {
	for _, f := range r.cleanups {
		f()
	}
}
