package transfer

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seed543b3b27/auth-service/ports"
)

// csvReader reads CSV with a header.
type csvReader struct {
	lines *lineReader
	// names are the names in the header; fields are their fields.
	names, fields []string
}

func newCSVReader(lines *lineReader, n naming) (*csvReader, error) {
	first, err := lines.nextFilled()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty; its first line must name the columns")
	}
	if err != nil {
		return nil, fmt.Errorf("reading the header: %w", err)
	}
	names, problem := parseCSV(first.text)
	if first.long {
		problem = tooLong
	}
	if problem != "" {
		return nil, fmt.Errorf("the header cannot be read: %s", problem)
	}
	for i, name := range names {
		names[i] = strings.TrimSpace(name)
		if slices.Contains(names[:i], names[i]) {
			return nil, fmt.Errorf("the header names the column %s twice", shown(names[i]))
		}
	}
	if len(names) == 1 && strings.ContainsAny(names[0], ";\t") {
		return nil, errors.New("the header has one column: separate columns by commas, not by semicolons or tabs")
	}
	fields, err := n.fields(names)
	if err != nil {
		return nil, fmt.Errorf("the column %w", err)
	}
	if !slices.Contains(fields, fieldEmail) {
		return nil, errors.New("the header names no column \"email\"")
	}
	return &csvReader{lines, names, fields}, nil
}

func (r *csvReader) next() (Record, error) {
	first, err := r.lines.nextFilled()
	if err != nil {
		return Record{}, err
	}
	text, problem, err := r.whole(first)
	if err != nil {
		return Record{}, err
	}
	var values []string
	if problem == "" {
		values, problem = parseCSV(text)
	}
	if problem == "" && len(values) != len(r.names) {
		problem = fmt.Sprintf("The row has %d columns, the header %d.", len(values), len(r.names))
	}
	if problem != "" {
		return Record{Text: text, Row: ports.ImportRow{Line: first.number, Problem: problem}}, nil
	}
	for i, value := range values {
		values[i] = unguarded(value)
	}
	return Record{Names: r.names, Values: values, Row: importRow(first.number, r.fields, values)}, nil
}

// whole returns the text of the row that begins with a line, because a quoted
// value may hold line breaks. If the quote never ends, only the first line is the
// problem, and the lines after it are rows of their own.
func (r *csvReader) whole(first line) (text, problem string, err error) {
	if first.long {
		return first.text, tooLong, nil
	}
	text = first.text
	var more []line
	for strings.Count(text, `"`)%2 == 1 {
		following, err := r.lines.next()
		ended := errors.Is(err, io.EOF)
		if err != nil && !ended {
			return "", "", err
		}
		if !ended {
			more = append(more, following)
		}
		if ended || following.long || len(text)+len(following.text) > MaxRow {
			r.lines.giveBack(more)
			return first.text, "A quote is opened and never closed.", nil
		}
		text += "\n" + following.text
	}
	return text, "", nil
}

// parseCSV splits a row into values.
func parseCSV(text string) (values []string, problem string) {
	if problem := textProblem(text); problem != "" {
		return nil, problem
	}
	reader := csv.NewReader(strings.NewReader(text))
	reader.FieldsPerRecord = -1
	values, err := reader.Read()
	var syntax *csv.ParseError
	if errors.As(err, &syntax) {
		return nil, fmt.Sprintf("The row is not valid CSV: %s in column %d.", syntax.Err, syntax.Column)
	}
	if err != nil {
		return nil, "The row is not valid CSV."
	}
	return values, ""
}
