package transfer

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed543b3b27/auth-service/ports"
)

// Writer writes rows. Flush it at the end.
type Writer struct {
	columns []string
	csv     *csv.Writer
	json    *jsontext.Encoder
	begun   bool
}

// NewWriter returns a writer of rows with the columns. Errors: there is no such format.
func NewWriter(w io.Writer, format Format, columns []string) (*Writer, error) {
	switch format {
	case CSV:
		return &Writer{columns: columns, csv: csv.NewWriter(w)}, nil
	case JSONLines:
		return &Writer{columns: columns, json: jsontext.NewEncoder(w, jsontext.AllowInvalidUTF8(true))}, nil
	}
	return nil, fmt.Errorf("there is no format %q; there are csv and jsonl", format)
}

// Write writes a row. CSV has a header of the columns and leaves out every other
// name; JSON Lines leave out what is empty. Errors: those of the underlying writer.
func (w *Writer) Write(names, values []string) error {
	if w.json != nil {
		return w.writeObject(names, values)
	}
	if err := w.begin(); err != nil {
		return err
	}
	row := make([]string, len(w.columns))
	for i, name := range names {
		if at := slices.Index(w.columns, name); at >= 0 && i < len(values) {
			row[at] = values[i]
		}
	}
	return w.csv.Write(row)
}

// begin writes the header once.
func (w *Writer) begin() error {
	if w.begun || w.csv == nil {
		return nil
	}
	w.begun = true
	return w.csv.Write(w.columns)
}

func (w *Writer) writeObject(names, values []string) error {
	tokens := []jsontext.Token{jsontext.BeginObject}
	for i, name := range names {
		if i < len(values) && values[i] != "" {
			tokens = append(tokens, jsontext.String(name), jsontext.String(values[i]))
		}
	}
	for _, token := range append(tokens, jsontext.EndObject) {
		if err := w.json.WriteToken(token); err != nil {
			return err
		}
	}
	return nil
}

// Flush writes what is left, the header of an empty file too. Errors: those of the
// underlying writer.
func (w *Writer) Flush() error {
	if w.csv == nil {
		return nil
	}
	if err := w.begin(); err != nil {
		return err
	}
	w.csv.Flush()
	return w.csv.Error()
}

// ExportColumns returns the columns of an export.
func ExportColumns(withPasswordHashes bool) []string {
	return slices.DeleteFunc(Fields(), func(name string) bool {
		return name == fieldDisabled || name == fieldPasswordHash && !withPasswordHashes
	})
}

// WriteUser writes a user by the columns of an export. Errors: as Write.
func (w *Writer) WriteUser(u ports.TransferUser) error {
	s := u.User.Snapshot()
	values := map[string]string{
		fieldID: s.ID.String(), fieldLegacyID: u.LegacyID, fieldEmail: s.Email, fieldPasswordHash: s.PasswordHash, fieldRole: s.Role, fieldStatus: s.Status,
		fieldEmailVerified: strconv.FormatBool(s.EmailVerified), fieldCreatedAt: stamp(s.CreatedAt), fieldUpdatedAt: stamp(s.UpdatedAt),
	}
	row := make([]string, len(w.columns))
	for i, name := range w.columns {
		row[i] = values[name]
	}
	return w.Write(w.columns, row)
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// WriteRefused writes a row that was refused, and why. Errors: as Write.
func (w *Writer) WriteRefused(r Record, reason string) error {
	names := []string{ReportLine, ReportReason, ReportRow}
	values := []string{strconv.Itoa(r.Line), reason, strings.ReplaceAll(strings.ToValidUTF8(r.Text, "\ufffd"), "\x00", "\ufffd")}
	for i, name := range r.Names {
		if i < len(r.Values) && !isReportField(name) {
			names, values = append(names, name), append(values, r.Values[i])
		}
	}
	return w.Write(names, values)
}

func isReportField(name string) bool {
	return name == ReportLine || name == ReportReason || name == ReportRow
}
