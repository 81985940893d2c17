package transfer

import (
	"strings"
	"unicode/utf8"
)

// guard stands before a value of CSV that a spreadsheet would take for a formula.
const guard = "'"

// formulaStarts are the characters with which formulas begin (OWASP, CSV injection).
const formulaStarts = "=+-@\t\r\n＝＋－＠"

// guarded returns a value as the writer of CSV writes it.
func guarded(value string) string {
	if startsFormula(value) || hasGuard(value) {
		return guard + value
	}
	return value
}

// unguarded returns the value that guarded was given. An apostrophe before anything
// else belongs to the value.
func unguarded(value string) string {
	if hasGuard(value) {
		return value[len(guard):]
	}
	return value
}

// hasGuard reports whether a value looks like one that guarded returned: a guard
// before a formula or before another guard.
func hasGuard(value string) bool {
	rest, found := strings.CutPrefix(value, guard)
	return found && (startsFormula(rest) || strings.HasPrefix(rest, guard))
}

func startsFormula(value string) bool {
	first, size := utf8.DecodeRuneInString(value)
	return size > 0 && first != utf8.RuneError && strings.ContainsRune(formulaStarts, first)
}
