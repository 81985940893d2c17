package transfer

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/seed543b3b27/auth-service/ports"
)

// Format is how a file is written.
type Format string

// The formats.
const (
	// CSV is RFC 4180 with a header.
	CSV Format = "csv"
	// JSONLines is an object a line.
	JSONLines Format = "jsonl"
)

// Origin is the software whose export is read.
type Origin string

// The origins.
const (
	// Keycloak writes a realm, or its users, as one JSON document.
	Keycloak Origin = "keycloak"
	// Kratos answers identities as JSON.
	Kratos Origin = "kratos"
)

// Limits of what one user may take, in bytes.
const (
	// MaxRow bounds a row of CSV or JSON Lines.
	MaxRow = 64 << 10
	// MaxValue bounds a user in the JSON of other software.
	MaxValue = 1 << 20
)

// Options say how to read a file. The zero value recognises CSV and JSON Lines.
type Options struct {
	Format Format
	From   Origin
	// Map gives fields to names of the file, as Fields has them.
	Map map[string]string
	// Ignore are names of the file that are left out.
	Ignore []string
}

// Record is a row as it was given.
type Record struct {
	// Names and Values are what it consists of, as far as it could be read.
	Names, Values []string
	// Text is the row itself where it could not be taken apart, at most MaxRow
	// bytes.
	Text string
	// Row is what is to be imported: its line, and its Problem if it could not be read.
	Row ports.ImportRow
}

// Reader reads users. It is not safe for concurrent use.
type Reader struct {
	next func() (Record, error)
}

// Check tells whether the options can be met. Errors: a format or an origin that
// there is no reader for, a name that is mapped to no field.
func (o Options) Check() error {
	if o.Format != "" && o.Format != CSV && o.Format != JSONLines {
		return fmt.Errorf("there is no format %q; there are csv and jsonl", o.Format)
	}
	if o.From != "" && o.From != Keycloak && o.From != Kratos {
		return fmt.Errorf("there is no reader for exports of %q; there are keycloak and kratos", o.From)
	}
	for theirs, ours := range o.Map {
		if !slices.Contains(Fields(), ours) {
			return fmt.Errorf("there is no field %q to map %q to; the fields are %s", ours, theirs, strings.Join(Fields(), ", "))
		}
	}
	return nil
}

// NewReader begins to read a file. Errors: it cannot be read as users at all, and
// why.
func NewReader(r io.Reader, o Options) (*Reader, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	in := bufio.NewReaderSize(r, MaxRow)
	if err := skipMark(in); err != nil {
		return nil, err
	}
	switch o.From {
	case Keycloak:
		return &Reader{newDocument(in, new(keycloakUsers).seek, keycloakRow).next}, nil
	case Kratos:
		return &Reader{newDocument(in, identities, kratosRow).next}, nil
	}
	names, format := newNaming(o), o.Format
	if format == "" {
		format = recognise(in)
	}
	lines := &lineReader{in: in}
	if format == CSV {
		csv, err := newCSVReader(lines, names)
		if err != nil {
			return nil, err
		}
		return &Reader{csv.next}, nil
	}
	if first, _ := in.Peek(1); string(first) == "[" { // an empty file has no users
		return nil, errors.New("the file is one JSON array; make it JSON Lines, one object a line: jq -c '.[]'")
	}
	return &Reader{(&jsonReader{lines, names}).next}, nil
}

// Next returns the next row. Errors: io.EOF after the last one; the rest of the file
// cannot be read, and why.
func (r *Reader) Next() (Record, error) { return r.next() }

// skipMark skips the byte order mark of UTF-8. Errors: the file is UTF-16.
func skipMark(in *bufio.Reader) error {
	mark, _ := in.Peek(3) // a shorter file has none; other errors come again
	switch {
	case bytes.HasPrefix(mark, []byte{0xef, 0xbb, 0xbf}):
		_, err := in.Discard(3)
		return err
	case bytes.HasPrefix(mark, []byte{0xff, 0xfe}), bytes.HasPrefix(mark, []byte{0xfe, 0xff}):
		return errors.New("the file is UTF-16; convert it to UTF-8: iconv -f UTF-16 -t UTF-8")
	}
	return nil
}

// recognise tells JSON Lines from CSV by the first character that is no white
// space: no header begins with a brace or a bracket.
func recognise(in *bufio.Reader) Format {
	for n := 1; n <= MaxRow; n++ {
		start, err := in.Peek(n)
		if err != nil {
			return CSV
		}
		if c := start[n-1]; !slices.Contains([]byte(" \t\r\n"), c) {
			if c == '{' || c == '[' {
				return JSONLines
			}
			return CSV
		}
	}
	return CSV
}
