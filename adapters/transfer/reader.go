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

// Format is the format of a file.
type Format string

// The formats.
const (
	// CSV is RFC 4180 with a header.
	CSV Format = "csv"
	// JSONLines has one object per line.
	JSONLines Format = "jsonl"
)

// Origin is the software that made an export.
type Origin string

// The origins.
const (
	// Keycloak writes a realm, or its users, as one JSON document.
	Keycloak Origin = "keycloak"
	// Kratos returns identities as JSON.
	Kratos Origin = "kratos"
)

// Limits of the size of one user, in bytes.
const (
	// MaxRow bounds a row of CSV or JSON Lines.
	MaxRow = 64 << 10
	// MaxValue bounds a user in the JSON of other software.
	MaxValue = 1 << 20
)

// Options describe a file. The zero value detects CSV and JSON Lines.
type Options struct {
	Format Format
	From   Origin
	// Map maps names in the file to fields; Fields lists the fields.
	Map map[string]string
	// Ignore lists names in the file to skip.
	Ignore []string
}

// Record is a row of the file.
type Record struct {
	// Names and Values are the row's contents, as far as they could be read.
	Names, Values []string
	// Text is the row itself if it could not be split into values, at most MaxRow
	// bytes.
	Text string
	// Row is the row to import: its line, and its Problem if it could not be
	// read.
	Row ports.ImportRow
}

// Reader reads users. It is not safe for concurrent use.
type Reader struct {
	next func() (Record, error)
}

// Check checks the options. Errors: an unknown format or origin, or a name that
// is mapped to an unknown field.
func (o Options) Check() error {
	if o.Format != "" && o.Format != CSV && o.Format != JSONLines {
		return fmt.Errorf("unknown format %q; use csv or jsonl", o.Format)
	}
	if o.From != "" && o.From != Keycloak && o.From != Kratos {
		return fmt.Errorf("unknown origin %q; use keycloak or kratos", o.From)
	}
	for theirs, ours := range o.Map {
		if !slices.Contains(Fields(), ours) {
			return fmt.Errorf("unknown field %q for %q; the fields are %s", ours, theirs, strings.Join(Fields(), ", "))
		}
	}
	return nil
}

// NewReader begins to read a file. Errors: the reason why the file cannot be read
// as users.
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
		return &Reader{newDocument(in, newNaming(o), new(keycloakUsers).seek, keycloakRow).next}, nil
	case Kratos:
		return &Reader{newDocument(in, newNaming(o), identities, kratosRow).next}, nil
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

// Next returns the next row. Errors: io.EOF after the last one, or the reason why
// the rest of the file cannot be read.
func (r *Reader) Next() (Record, error) { return r.next() }

// skipMark skips the byte order mark of UTF-8. Errors: the file is UTF-16.
func skipMark(in *bufio.Reader) error {
	mark, _ := in.Peek(3) // a shorter file has no mark; other errors return at the next read
	switch {
	case bytes.HasPrefix(mark, []byte{0xef, 0xbb, 0xbf}):
		_, err := in.Discard(3)
		return err
	case bytes.HasPrefix(mark, []byte{0xff, 0xfe}), bytes.HasPrefix(mark, []byte{0xfe, 0xff}):
		return errors.New("the file is UTF-16; convert it to UTF-8: iconv -f UTF-16 -t UTF-8")
	}
	return nil
}

// recognise decides between JSON Lines and CSV by the first character that is not
// white space: a CSV header never begins with a brace or a bracket.
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
