package bootstrap

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// transferEnv is a configuration with an empty database, and its folder.
func transferEnv(t *testing.T) (folder string, env map[string]string) {
	t.Helper()
	folder = t.TempDir()
	env = map[string]string{"DATABASE_URL": "sqlite://" + filepath.Join(folder, "auth.db"), "BCRYPT_COST": "10"}
	code, _, errs := run(t, env, "", "migrate", "up")
	require.Equal(t, exitOK, code, errs)
	return folder, env
}

func file(t *testing.T, folder, name, content string) string {
	t.Helper()
	path := filepath.Join(folder, name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func TestImport_RefusedRowsAreReportedCorrectedAndImported(t *testing.T) {
	t.Parallel()
	folder, env := transferEnv(t)
	csv := file(t, folder, "users.csv", "\ufeffemail,role,password_hash\r\na@example.com,user,\r\nsecret-address,user,\r\n"+
		"b@example.com,root,$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW\r\nA@example.com,user,\r\nc@example.com,user,{SSHA}unsupported\r\n")
	report := filepath.Join(folder, "refused.csv")

	code, out, errs := run(t, env, "", "import", "--dry-run", csv)
	assert.Equal(t, exitIncomplete, code)
	assert.Equal(t, "would import 1, already there 0, refused 4\n", out)
	assert.Contains(t, errs, "--report FILE")
	_, list, _ := run(t, env, "", "user", "list")
	assert.NotContains(t, list, "@", "a dry run changes nothing")

	code, out, errs = run(t, env, "", "import", "--report", report, csv)
	assert.Equal(t, exitIncomplete, code)
	assert.Equal(t, "imported 1, already there 0, refused 4\n", out)
	for _, says := range []string{
		csv + ":3: The e-mail address has no @.", csv + `:4: The role must be`, csv + ":5: Line 2 has the same e-mail address.", csv + ":6: The password hash is of no form",
		"error: 4 rows refused",
	} {
		assert.Contains(t, errs, says)
	}
	for _, value := range []string{"secret-address", "a@example.com", "EixZaYVK", "unsupported"} {
		assert.NotContains(t, errs, value, "the terminal shows no value of a row")
	}
	info, err := os.Stat(report)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	content, err := os.ReadFile(report)
	require.NoError(t, err)
	corrected := strings.NewReplacer("secret-address", "s@example.com", "root", "admin", "A@example.com", "d@example.com").Replace(string(content))
	code, out, errs = run(t, env, "", "import", "--drop-unsupported-hashes", file(t, folder, "corrected.csv", corrected))
	assert.Equal(t, exitOK, code, errs)
	assert.Equal(t, "imported 4, already there 0, refused 0\n1 of them without a password, which they reset by mail\n", out)

	code, out, _ = run(t, env, corrected, "import", "--drop-unsupported-hashes", "-")
	assert.Equal(t, exitOK, code)
	assert.Equal(t, "imported 0, already there 4, refused 0\n", out, "again, from standard input")
	_, out, _ = run(t, env, "", "export")
	assert.Equal(t, 6, strings.Count(out, "\n"))
	assert.NotContains(t, out, "$2b$")
	_, out, _ = run(t, env, "", "export", "--with-password-hashes", "--format", "jsonl")
	assert.Contains(t, out, `"password_hash":"$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW","role":"admin"`)
}

func TestImport_TellsAtMostTwentyRows(t *testing.T) {
	t.Parallel()
	_, env := transferEnv(t)
	code, _, errs := run(t, env, "email\n"+strings.Repeat("x\n", 25)+strings.Repeat("y", 10<<20)+"\nlast@example.com\n", "import", "-")
	assert.Equal(t, exitIncomplete, code)
	assert.Equal(t, 20, strings.Count(errs, "standard input:"))
	assert.Contains(t, errs, "and 6 rows more")
	_, list, _ := run(t, env, "", "user", "list")
	assert.Contains(t, list, "last@example.com", "a line of 10 MB stops nothing")
}

func TestImport_RefusesWhatItCannotDo(t *testing.T) {
	t.Parallel()
	folder, env := transferEnv(t)
	good := file(t, folder, "good.csv", "email,phone\na@example.com,1\n")
	for says, row := range map[string]struct {
		code int
		args []string
	}{
		"which file":                        {exitUsage, nil},
		"not of the form THEIRS=OURS":       {exitUsage, []string{"--map", "phone", good}},
		"would overwrite the file":          {exitUsage, []string{"--report", good, good}},
		"no such file":                      {exitFailed, []string{filepath.Join(folder, "missing.csv")}},
		"no reader for exports of \"okta\"": {exitFailed, []string{"--from", "okta", good}},
		"\"phone\" is no field here":        {exitFailed, []string{good}},
		"--report: no such file":            {exitFailed, []string{"--report", filepath.Join(folder, "no", "report.csv"), good}},
	} {
		code, _, errs := run(t, env, "", append([]string{"import"}, row.args...)...)
		assert.Equal(t, row.code, code, says)
		assert.Contains(t, errs, says)
	}
	content, err := os.ReadFile(good)
	require.NoError(t, err)
	assert.Contains(t, string(content), "a@example.com", "the file is as it was")
	code, out, errs := run(t, env, "", "import", "--ignore", "phone", good)
	assert.Equal(t, exitOK, code, errs)
	assert.Contains(t, out, "imported 1")

	missing := map[string]string{"DATABASE_URL": "sqlite://" + filepath.Join(folder, "none.db")}
	code, _, errs = run(t, missing, "", "import", "--dry-run", good)
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, errs, "there is no database at")
	assert.NoFileExists(t, filepath.Join(folder, "none.db"), "a dry run makes no database")
}

func TestExport_OverwritesNothing(t *testing.T) {
	t.Parallel()
	folder, env := transferEnv(t)
	path := file(t, folder, "there.csv", "precious")
	code, _, errs := run(t, env, "", "export", path)
	assert.Equal(t, exitFailed, code)
	assert.Contains(t, errs, "exists already")
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "precious", string(content))
	code, _, errs = run(t, env, "", "export", "--format", "xml")
	assert.Equal(t, exitUsage, code, errs)
	code, _, _ = run(t, env, "", "export", "a", "b")
	assert.Equal(t, exitUsage, code)
	fresh := filepath.Join(folder, "fresh.jsonl")
	code, out, errs := run(t, env, "", "export", fresh)
	assert.Equal(t, exitOK, code, errs)
	assert.Empty(t, out)
	assert.FileExists(t, fresh)
	left, err := filepath.Glob(filepath.Join(folder, ".export-*"))
	require.NoError(t, err)
	assert.Empty(t, left)
}
