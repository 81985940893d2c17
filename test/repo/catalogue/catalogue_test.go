package catalogue

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// closed is the complete list of ids. Each kind has all numbers from 1 to its last one.
var closed = []struct {
	kind string
	last int
}{{"T", 18}, {"S", 50}, {"V", 43}, {"B", 46}}

func ids() []string {
	var all []string
	for _, of := range closed {
		for n := 1; n <= of.last; n++ {
			all = append(all, fmt.Sprintf("%s-%02d", of.kind, n))
		}
	}
	return all
}

// row is a promise and the tests that prove it.
type row struct{ id, promise, proofs string }

// firstCell matches the first cell of a row of the catalogue.
var firstCell = regexp.MustCompile(`^\| *([TSVB]-\d\d|F-[A-Z]\d{1,2}|F-[A-Z]{2,}) *\|`)

// finding begins the ids of findings. Their list is open, because each review adds some.
const finding = "F-"

// parse reads the rows of the catalogue.
func parse(document string) ([]row, error) {
	var rows []row
	for line := range strings.Lines(document) {
		match := firstCell.FindStringSubmatch(line)
		if match == nil {
			continue
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 3 {
			return nil, fmt.Errorf("%s has %d cells", match[1], len(cells))
		}
		rows = append(rows, row{match[1], strings.TrimSpace(cells[1]), strings.TrimSpace(cells[2])})
	}
	return rows, nil
}

// check returns every mistake of the catalogue.
func check(document string, in sources) (wrong []string) {
	rows, err := parse(document)
	if err != nil {
		return []string{err.Error()}
	}
	seen := map[string]bool{}
	for _, r := range rows {
		if seen[r.id] {
			wrong = append(wrong, r.id+" is there twice")
		}
		seen[r.id] = true
		wrong = append(wrong, checkRow(r, in)...)
	}
	for _, id := range ids() {
		if !seen[id] {
			wrong = append(wrong, id+" is missing")
		}
		delete(seen, id)
	}
	for id := range seen {
		if strings.HasPrefix(id, finding) {
			continue
		}
		wrong = append(wrong, id+" is not an id of the list")
	}
	return wrong
}

// checkRow checks that all proofs of a row exist. They have the form `package`: Test,
// Test; `package`: Test.
func checkRow(r row, in sources) (wrong []string) {
	if r.promise == "" || r.proofs == "" {
		return []string{r.id + " is empty"}
	}
	for place := range strings.SplitSeq(r.proofs, ";") {
		folder, names, found := strings.Cut(place, ":")
		if !found {
			wrong = append(wrong, fmt.Sprintf("%s: %q is not `package`: Test", r.id, place))
			continue
		}
		s, err := in.of(strings.Trim(folder, " `"))
		if err != nil {
			wrong = append(wrong, r.id+": "+err.Error())
			continue
		}
		for name := range strings.SplitSeq(names, ",") {
			texts, err := s.find(strings.TrimSpace(name))
			if err != nil {
				wrong = append(wrong, r.id+": "+err.Error())
			} else if !slices.ContainsFunc(texts, func(text string) bool { return mentions(text, r.id) }) {
				wrong = append(wrong, fmt.Sprintf("%s: neither %s nor its file mentions it", r.id, strings.TrimSpace(name)))
			}
		}
	}
	return wrong
}

func TestCatalogue_NamesATestForEveryPromise(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("../../../docs/security.md")
	require.NoError(t, err)
	require.Len(t, ids(), 157)
	assert.Empty(t, strings.Join(check(string(document), sources{}), "\n"))
}

// check finds every kind of mistake in the catalogue.
func TestCheck_FindsEveryKindOfMistake(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../../docs/security.md")
	require.NoError(t, err)
	const good = "| T-07 |"
	document := string(raw)
	at := strings.Index(document, good)
	require.Positive(t, at)
	line := document[at : at+strings.Index(document[at:], "\n")]
	cells := strings.Split(line, "|")
	for name, tc := range map[string]struct{ replacement, says string }{
		"no row":          {"", "T-07 is missing"},
		"twice":           {line + "\n" + line, "T-07 is there twice"},
		"no promise":      {"| T-07 | |" + cells[3] + "|", "T-07 is empty"},
		"no proof":        {"| T-07 |" + cells[2] + "| |", "T-07 is empty"},
		"too few cells":   {"| T-07 |" + cells[2] + "|", "T-07 has 2 cells"},
		"unknown id":      {line + "\n" + strings.Replace(line, "T-07", "T-99", 1), "T-99 is not an id of the list"},
		"unknown package": {"| T-07 | x | `test/nowhere`: TestX |", "T-07: there is no package test/nowhere"},
		"unknown test":    {"| T-07 | x | `test/repo/catalogue`: TestX |", "T-07: there is no test TestX"},
		"no test":         {"| T-07 | x | `test/repo/catalogue`: parse |", "T-07: there is no test parse"},
		"unknown part":    {"| T-07 | x | `test/api/e2e`: TestService/nothing |", "T-07: TestService has no part nothing"},
		"no form":         {"| T-07 | x | somewhere |", "T-07: \"somewhere\" is not `package`: Test"},
		"other test":      {"| T-07 | x | `domain`: TestPasswordPolicy_AdmitsEveryShape |", "T-07: neither TestPasswordPolicy_AdmitsEveryShape nor its file mentions it"},
	} {
		assert.Contains(t, check(strings.Replace(document, line, tc.replacement, 1), sources{}), tc.says, name)
	}
}

func TestMentions(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"// B-40: a row": true, "func TestB40_X(": true, "B-38 to B-46": true, "TestParse_B40_X": true, `"B-40 headers"`: true,
		"B-400": false, "B-4": false, "XB-40": false, "B-41 to B-46": false, "S-38 to S-46": false, "": false,
	} {
		assert.Equal(t, want, mentions(text, "B-40"), text)
	}
}
