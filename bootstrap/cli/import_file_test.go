package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const oneRefused = "email,role\na@example.com,user\nb@example.com,root\n"

func contentOf(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(content)
}

// The operator may have corrected rows in the report, so it stays unchanged until an import decides
// on a row.
func TestImportReport_StaysUnchangedIfTheImportDoesNotStart(t *testing.T) {
	t.Parallel()
	folder, env := transferEnv(t)
	rows := file(t, folder, "users.csv", oneRefused)
	wrong := map[string]string{"DATABASE_URL": env["DATABASE_URL"], "BCRYPT_COST": "99"}
	for name, row := range map[string]struct {
		env  map[string]string
		args []string
	}{
		"a wrong configuration": {wrong, []string{rows}},
		"no database":           {map[string]string{"DATABASE_URL": "sqlite://" + filepath.Join(folder, "none.db")}, []string{"--dry-run", rows}},
		"a missing file":        {env, []string{filepath.Join(folder, "missing.csv")}},
		"an unknown column":     {env, []string{file(t, folder, "columns.csv", "email,phone\na@example.com,1\n")}},
	} {
		report := file(t, t.TempDir(), "refused.jsonl", "corrected by hand")
		code, _, errs := run(t, row.env, "", append([]string{"import", "--report", report}, row.args...)...)
		assert.NotEqual(t, exitOK, code, name)
		assert.NotEqual(t, exitIncomplete, code, "%s: %s", name, errs)
		assert.Equal(t, "corrected by hand", contentOf(t, report), name)
		fresh := filepath.Join(t.TempDir(), "refused.jsonl")
		_, _, _ = run(t, row.env, "", append([]string{"import", "--report", fresh}, row.args...)...)
		assert.NoFileExists(t, fresh, "an empty report would mean that no row was refused: %s", name)
	}
}

func TestImportReport_KeepsRowsRefusedBeforeAnError(t *testing.T) {
	t.Parallel()
	folder, env := transferEnv(t)
	report := file(t, folder, "refused.jsonl", strings.Repeat("an older and longer report\n", 100))
	require.NoError(t, os.Chmod(report, 0o644)) //nolint:gosec // the import must restrict it
	code, _, errs := run(t, env, "", "import", "--report", report, file(t, folder, "users.csv", oneRefused), filepath.Join(folder, "missing.csv"))
	assert.Equal(t, exitFailed, code, errs)
	assert.Regexp(t, `^\{[^\n]*"email":"b@example.com","role":"root"\}\n$`, contentOf(t, report))
	info, err := os.Stat(report)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

// readerFunc reads by calling a function.
type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestImportReport_KeepsRowsRefusedBeforeAnInterrupt(t *testing.T) {
	t.Parallel()
	folder, env := transferEnv(t)
	report := file(t, folder, "refused.jsonl", "an older report")
	batch := "email\nnonsense\n"
	for i := range 499 {
		batch += fmt.Sprintf("u%d@example.com\n", i)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	in := io.MultiReader(strings.NewReader(batch), readerFunc(func([]byte) (int, error) { interrupt(); return 0, io.EOF }), strings.NewReader("last@example.com\n"))
	var out, errs bytes.Buffer
	root := (&commands{IO{In: in, Out: &out, Err: &errs, Environment: env}}).root()
	root.SetArgs([]string{"import", "--format", "csv", "--report", report, "-"})
	require.ErrorContains(t, root.ExecuteContext(ctx), "interrupted; run the same command again to continue")
	assert.Equal(t, "imported 499, already there 0, refused 1\n"+without(499), out.String())
	assert.Regexp(t, `^\{[^\n]*"email":"nonsense"\}\n$`, contentOf(t, report))
}

func TestImportReport_GoesThroughLinksAndPipes(t *testing.T) {
	t.Parallel()
	folder, env := transferEnv(t)
	rows := file(t, folder, "users.csv", oneRefused)
	target, link := file(t, folder, "target.jsonl", "an older report"), filepath.Join(folder, "link.jsonl")
	require.NoError(t, os.Symlink(target, link))
	code, _, errs := run(t, env, "", "import", "--report", link, rows)
	assert.Equal(t, exitIncomplete, code, errs)
	assert.Contains(t, contentOf(t, target), `"role":"root"`)
	info, err := os.Lstat(link)
	require.NoError(t, err)
	assert.Equal(t, os.ModeSymlink, info.Mode().Type(), "the link is still a link")

	pipe := filepath.Join(folder, "pipe")
	require.NoError(t, syscall.Mkfifo(pipe, 0o640))
	before, err := os.Stat(pipe)
	require.NoError(t, err)
	read := make(chan string, 1)
	go func() {
		content, _ := os.ReadFile(pipe) // the assertion finds a missing row
		read <- string(content)
	}()
	code, _, errs = run(t, env, "", "import", "--report", pipe, rows)
	assert.Equal(t, exitIncomplete, code, errs)
	assert.Contains(t, <-read, `"role":"root"`)
	after, err := os.Stat(pipe)
	require.NoError(t, err)
	assert.Equal(t, before.Mode(), after.Mode(), "a pipe keeps its mode")
}

// The report is always in JSON Lines, so only the flags about column names apply to it.
func TestImportReport_NamesTheFlagsToRepeat(t *testing.T) {
	t.Parallel()
	folder, env := transferEnv(t)
	report := filepath.Join(folder, "refused.jsonl")
	rows := file(t, folder, "users.csv", "email,x\nnonsense,1\n")
	realm := file(t, folder, "realm.json", `{"realm":"shop","users":[{"id":"cfb55bf6-fcbb-4a1e-bfec-30c6649b52f8","email":"nonsense","enabled":true}]}`)
	for says, args := range map[string][]string{
		"":                        {file(t, folder, "plain.csv", "email\nnonsense\n")},
		" with the same --ignore": {"--ignore", "x", rows},
		" with the same --map":    {"--map", "x=legacy_id", rows},
		" without --from":         {"--from", "keycloak", realm},
		" with the same --ignore without --format":           {"--ignore", "x", "--format", "csv", rows},
		" with the same --map and --ignore without --format": {"--map", "y=role", "--ignore", "x", "--format", "csv", rows},
	} {
		code, _, errs := run(t, env, "", append([]string{"import", "--report", report}, args...)...)
		assert.Equal(t, exitIncomplete, code, errs)
		assert.Contains(t, errs, "import that file"+says+"\n")
	}
	code, _, errs := run(t, env, "", "import", "--from", "keycloak", "--report", report, realm)
	require.Equal(t, exitIncomplete, code, errs)
	corrected := file(t, folder, "corrected.jsonl", strings.ReplaceAll(contentOf(t, report), "nonsense", "good@example.com"))
	code, _, errs = run(t, env, "", "import", corrected)
	assert.Equal(t, exitOK, code, errs)
}
