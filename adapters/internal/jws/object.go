package jws

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// Object is a JSON object that has one meaning only: its members by their exact
// names, each of which occurs once. A caller that reads the members it knows
// ignores the others, so that a newer release may add some while an older one
// still runs.
type Object map[string]json.RawMessage

// Get reads the member called name into the value that into points to. Names are
// compared exactly, unlike encoding/json does. Errors: ErrToken, if the member is
// missing, null or of another type.
func (o Object) Get(name string, into any) error {
	value, there := o[name]
	if !there || string(value) == "null" || json.Unmarshal(value, into) != nil {
		return ErrToken
	}
	return nil
}

// GetOptional does as Get does, and leaves the value as it is if the member is
// missing. Errors: ErrToken, if the member is null or of another type.
func (o Object) GetOptional(name string, into any) error {
	if _, there := o[name]; !there {
		return nil
	}
	return o.Get(name, into)
}

// readObject reads text, which is one JSON object and nothing else. Errors:
// ErrToken, also for what encoding/json would let pass: see isUnambiguous.
func readObject(text []byte) (Object, error) {
	var o Object
	if json.Unmarshal(text, &o) != nil || o == nil || !isUnambiguous(text) { // null leaves the map nil
		return nil, ErrToken
	}
	return o, nil
}

// isUnambiguous reports whether every JSON library reads the valid JSON text
// alike: no object, at any depth, has a name twice, and all strings are Unicode.
func isUnambiguous(text []byte) bool {
	var open []map[string]bool // the names of each object that is open; nil for an array
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{':
			open = append(open, map[string]bool{})
		case '[':
			open = append(open, nil)
		case '}', ']':
			open = open[:len(open)-1]
		case '"':
			end := endOfString(text, i)
			s, isUnicode := unquote(text[i:end])
			if !isUnicode {
				return false
			}
			if rest := bytes.TrimLeft(text[end:], " \t\r\n"); len(rest) > 0 && rest[0] == ':' {
				names := open[len(open)-1]
				if names[s] {
					return false
				}
				names[s] = true
			}
			i = end - 1
		}
	}
	return true
}

// endOfString returns the index after the closing quote of the string that begins
// at start.
func endOfString(text []byte, start int) int {
	i := start + 1
	for text[i] != '"' {
		if text[i] == '\\' {
			i++
		}
		i++
	}
	return i + 1
}

// unquote returns the meaning of a JSON string. It takes U+FFFD for broken
// Unicode, because encoding/json puts it in place of invalid UTF-8 and of half a
// surrogate pair.
func unquote(quoted []byte) (s string, isUnicode bool) {
	s = string(quoted[1 : len(quoted)-1])
	if strings.Contains(s, `\`) && json.Unmarshal(quoted, &s) != nil {
		return "", false
	}
	return s, !strings.ContainsRune(s, utf8.RuneError)
}
