package passwords

import (
	"strings"
	"time"
)

// Lengths of runs, in characters: a password is a chain of runs of at least
// minRun, or one run of at least minLongRun with at most maxLoose characters
// beside it.
const (
	minRun     = 3
	minLongRun = 6
	maxLoose   = 3
)

// lines are sequences that fingers follow, forwards and backwards: the alphabet,
// the digits, the rows and columns of the usual keyboards and of the keypad.
var lines = bothWays(
	"abcdefghijklmnopqrstuvwxyz", "01234567890",
	"qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn",
	"1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik,", "9ol.", "zaq1",
	"147", "258", "369", "159", "357",
)

// unshift maps a shifted key to its digit.
var unshift = strings.NewReplacer("!", "1", "@", "2", "#", "3", "$", "4", "%", "5", "^", "6", "&", "7", "*", "8", "(", "9", ")", "0")

// isRuns reports whether text, in lower case, is made of runs.
func isRuns(text string) bool {
	if text == "" || !isASCII(text) {
		return false
	}
	text = unshift.Replace(text)
	chain, longest := true, 0
	for at := 0; at < len(text); {
		n := runAt(text[at:])
		if n < minRun {
			chain = false
			n = 1
		}
		longest = max(longest, n)
		at += n
	}
	return chain || longest >= minLongRun && len(text)-longest <= maxLoose
}

// runAt returns the length of the run at the beginning of text.
func runAt(text string) int {
	same := len(text) - len(strings.TrimLeft(text, text[:1]))
	return max(same, runAlong(text))
}

func runAlong(text string) int {
	longest := 1
	for _, line := range lines {
		start := strings.IndexByte(line, text[0])
		if start < 0 {
			continue
		}
		n := 0
		for n < len(text) && start+n < len(line) && text[n] == line[start+n] {
			n++
		}
		longest = max(longest, n)
	}
	return longest
}

func bothWays(forward ...string) []string {
	all := forward
	for _, line := range forward {
		all = append(all, reversed(line))
	}
	return all
}

// Years in which people were or will be born, married or employed.
const (
	firstYear = 1900
	lastYear  = 2039
)

// unseparate joins the parts of a date.
var unseparate = strings.NewReplacer(".", "", "-", "", "/", "")

// isDate reports whether text is a date in a usual order, with or without
// separators.
func isDate(text string) bool {
	digits := unseparate.Replace(text)
	if len(digits) != len("20060102") {
		return false
	}
	for _, layout := range [...]string{"02012006", "01022006", "20060102"} {
		if t, err := time.Parse(layout, digits); err == nil && t.Year() >= firstYear && t.Year() <= lastYear {
			return true
		}
	}
	return false
}
