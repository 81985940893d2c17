package transfer

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Writer writes users. Call Flush at the end.
type Writer struct {
	columns []string
	csv     *csv.Writer
	json    *jsontext.Encoder
	begun   bool
}

// NewWriter returns a writer of users with the columns of an export. Errors: an
// unknown format.
func NewWriter(w io.Writer, format Format, columns []string) (*Writer, error) {
	switch format {
	case CSV:
		return &Writer{columns: columns, csv: csv.NewWriter(w)}, nil
	case JSONLines:
		return &Writer{columns: columns, json: jsontext.NewEncoder(w)}, nil
	}
	return nil, fmt.Errorf("unknown format %q; use csv or jsonl", format)
}

// begin writes the header once.
func (w *Writer) begin() error {
	if w.begun || w.csv == nil {
		return nil
	}
	w.begun = true
	return w.csv.Write(w.columns)
}

// Flush writes buffered users, and the header even if there are none. Errors:
// those of the underlying writer.
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

// WriteUser writes a user. CSV has a header with the columns, and an apostrophe
// before values that a spreadsheet would take for formulas; JSON Lines leave out
// empty values. Errors: those of the underlying writer.
func (w *Writer) WriteUser(u ports.TransferUser) error {
	s := u.User.Snapshot()
	values := map[string]string{
		fieldID: s.ID.String(), fieldLegacyID: u.LegacyID, fieldEmail: s.Email, fieldPasswordHash: s.PasswordHash, fieldRole: promisedRole(u.User), fieldStatus: s.Status,
		fieldEmailVerified: strconv.FormatBool(s.EmailVerified), fieldCreatedAt: stamp(s.CreatedAt), fieldUpdatedAt: stamp(s.UpdatedAt),
		fieldChange: strconv.FormatBool(u.User.PasswordChangeRequired()),
	}
	if m := u.Metadata; m != nil && !m.IsEmpty() {
		values[fieldProfile], values[fieldApp] = m.Profile(), m.App()
	}
	row := make([]string, len(w.columns))
	for i, name := range w.columns {
		row[i] = values[name]
	}
	if w.json != nil {
		return writeUser(w.json, w.columns, row)
	}
	if err := w.begin(); err != nil {
		return err
	}
	for i, value := range row {
		row[i] = guarded(value)
	}
	return w.csv.Write(row)
}

// promisedRole returns the role that the user has, or gets by accepting the invitation: the import
// withholds a role above user until the address is confirmed, or makes it part of an invitation.
func promisedRole(user *domain.User) string {
	if invited := user.InvitedRole(); invited != "" {
		return invited.String()
	}
	return user.Snapshot().Role
}

// writeUser writes one line, without empty values. Profile and app are objects, and
// email_verified and password_change_required are booleans.
func writeUser(out *jsontext.Encoder, names, values []string) error {
	if err := out.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for i, name := range names {
		if values[i] == "" {
			continue
		}
		value := jsontext.Value(values[i])
		if !isObject(name) && !isBoolean(name) {
			value, _ = jsontext.AppendQuote(nil, values[i]) // what is stored is valid UTF-8
		}
		if err := errors.Join(out.WriteToken(jsontext.String(name)), out.WriteValue(value)); err != nil {
			return err
		}
	}
	return out.WriteToken(jsontext.EndObject)
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }
