package badinput

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/npmtest"
)

// corpora is the folder of the installed packages, the same for the whole process.
var corpora = sync.OnceValues(func() (string, error) { return npmtest.Install("corpora") })

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
