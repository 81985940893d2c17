package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// without is the line of a summary about users without a password.
func without(n int) string {
	return fmt.Sprintf("%d of them without a password; they sign in after a password reset or an invitation\n", n)
}

// transferEnv returns a configuration with an empty database, and its folder.
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
		"b@example.com,root,$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW\r\nA@example.com,user,\r\nc@example.com,user,{SSHA}of-nobody\r\n")
	report := filepath.Join(folder, "refused.jsonl")

	code, out, errs := run(t, env, "", "import", "--dry-run", csv)
	assert.Equal(t, exitIncomplete, code)
	assert.Equal(t, "would import 1, already there 0, refused 4\n"+without(1), out)
	assert.Contains(t, errs, "--report FILE")
	assert.Contains(t, errs, "1 row refused for an unsupported hash; --drop-unsupported-hashes ")
	_, list, _ := run(t, env, "", "user", "list")
	assert.NotContains(t, list, "@", "a dry run changes nothing")

	code, out, errs = run(t, env, "", "import", "--report", report, csv)
	assert.Equal(t, exitIncomplete, code)
	assert.Equal(t, "imported 1, already there 0, refused 4\n"+without(1), out)
	for _, says := range []string{
		csv + ":3: The e-mail address has no @.", csv + `:4: The role must be`, csv + ":5: Line 2 has the same e-mail address.", csv + ":6: The password hash has an unknown form",
		"error: 4 rows refused",
	} {
		assert.Contains(t, errs, says)
	}
	for _, value := range []string{"secret-address", "a@example.com", "EixZaYVK", "of-nobody"} {
		assert.NotContains(t, errs, value, "the terminal shows no value of a row")
	}
	info, err := os.Stat(report)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	content, err := os.ReadFile(report)
	require.NoError(t, err)
	corrected := strings.NewReplacer("secret-address", "s@example.com", "root", "admin", "A@example.com", "d@example.com").Replace(string(content))
	code, out, errs = run(t, env, "", "import", "--drop-unsupported-hashes", file(t, folder, "corrected.jsonl", corrected))
	assert.Equal(t, exitOK, code, errs)
	assert.NotContains(t, errs, "--drop-unsupported-hashes")
	assert.Equal(t, "imported 4, already there 0, refused 0\n1 of them administrators\n"+without(3)+"1 of those because their hash is not supported\n", out)

	code, out, _ = run(t, env, corrected, "import", "--drop-unsupported-hashes", "-")
	assert.Equal(t, exitOK, code)
	assert.Equal(t, "imported 0, already there 4, refused 0\n", out, "again, from standard input")
	_, out, _ = run(t, env, "", "export")
	assert.Equal(t, 6, strings.Count(out, "\n"))
	assert.NotContains(t, out, "$2b$")
	_, out, _ = run(t, env, "", "export", "--with-password-hashes", "--format", "jsonl")
	assert.Contains(t, out, `"password_hash":"$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW","role":"admin"`)
}

// One report holds the refused rows of files with different columns and formats, and can be
// imported.
func TestImport_OneReportForAllFiles(t *testing.T) {
	t.Parallel()
	folder, env := transferEnv(t)
	one := file(t, folder, "one.csv", "email,role\none@example.com,admin\ntwo@example.com,root\n")
	two := file(t, folder, "two.csv", "status,name,mail\nactive,\"a, \"\"b\"\"\",three@example.com\ngone,c,four@example.com\nactive,d,ONE@example.com\n")
	three := file(t, folder, "three.jsonl", `{"email":"five@example.com","email_verified":"perhaps"}`+"\n"+`{"email":"seven@example.com"}`+"\n")
	report := filepath.Join(folder, "refused.jsonl")
	names := []string{"--map", "mail=email", "--ignore", "name"}

	code, out, errs := run(t, env, "", append([]string{"import", "--dry-run", one, two, three}, names...)...)
	assert.Equal(t, exitIncomplete, code, errs)
	assert.Equal(t, "would import 3, already there 0, refused 4\n1 of them administrators\n"+without(3), out)
	code, out, errs = run(t, env, "", append([]string{"import", "--report", report, one, two, three}, names...)...)
	assert.Equal(t, exitIncomplete, code, errs)
	assert.Equal(t, "imported 3, already there 0, refused 4\n1 of them administrators\n"+without(3), out)
	assert.Contains(t, errs, two+":4: Line 2 of "+one+" has the same e-mail address.")
	assert.Contains(t, errs, "import that file with the same --map and --ignore")
	content, err := os.ReadFile(report)
	require.NoError(t, err)
	lines := strings.Split(string(content), "\n")
	require.Len(t, lines, 5, string(content))
	for i, has := range []string{`"role":"root"`, `"status":"gone"`, `"mail":"ONE@example.com"`, `"email_verified":"perhaps"`} {
		assert.Contains(t, lines[i], has)
		assert.Contains(t, lines[i], `"_file":"`+[]string{one, two, two, three}[i]+`"`)
	}

	corrected := strings.NewReplacer("root", "user", "gone", "disabled", "ONE@", "six@", "perhaps", "true").Replace(string(content))
	code, out, errs = run(t, env, "", append([]string{"import", "--report", report, file(t, folder, "corrected.jsonl", corrected)}, names...)...)
	assert.Equal(t, exitOK, code, errs)
	assert.Equal(t, "imported 4, already there 0, refused 0\n"+without(4), out)
	content, err = os.ReadFile(report)
	require.NoError(t, err)
	assert.Empty(t, content, "nothing was refused")
}

func TestImport_AgainRestoresNoDeletedUser(t *testing.T) {
	t.Parallel()
	folder, env := transferEnv(t)
	csv := file(t, folder, "users.csv", "email,legacy_id,password_hash\na@example.com,1,\n"+
		"b@example.com,,$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW\n")
	code, _, errs := run(t, env, "", "import", csv)
	require.Equal(t, exitOK, code, errs)
	code, _, errs = run(t, env, "", "user", "delete", "b@example.com", "--yes")
	require.Equal(t, exitOK, code, errs)
	code, out, errs := run(t, env, "", "import", csv)
	assert.Equal(t, exitIncomplete, code)
	assert.Equal(t, "imported 0, already there 1, refused 1\n", out)
	assert.Regexp(t, regexp.QuoteMeta(csv)+`:3: The user was deleted here on \d{4}-\d\d-\d\d; remove the row\.\n`, errs)
	_, list, _ := run(t, env, "", "user", "list")
	assert.NotContains(t, list, "b@example.com")
}

func TestImport_PrintsAtMostTwentyRows(t *testing.T) {
	t.Parallel()
	_, env := transferEnv(t)
	code, _, errs := run(t, env, "email\n"+strings.Repeat("x\n", 25)+strings.Repeat("y", 10<<20)+"\nlast@example.com\n", "import", "-")
	assert.Equal(t, exitIncomplete, code)
	assert.Equal(t, 20, strings.Count(errs, "standard input:"))
	assert.Contains(t, errs, "and 6 rows more")
	_, list, _ := run(t, env, "", "user", "list")
	assert.Contains(t, list, "last@example.com", "a line of 10 MB stops nothing")
}

func TestImport_RefusesInvalidArguments(t *testing.T) {
	t.Parallel()
	folder, env := transferEnv(t)
	good := file(t, folder, "good.csv", "email,phone\na@example.com,1\n")
	for says, row := range map[string]struct {
		code int
		args []string
	}{
		"no file is given":               {exitUsage, nil},
		"not of the form THEIRS=OURS":    {exitUsage, []string{"--map", "phone", good}},
		"would overwrite the file":       {exitUsage, []string{"--report", good, good}},
		"no such file":                   {exitFailed, []string{filepath.Join(folder, "missing.csv")}},
		"unknown origin \"okta\"":        {exitUsage, []string{"--from", "okta", good}},
		"\"phone\" is not a known field": {exitUsage, []string{good}},
		"--report: no such file":         {exitFailed, []string{"--report", filepath.Join(folder, "no", "report.csv"), good}},
	} {
		code, out, errs := run(t, env, "", append([]string{"import"}, row.args...)...)
		assert.Equal(t, row.code, code, says)
		assert.Empty(t, out, "an import that decided on no row counts none: %s", says)
		assert.Contains(t, errs, says)
	}
	content, err := os.ReadFile(good)
	require.NoError(t, err)
	assert.Contains(t, string(content), "a@example.com", "the file is unchanged")
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
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, errs, "already exists")
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
