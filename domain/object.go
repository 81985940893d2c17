package domain

import (
	"bytes"
	"encoding/json" // metadata is JSON by its nature, not by the wire: ADR 0040
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// number is a JSON number in its spelling.
type number = json.Number

// Bounds of each object of Metadata.
const (
	// MaxObjectSize is the size of an object in bytes, without white space.
	MaxObjectSize = 8 << 10
	// MaxObjectDepth is how deep objects and lists lie in one another, the outermost one
	// included.
	MaxObjectDepth = 16
)

// The refusals of objects. None repeats a value.
var (
	errNoObject       = ErrInvalidMetadata.WithDetail("This must be a JSON object.")
	errObjectTooLarge = ErrInvalidMetadata.WithDetail("The object is larger than 8 KiB.")
	errObjectTooDeep  = ErrInvalidMetadata.WithDetail("Objects and lists are nested more than 16 levels deep.")
	errObjectText     = ErrInvalidMetadata.WithDetail("Texts must be valid UTF-8 without NUL characters.")
	errObjectNumber   = ErrInvalidMetadata.WithDetail("A number is beyond the range of 64-bit floating point.")
	errObjectTwice    = ErrInvalidMetadata.WithDetail("An object names a member twice.")
)

// mergeObject returns object after a JSON Merge Patch (RFC 7396), which may be empty, with its
// members in the order of their names and without white space. Numbers keep their spelling. Errors:
// ErrInvalidMetadata for a patch that is not one JSON object (RFC 8259), and for a result that is too
// large or too deep, or a patch that names a member twice, holds a NUL character, half of a surrogate
// pair, invalid UTF-8, or a number beyond a 64-bit float.
func mergeObject(object, patch string) (string, error) {
	if patch == "" {
		return object, nil
	}
	value, err := parseJSON(patch)
	if err != nil {
		return "", err
	}
	if value == nil {
		return emptyObject, nil
	}
	changes, ok := value.(map[string]any)
	if !ok {
		return "", errNoObject
	}
	merged, err := parseJSON(object)
	if err != nil {
		return "", err
	}
	into, _ := merged.(map[string]any) // what is stored is an object
	return formatObject(mergeInto(into, changes))
}

// mergeInto is MergePatch of RFC 7396 section 2 for two objects.
func mergeInto(target, patch map[string]any) map[string]any {
	if target == nil {
		target = map[string]any{}
	}
	for name, value := range patch {
		switch value := value.(type) {
		case nil:
			delete(target, name)
		case map[string]any:
			inner, _ := target[name].(map[string]any)
			target[name] = mergeInto(inner, value)
		default:
			target[name] = value
		}
	}
	return target
}

func formatObject(object map[string]any) (string, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(object); err != nil {
		return "", errNoObject
	}
	if depthOf(object) > MaxObjectDepth {
		return "", errObjectTooDeep
	}
	text.Truncate(text.Len() - 1) // the line break
	if text.Len() > MaxObjectSize {
		return "", errObjectTooLarge
	}
	return text.String(), nil
}

// sameJSON reports whether two values of parseJSON are equal.
func sameJSON(a, b any) bool {
	one, errOne := json.Marshal(a)
	other, errOther := json.Marshal(b)
	return errOne == nil && errOther == nil && slices.Equal(one, other)
}

func depthOf(value any) (depth int) {
	switch value := value.(type) {
	case map[string]any:
		for _, inner := range value {
			depth = max(depth, depthOf(inner))
		}
		return depth + 1
	case []any:
		for _, inner := range value {
			depth = max(depth, depthOf(inner))
		}
		return depth + 1
	}
	return 0
}

// parseJSON reads one JSON value: an object as map[string]any, a list as []any, a number as
// json.Number. Errors: as mergeObject.
func parseJSON(text string) (any, error) {
	switch {
	case len(text) > 8*MaxObjectSize: // with room for white space and escapes
		return nil, errObjectTooLarge
	case !utf8.ValidString(text) || hasLoneSurrogate(text):
		return nil, errObjectText
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	value, err := readValue(decoder, 0)
	if err != nil {
		var refusal *Error
		if errors.As(err, &refusal) {
			return nil, refusal
		}
		return nil, errNoObject
	}
	if strings.Trim(text[decoder.InputOffset():], " \t\r\n") != "" {
		return nil, errNoObject
	}
	return value, nil
}

// readValue reads the next value, which lies depth deep.
func readValue(decoder *json.Decoder, depth int) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case json.Delim:
		if depth >= MaxObjectDepth {
			return nil, errObjectTooDeep
		}
		if token == '{' {
			return readMembers(decoder, depth)
		}
		return readElements(decoder, depth)
	case string:
		if strings.ContainsRune(token, 0) {
			return nil, errObjectText
		}
	case json.Number:
		if _, err := strconv.ParseFloat(token.String(), 64); err != nil {
			return nil, errObjectNumber
		}
	}
	return token, nil
}

func readMembers(decoder *json.Decoder, depth int) (map[string]any, error) {
	object := map[string]any{}
	for decoder.More() {
		key, err := readValue(decoder, depth)
		if err != nil {
			return nil, err
		}
		name, isText := key.(string)
		if !isText {
			return nil, errNoObject
		}
		if _, twice := object[name]; twice {
			return nil, errObjectTwice
		}
		if object[name], err = readValue(decoder, depth+1); err != nil {
			return nil, err
		}
	}
	_, err := decoder.Token()
	return object, err
}

func readElements(decoder *json.Decoder, depth int) ([]any, error) {
	list := []any{}
	for decoder.More() {
		value, err := readValue(decoder, depth+1)
		if err != nil {
			return nil, err
		}
		list = append(list, value)
	}
	_, err := decoder.Token()
	return list, err
}

// hasLoneSurrogate reports whether a JSON text has an escape of half of a surrogate pair,
// which encoding/json replaces silently.
func hasLoneSurrogate(text string) bool {
	for i := 0; i+1 < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		first := surrogateAt(text[i:])
		switch {
		case first == 0:
			i++ // the escaped character
		case first < 0xdc00 && surrogateAt(text[min(i+6, len(text)):]) >= 0xdc00:
			i += 11
		default:
			return true
		}
	}
	return false
}

// surrogateAt returns the surrogate whose escape begins text; 0 if there is none.
func surrogateAt(text string) uint64 {
	if len(text) < 6 || text[:2] != `\u` {
		return 0
	}
	unit, err := strconv.ParseUint(text[2:6], 16, 16)
	if err != nil || unit < 0xd800 || unit > 0xdfff {
		return 0
	}
	return unit
}
