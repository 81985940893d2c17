// Package common holds the rules by which a password is common: it is a known one,
// a variation of one, or a pattern that fingers find by themselves.
package common

import (
	"strings"
	"unicode/utf8"
)

// Limits of the rules, in characters.
const (
	// MinWord is the shortest word that counts without the characters around it.
	MinWord = 4
	// MaxText is the length of the longest text that is examined. No common password
	// is longer, and the limit bounds the work.
	MaxText = 32
	// maxAdded is the number of characters that may surround a common word, as
	// "2024!" does in "Dragon2024!". With more, the password counts as uncommon.
	maxAdded = 5
	// minBeside is the shortest run that counts as added to a word.
	minBeside = 4
)

// Words is a set of words in lower case.
type Words interface {
	Has(word string) bool
}

// Rules know common passwords by a set of words.
type Rules struct{ words Words }

// By returns the rules with a set of words.
func By(words Words) Rules { return Rules{words} }

// Refuse reports whether a password is common.
func (r Rules) Refuse(password string) bool {
	if utf8.RuneCountInString(password) > MaxText {
		return false
	}
	text := strings.ToLower(password)
	return r.made(text) || !isASCII(text) && r.made(latinKeys.Replace(text))
}

// NeedNot reports whether a set can do without word, in lower case: the rules refuse
// it by a shorter word or by none. Without what may surround a word it is another
// word, so that the rules do not look for it inside of others.
func (r Rules) NeedNot(word string) bool { return strings.Trim(word, around) != word && r.Refuse(word) }

// made reports whether text is made of a common word or of a pattern.
func (r Rules) made(text string) bool {
	return r.known(text) || r.surrounded(text, around) || r.surrounded(text, around+"@$") || isPattern(text) || r.repeats(text) ||
		r.besideRun(text, false) || r.besideRun(reversed(text), true)
}

// surrounded reports whether text is a common word among the characters of added:
// a few, or a pattern of them such as a date.
func (r Rules) surrounded(text, added string) bool {
	core := strings.Trim(text, added)
	if core == "" || len(core) == len(text) {
		return false
	}
	before, after, _ := strings.Cut(text, core)
	few := len(before)+len(after) <= maxAdded && isPlain(before) && isPlain(after)
	return (few || isAddition(before) && isAddition(after)) && r.known(core)
}

// isPlain reports whether digits and signs take turns in text at most once, as in
// "2024!". People do not add "7&1?" to a word, but chance does.
func isPlain(text string) bool {
	turns := 0
	for i := 1; i < len(text); i++ {
		if isDigit(text[i]) != isDigit(text[i-1]) {
			turns++
		}
	}
	return turns <= 1
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

// isAddition reports whether text is short enough or regular enough to add it to a
// word without a thought.
func isAddition(text string) bool { return len(text) <= 1 || isPattern(text) }

// besideRun reports whether text is a common word and then a run. turned tells that
// text is reversed.
func (r Rules) besideRun(text string, turned bool) bool {
	if text == "" || !isASCII(text) {
		return false
	}
	for n := runBack(text); n >= minBeside; n-- {
		word := text[:len(text)-n]
		if turned {
			word = reversed(word)
		}
		if strings.Trim(word, around) != "" && r.known(word) {
			return true
		}
	}
	return false
}

// known reports whether a word is common as it is, with look-alike letters, or
// reversed.
func (r Rules) known(word string) bool {
	if utf8.RuneCountInString(word) < MinWord {
		return false
	}
	for _, w := range [...]string{word, asI.Replace(word), asL.Replace(word)} {
		if r.words.Has(w) || r.words.Has(reversed(w)) {
			return true
		}
	}
	return false
}

// repeats reports whether text repeats a common or a very short piece.
func (r Rules) repeats(text string) bool {
	for size := 1; size <= len(text)/2; size++ {
		if text[size:] == text[:len(text)-size] {
			return isASCII(text) && size <= MinWord || len(text)%size == 0 && r.known(text[:size])
		}
	}
	return false
}

// around holds the characters that people add around a word: digits and
// punctuation. @ and $ are missing because they may stand for the letters a and
// s, and a space belongs to a phrase.
const around = "0123456789!\"#%&'()*+,-./:;<=>?[\\]^_`{|}~"

// Look-alikes of letters; 1 stands for i or l.
var (
	asI = strings.NewReplacer("@", "a", "4", "a", "3", "e", "0", "o", "$", "s", "5", "s", "7", "t", "1", "i", "!", "i")
	asL = strings.NewReplacer("@", "a", "4", "a", "3", "e", "0", "o", "$", "s", "5", "s", "7", "t", "1", "l", "|", "l")
)

func reversed(s string) string {
	runes := []rune(s)
	for i, j := 0, len(runes)-1; i < j; i, j = i+1, j-1 {
		runes[i], runes[j] = runes[j], runes[i]
	}
	return string(runes)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
