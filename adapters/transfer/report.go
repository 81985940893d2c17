package transfer

import (
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Report writes refused rows as JSON Lines, whatever format they were read from.
// Rows of files with different columns can thus stand in one report, which is
// corrected and read again.
type Report struct{ json *jsontext.Encoder }

// NewReport returns a report, which is empty until a row is written.
func NewReport(w io.Writer) *Report {
	return &Report{jsontext.NewEncoder(w, jsontext.AllowInvalidUTF8(true))}
}

// Write writes a row of a file with the reason for its refusal, and with its
// names and values, or with its text if it could not be split. Errors: those of
// the underlying writer.
func (p *Report) Write(file string, r Record, reason string) error {
	names := []string{ReportFile, ReportLine, ReportReason, ReportRow}
	text := strings.ReplaceAll(strings.ToValidUTF8(r.Text, "\ufffd"), "\x00", "\ufffd")
	values := []string{strings.ToValidUTF8(file, "\ufffd"), strconv.Itoa(r.Row.Line), reason, text}
	for i, name := range r.Names {
		if !slices.Contains(names[:4], name) {
			names, values = append(names, name), append(values, r.Values[i])
		}
	}
	return writeObject(p.json, names, values)
}

// writeObject writes one line, without empty values.
func writeObject(out *jsontext.Encoder, names, values []string) error {
	tokens := []jsontext.Token{jsontext.BeginObject}
	for i, name := range names {
		if values[i] != "" {
			tokens = append(tokens, jsontext.String(name), jsontext.String(values[i]))
		}
	}
	for _, token := range append(tokens, jsontext.EndObject) {
		if err := out.WriteToken(token); err != nil {
			return err
		}
	}
	return nil
}
