package jws

import (
	"bytes"
	"encoding/json"
	"strconv"
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
	if !there || string(value) == "null" || !unmarshal(value, into) {
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

// unmarshal reports whether value could be read into the value that into points to.
// It reads the usual claims, strings and whole numbers, without encoding/json,
// which allocates for each call.
func unmarshal(value json.RawMessage, into any) bool {
	switch into := into.(type) {
	case *string:
		s, ok := unquote(value)
		if ok {
			*into = s
		}
		return ok
	case *int64:
		n, err := strconv.ParseInt(string(value), 10, 64)
		if err == nil {
			*into = n
		}
		return err == nil
	case **int64:
		n, err := strconv.ParseInt(string(value), 10, 64)
		if err == nil {
			*into = &n
		}
		return err == nil
	case json.Unmarshaler:
		return into.UnmarshalJSON(value) == nil
	default:
		return json.Unmarshal(value, into) == nil
	}
}

// ReadStrings reads a JSON list of strings that has neither escapes nor white space; ok is
// false for any other value. The text is valid JSON.
func ReadStrings(value json.RawMessage) (list []string, ok bool) {
	if len(value) < 2 || value[0] != '[' || bytes.IndexByte(value, '\\') >= 0 {
		return nil, false
	}
	list = []string{}
	for rest := value[1 : len(value)-1]; len(rest) > 0; {
		if len(list) > 0 {
			rest = rest[1:] // the comma
		}
		if len(rest) < 2 || rest[0] != '"' {
			return nil, false
		}
		end := bytes.IndexByte(rest[1:], '"') + 1
		if next := end + 1; end == 0 || next < len(rest) && rest[next] != ',' {
			return nil, false
		}
		list, rest = append(list, string(rest[1:end])), rest[end+1:]
	}
	return list, true
}

// ReadString reads the text of a JSON string; ok is false for any other value. The text is
// valid JSON.
func ReadString(value json.RawMessage) (meaning string, ok bool) { return unquote(value) }

// unquote returns the meaning of value; ok is false if it is not a string.
func unquote(value json.RawMessage) (meaning string, ok bool) {
	if value[0] != '"' {
		return "", false
	}
	if bytes.IndexByte(value, '\\') < 0 {
		return string(value[1 : len(value)-1]), true
	}
	var s string
	err := json.Unmarshal(value, &s)
	return s, err == nil
}

// TextMember returns the string member called name of a JSON object; empty if text is no
// object or has no such member.
func TextMember(text []byte, name string) string {
	o, err := readObject(text, 0)
	if err != nil {
		return ""
	}
	return o.text(name)
}
