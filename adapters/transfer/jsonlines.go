package transfer

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed543b3b27/auth-service/ports"
)

// jsonReader reads JSON Lines.
type jsonReader struct {
	lines *lineReader
	names naming
}

func (r *jsonReader) next() (Record, error) {
	read, err := r.lines.nextFilled()
	if err != nil {
		return Record{}, err
	}
	names, values, problem := []string(nil), []string(nil), tooLong
	if !read.long {
		names, values, problem = parseObject(read.text, r.holdsObject)
	}
	if problem != "" {
		return Record{Text: read.text, Row: ports.ImportRow{Line: read.number, Problem: problem}}, nil
	}
	record := Record{Names: names, Values: values}
	if fields, err := r.names.fields(names); err != nil {
		record.Row = ports.ImportRow{Line: read.number, Problem: fmt.Sprintf("The field %v.", err)}
	} else {
		record.Row = importRow(read.number, fields, values)
	}
	return record, nil
}

// holdsObject reports whether the values of name are objects, or are skipped.
func (r *jsonReader) holdsObject(name string) bool {
	field, err := r.names.field(name)
	return err == nil && (field == "" || isObject(field))
}

// parseObject splits a JSON object of texts, numbers, booleans and nulls into
// names and values. An object is kept as its text where holdsObject allows one.
func parseObject(text string, holdsObject func(name string) bool) (names, values []string, problem string) {
	if problem := textProblem(text); problem != "" {
		return nil, nil, problem
	}
	decoder := jsontext.NewDecoder(strings.NewReader(text))
	if start, err := decoder.ReadToken(); err != nil || start.Kind() != '{' {
		return nil, nil, "The row is not a JSON object."
	}
	for decoder.PeekKind() != '}' {
		name, err := decoder.ReadToken()
		if err != nil {
			return nil, nil, jsonProblem(err)
		}
		key := name.String()
		names = append(names, key)
		if decoder.PeekKind() == '{' && holdsObject(key) {
			object, err := decoder.ReadValue()
			if err != nil {
				return nil, nil, jsonProblem(err)
			}
			values = append(values, string(object))
			continue
		}
		value, err := decoder.ReadToken()
		if err != nil {
			return nil, nil, jsonProblem(err)
		}
		switch value.Kind() {
		case 'n':
			values = append(values, "")
		case '{', '[':
			return nil, nil, "The field " + shown(key) + " must be a text, number or boolean."
		default:
			values = append(values, value.String())
		}
	}
	if _, err := decoder.ReadToken(); err != nil {
		return nil, nil, jsonProblem(err)
	}
	if strings.TrimSpace(text[decoder.InputOffset():]) != "" {
		return nil, nil, "The row has text after its JSON object."
	}
	if problem := textProblem(strings.Join(values, "")); problem != "" { // from an escape
		return nil, nil, problem
	}
	return names, values, ""
}

// jsonProblem describes a syntax error without the text around it.
func jsonProblem(err error) string {
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return "The row names a field twice."
	}
	return "The row is not valid JSON."
}
