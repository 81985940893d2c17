package jws

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// readObject reads text, which is one JSON object and nothing else. Errors:
// ErrToken, also for an object that not every JSON library reads alike, though
// encoding/json reads it: one that has, at any depth, an object with a name twice
// or a string that is not Unicode. The object usually has so many members.
func readObject(text []byte, members int) (Object, error) {
	if !json.Valid(text) {
		return nil, ErrToken
	}
	s := scanner{text: text, letters: string(text)}
	if s.peek() != '{' {
		return nil, ErrToken
	}
	o, ok := s.object(members)
	if !ok {
		return nil, ErrToken
	}
	return o, nil
}

// scanner goes through valid JSON. It takes the place of json.Unmarshal, which
// lets ambiguous objects pass and allocates several times for each member.
type scanner struct {
	text []byte
	// letters is a copy of text, of which plain names of members are parts.
	letters string
	next    int // the index of the byte to read next
}

// peek returns the next byte that is no white space.
func (s *scanner) peek() byte {
	for isSpace(s.text[s.next]) {
		s.next++
	}
	return s.text[s.next]
}

// object reads the object that comes next, which usually has so many members; ok is false
// if it is ambiguous.
func (s *scanner) object(members int) (o Object, ok bool) {
	o = make(Object, members)
	s.next++ // the opening brace
	for s.peek() != '}' {
		if s.peek() == ',' {
			s.next++
			continue
		}
		s.peek()
		start := s.next
		quoted, isUnicode := s.value()
		if !isUnicode {
			return nil, false
		}
		name, ok := s.letters[start+1:s.next-1], true
		if strings.IndexByte(name, '\\') >= 0 {
			name, ok = unquote(quoted)
		}
		if _, twice := o[name]; twice || !ok {
			return nil, false
		}
		s.peek()
		s.next++ // the colon
		if o[name], ok = s.value(); !ok {
			return nil, false
		}
	}
	s.next++
	return o, true
}

// array does for an array what object does for an object.
func (s *scanner) array() (ok bool) {
	s.next++ // the opening bracket
	for s.peek() != ']' {
		if s.peek() == ',' {
			s.next++
		} else if _, ok := s.value(); !ok {
			return false
		}
	}
	s.next++
	return true
}

// value returns the value that comes next as it is spelled; ok is false if it is
// ambiguous.
func (s *scanner) value() (value json.RawMessage, ok bool) {
	first := s.peek()
	start := s.next
	switch first {
	case '{':
		_, ok = s.object(0)
	case '[':
		ok = s.array()
	case '"':
		ok = s.string()
	default: // a number, true, false or null
		for s.next < len(s.text) && !isSpace(s.text[s.next]) && strings.IndexByte(",]}", s.text[s.next]) < 0 {
			s.next++
		}
		ok = true
	}
	return s.text[start:s.next:s.next], ok
}

// string reads the string that comes next; ok is false if it is not Unicode. It
// takes U+FFFD for broken Unicode, because encoding/json puts it in place of
// invalid UTF-8 and of half a surrogate pair.
func (s *scanner) string() (ok bool) {
	start := s.next
	s.next++ // the opening quote
	for s.text[s.next] != '"' {
		if s.text[s.next] == '\\' {
			s.next++
		}
		s.next++
	}
	s.next++
	quoted := s.text[start:s.next]
	if bytes.IndexByte(quoted, '\\') < 0 {
		return !bytes.ContainsRune(quoted, utf8.RuneError)
	}
	meaning, ok := unquote(quoted)
	return ok && !strings.ContainsRune(meaning, utf8.RuneError)
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }
