package common

import (
	"strings"
	"time"
	"unicode/utf8"
)

// Lengths of runs, in characters: a password is a chain of runs of at least
// minRun, or one run of at least minLongRun with at most maxLoose characters
// beside it.
const (
	minRun     = 3
	minLongRun = 6
	maxLoose   = 3
	// minWalk is the shortest walk from key to neighbouring key. A walk turns, so
	// that short ones come about by chance.
	minWalk = 8
	// minWoven is the shortest text of two runs of which the characters alternate.
	minWoven = 6
)

// lines are sequences that fingers follow, forwards and backwards: the alphabet,
// the digits, the rows and columns of the usual keyboards and of the keypad. The
// index is the character at which one begins.
var lines = byFirst(bothWays(
	"abcdefghijklmnopqrstuvwxyz", "01234567890",
	"qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn",
	"1qaz", "2wsx", "3edc", "4rfv", "5tgb", "6yhn", "7ujm", "8ik,", "9ol.", "0p;/",
	"1aq", "1qay", "1aqw", "2zsx", "6zhn", "zse4", "xdr5", "cft6", "vgy7", "bhu8", "nji9", "mko0",
	"147", "258", "369", "159", "357", "02468", "13579",
))

// keyboards are rows of keys, each half a key to the right of the row above it.
var keyboards = neighbours(
	[]string{"1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./"},
	[]string{"1234567890", "qwertzuiop", "asdfghjkl", "yxcvbnm,.-"},
	[]string{"1234567890", "azertyuiop", "qsdfghjklm", "wxcvbn"},
)

// latinKeys gives each Cyrillic letter the Latin one of its key, as in lists of
// passwords: "gfhjkm" is what typed "пароль".
var latinKeys = strings.NewReplacer(pairs("йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`")...)

// unshift maps a shifted key to its digit.
var unshift = strings.NewReplacer("!", "1", "@", "2", "#", "3", "$", "4", "%", "5", "^", "6", "&", "7", "*", "8", "(", "9", ")", "0", "_", "-", "+", "=")

// isRuns reports whether text is made of runs.
func isRuns(text string) bool {
	if text == "" {
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

// runBack returns the length of the longest run or weave at the end of text.
func runBack(text string) int {
	back := reversed(text)
	longest, woven := runAt(back), minWoven-1
	for woven < len(back) && isWoven(back[:woven+1]) {
		woven++
	}
	if woven < minWoven {
		return longest
	}
	return max(longest, woven)
}

func runAlong(text string) int {
	if text[0] >= utf8.RuneSelf {
		return 1
	}
	longest := 1
	for _, line := range lines[text[0]] {
		n := 1
		for n < len(text) && n < len(line) && text[n] == line[n] {
			n++
		}
		longest = max(longest, n)
	}
	return longest
}

// isPattern reports whether text, in lower case, is made without any word.
func isPattern(text string) bool {
	return isASCII(text) && (isRuns(text) || isWalk(text) || isWoven(text) || isDate(text))
}

// isWalk reports whether each character is on a key beside the one before.
func isWalk(text string) bool {
	if len(text) < minWalk {
		return false
	}
	for i := range keyboards {
		next, n := &keyboards[i], 1
		for n < len(text) && strings.IndexByte(next[text[n-1]], text[n]) >= 0 {
			n++
		}
		if n == len(text) {
			return true
		}
	}
	return false
}

// isWoven reports whether the characters of two runs alternate in text, as in
// "1a2s3d4f".
func isWoven(text string) bool {
	if len(text) < minWoven {
		return false
	}
	var threads [2][]byte
	for i := range len(text) {
		threads[i%2] = append(threads[i%2], text[i])
	}
	return runAt(string(threads[0])) == len(threads[0]) && runAt(string(threads[1])) == len(threads[1])
}

// neighbours returns for each keyboard the keys beside each key, itself included.
func neighbours(keyboards ...[]string) [][utf8.RuneSelf]string {
	all := make([][utf8.RuneSelf]string, 0, len(keyboards))
	for _, rows := range keyboards {
		var next [utf8.RuneSelf]string
		key := func(row, at int) string {
			if row < 0 || row >= len(rows) || at < 0 || at >= len(rows[row]) {
				return ""
			}
			return rows[row][at : at+1]
		}
		for row := range rows {
			for at := range len(rows[row]) {
				next[rows[row][at]] = key(row, at) + key(row, at-1) + key(row, at+1) +
					key(row-1, at) + key(row-1, at+1) + key(row+1, at) + key(row+1, at-1)
			}
		}
		all = append(all, next)
	}
	return all
}

func pairs(from, to string) []string {
	all := []string{}
	at := 0
	for _, r := range from {
		all = append(all, string(r), to[at:at+1])
		at++
	}
	return all
}

// byFirst returns what follows each character on each line, the character included.
func byFirst(lines []string) [utf8.RuneSelf][]string {
	var all [utf8.RuneSelf][]string
	for _, line := range lines {
		for at := range len(line) {
			all[line[at]] = append(all[line[at]], line[at:])
		}
	}
	return all
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

// dateLayouts are the usual orders of a date: without separators, and with.
var dateLayouts = [...]string{
	"02012006", "01022006", "20060102", "20060201", "020106", "010206", "060102",
	"2.1.2006", "1.2.2006", "2006.1.2", "2.1.06", "1.2.06", "06.1.2",
}

// oneSeparator writes every separator of a date alike.
var oneSeparator = strings.NewReplacer("-", ".", "/", ".", "_", ".", " ", ".", ",", ".")

// isDate reports whether text is a date in a usual order, with or without
// separators.
func isDate(text string) bool {
	text = oneSeparator.Replace(text)
	if len(text) < len("060102") || len(text) > len("02.01.2006") || strings.Trim(text, "0123456789.") != "" || text[0] == '.' {
		return false
	}
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, text); err == nil && t.Year() >= firstYear && t.Year() <= lastYear {
			return true
		}
	}
	return false
}
