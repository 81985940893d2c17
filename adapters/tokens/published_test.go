package tokens_test

import (
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/tokens"
	"github.com/seed543b3b27/auth-service/domain"
)

var (
	// setting matches a line that names a setting of keys.
	setting = regexp.MustCompile(`JWT_(SECRET_KEY|PREVIOUS_SECRET_KEYS)\b`)
	// word matches what may be a key by its length. It leaves out the signs around values in
	// YAML, shells, Go and Markdown.
	word = regexp.MustCompile("[^\\s\"'`,;(){}<>=]{32,}=?=?")
	// fallback matches the beginning of a default in Compose files and shells.
	fallback = regexp.MustCompile(`\$\{\w+:?[-=+]`)
	// name matches identifiers of rows and of tests, which are no keys.
	name = regexp.MustCompile(`^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(Test|Fuzz)[A-Z]\w+)$`)
)

// looksRandom reports whether text could be a random key: it is no path, address,
// identifier or sentence, which have other signs or no digits.
func looksRandom(text string) bool {
	return !name.MatchString(text) && !strings.ContainsFunc(text, func(r rune) bool {
		return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("+/-_=", r)
	}) && strings.ContainsFunc(text, unicode.IsDigit)
}

// publishedKeys returns what a reader could take for a key: each long word on a line that
// names a setting of keys, and each one that looks random elsewhere in such a file.
func publishedKeys(text string) []string {
	if !setting.MatchString(text) {
		return nil
	}
	var found []string
	for line := range strings.Lines(text) {
		onLine := setting.MatchString(line)
		line = fallback.ReplaceAllString(setting.ReplaceAllString(line, " "), " ")
		for _, candidate := range word.FindAllString(line, -1) {
			candidate = strings.TrimLeft(candidate, ":-")
			if len(candidate) >= tokens.MinKeySize && (onLine || looksRandom(candidate)) {
				found = append(found, candidate)
			}
		}
	}
	return found
}

// F-L3: a key that any file of this repository shows beside the name of its setting is
// refused, so that a copied example starts nothing. A new example must not be a usable
// key; write how to make one.
func TestCheckKey_RefusesEveryKeyThatTheRepositoryPublishes(t *testing.T) {
	t.Parallel()
	const root = "../.."
	files, tree := 0, os.DirFS(root)
	require.NoError(t, fs.WalkDir(tree, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			if n := entry.Name(); n == ".git" || n == "node_modules" || n == "data" {
				return fs.SkipDir
			}
			return nil
		}
		if info, infoErr := entry.Info(); infoErr != nil || !info.Mode().IsRegular() || info.Size() > 1<<20 {
			return infoErr
		}
		text, err := fs.ReadFile(tree, path)
		if err != nil || strings.HasPrefix(path, "adapters/tokens/") && strings.HasSuffix(path, "_test.go") {
			return err // tests of the rule show what it admits
		}
		if setting.Match(text) {
			files++
		}
		for _, key := range publishedKeys(string(text)) {
			assert.Error(t, tokens.CheckKey(domain.NewSecret(key)), "%s publishes a usable key: %s", path, key)
		}
		return nil
	}))
	assert.Greater(t, files, 20, "files that name a setting of keys")
}

// The walk above finds a key in each form that files use.
func TestPublishedKeys_AreFoundInEveryForm(t *testing.T) {
	t.Parallel()
	const key = "q0Wk7x1vJ9mT3bZr8LdPfYhC5nGsA2eU4oKiXwQy"
	for _, text := range []string{
		"JWT_SECRET_KEY=" + key, "export JWT_SECRET_KEY='" + key + "'", `  JWT_SECRET_KEY: {value: "` + key + `"}`,
		"JWT_SECRET_KEY: ${JWT_SECRET_KEY:-" + key + "}", "JWT_SECRET_KEY: ${JWT_SECRET_KEY-" + key + "}",
		`--from-literal=JWT_SECRET_KEY=` + key, "| `JWT_SECRET_KEY` | `" + key + "` |",
		`"JWT_PREVIOUS_SECRET_KEYS", "` + key + `,other"`, "const key = \"" + key + "\"\nenv.With(\"JWT_SECRET_KEY\", key)",
	} {
		assert.Contains(t, publishedKeys(text), key, text)
	}
	assert.Empty(t, publishedKeys("something else: "+key))
}
