package transfer

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
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
	record := Record{Line: read.number}
	if read.long {
		record.Problem = tooLong
	} else {
		record.Names, record.Values, record.Problem = parseObject(read.text)
	}
	if record.Problem != "" {
		record.Text, record.Row.Line, record.Row.Problem = read.text, record.Line, record.Problem
		return record, nil
	}
	fields, err := r.names.fields(record.Names)
	if err != nil {
		record.Problem = fmt.Sprintf("The field %v.", err)
		record.Row.Line, record.Row.Problem = record.Line, record.Problem
		return record, nil
	}
	record.Row = importRow(record.Line, fields, record.Values)
	return record, nil
}

// parseObject takes an object of texts, numbers, booleans and nulls apart.
func parseObject(text string) (names, values []string, problem string) {
	if problem := textProblem(text); problem != "" {
		return nil, nil, problem
	}
	decoder := jsontext.NewDecoder(strings.NewReader(text))
	if start, err := decoder.ReadToken(); err != nil || start.Kind() != '{' {
		return nil, nil, "The row is no JSON object."
	}
	for decoder.PeekKind() != '}' {
		name, err := decoder.ReadToken()
		if err != nil {
			return nil, nil, jsonProblem(err)
		}
		key := name.String()
		value, err := decoder.ReadToken()
		if err != nil {
			return nil, nil, jsonProblem(err)
		}
		names = append(names, key)
		switch value.Kind() {
		case 'n':
			values = append(values, "")
		case '{', '[':
			return nil, nil, "The field " + shown(key) + " is no text, number or boolean."
		default:
			values = append(values, value.String())
		}
	}
	if _, err := decoder.ReadToken(); err != nil {
		return nil, nil, jsonProblem(err)
	}
	if strings.TrimSpace(text[decoder.InputOffset():]) != "" {
		return nil, nil, "The row has something behind its JSON object."
	}
	if problem := textProblem(strings.Join(values, "")); problem != "" { // by an escape
		return nil, nil, problem
	}
	return names, values, ""
}

// jsonProblem is a syntax error without the text around it.
func jsonProblem(err error) string {
	if errors.Is(err, jsontext.ErrDuplicateName) {
		return "The row names a field twice."
	}
	return "The row is no valid JSON."
}
