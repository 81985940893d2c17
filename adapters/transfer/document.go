package transfer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed543b3b27/auth-service/ports"
)

// document reads users from JSON documents that are too large for memory.
type document struct {
	in      *meter
	decoder *jsontext.Decoder
	// seek moves the decoder to the next user. Errors: io.EOF after the last one.
	seek func(*jsontext.Decoder) error
	// convert returns the fields of a user and their values; names are nil for a
	// value that is not a user.
	convert func(jsontext.Value) (names, values []string, problem string)
	names   naming
}

func newDocument(in *bufio.Reader, names naming, seek func(*jsontext.Decoder) error, convert func(jsontext.Value) (names, values []string, problem string)) *document {
	m := &meter{in: in, left: MaxValue}
	return &document{in: m, decoder: jsontext.NewDecoder(m), seek: seek, convert: convert, names: names}
}

func (d *document) next() (Record, error) {
	for {
		d.in.left = math.MaxInt // skipped parts are not kept
		if err := d.seek(d.decoder); err != nil {
			return Record{}, d.explain(err)
		}
		d.in.left = MaxValue
		value, err := d.decoder.ReadValue()
		if err != nil {
			return Record{}, d.explain(err)
		}
		line := d.line() - bytes.Count(value, []byte("\n"))
		names, values, problem := d.convert(value)
		switch {
		case problem != "":
			return Record{Text: string(value[:min(len(value), MaxRow)]), Row: ports.ImportRow{Line: line, Problem: problem}}, nil
		case names != nil:
			fields, err := d.names.fields(names)
			if err != nil {
				return Record{Names: names, Values: values, Row: ports.ImportRow{Line: line, Problem: fmt.Sprintf("The field %v.", err)}}, nil
			}
			return Record{Names: names, Values: values, Row: importRow(line, fields, values)}, nil
		}
	}
}

// line returns the line that the decoder has reached.
func (d *document) line() int {
	return d.in.newlines - bytes.Count(d.decoder.UnreadBuffer(), []byte("\n")) + 1
}

// explain describes where the document becomes unreadable, without the text
// around it.
func (d *document) explain(err error) error {
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	var syntax *jsontext.SyntacticError
	switch {
	case d.in.err != nil:
		err = d.in.err
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = errors.New("the file ends too early")
	case errors.As(err, &syntax):
		err = errors.New("the file is not valid JSON")
	}
	return fmt.Errorf("line %d: %w", d.line(), err)
}

// meter counts lines and bounds the bytes read for one user.
type meter struct {
	in       io.Reader
	newlines int
	left     int
	err      error // from the reader; the decoder wraps it in an error of its own
}

var errTooLarge = errors.New("a user takes more than 1 MiB")

// Read implements io.Reader.
func (m *meter) Read(p []byte) (int, error) {
	if m.left <= 0 {
		m.err = errTooLarge
		return 0, m.err
	}
	n, err := m.in.Read(p)
	if !errors.Is(err, io.EOF) {
		m.err = err
	}
	m.left -= n
	m.newlines += bytes.Count(p[:n], []byte("\n"))
	return n, err
}
