package transfer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/seed543b3b27/auth-service/ports"
)

// The names of the fields.
const (
	fieldID            = "id"
	fieldLegacyID      = "legacy_id"
	fieldEmail         = "email"
	fieldPasswordHash  = "password_hash"
	fieldRole          = "role"
	fieldStatus        = "status"
	fieldDisabled      = "disabled"
	fieldEmailVerified = "email_verified"
	fieldChange        = "password_change_required"
	fieldCreatedAt     = "created_at"
	fieldUpdatedAt     = "updated_at"
	fieldProfile       = "profile"
	fieldApp           = "app"
)

// The names of notes about a user, which readers of other software's exports add. They are
// not stored. Their underscore keeps them apart from the columns of a file; a report holds
// them, so that correcting it loses none.
const (
	// fieldUsername is the name by which the user signs in there.
	fieldUsername = "_username"
	// fieldLeft lists the kinds of state that the import leaves out.
	fieldLeft = "_left_out"
)

// isObject reports whether the values of a field are JSON objects.
func isObject(field string) bool { return field == fieldProfile || field == fieldApp }

// isBoolean reports whether the values of a field are written as booleans.
func isBoolean(field string) bool { return field == fieldEmailVerified || field == fieldChange }

// Fields returns the names of the fields of a user, in the order in which they
// are written.
func Fields() []string {
	return []string{
		fieldID, fieldLegacyID, fieldEmail, fieldPasswordHash, fieldRole, fieldStatus, fieldDisabled, fieldEmailVerified, fieldCreatedAt, fieldUpdatedAt,
		fieldProfile, fieldApp, fieldChange,
	}
}

// The names that a report adds to a row. They are ignored when the report is
// read.
const (
	ReportFile   = "_file"
	ReportLine   = "_line"
	ReportReason = "_reason"
	ReportRow    = "_row"
)

// naming maps the names in a file to fields.
type naming struct {
	renamed map[string]string
	ignored map[string]bool
}

// newNaming returns the naming of options that were checked.
func newNaming(o Options) naming {
	n := naming{o.Map, map[string]bool{ReportFile: true, ReportLine: true, ReportReason: true, ReportRow: true}}
	for _, name := range o.Ignore {
		n.ignored[name] = true
	}
	return n
}

// field returns the field of a name; it is empty if the name is ignored. Errors:
// an unknown name.
func (n naming) field(name string) (string, error) {
	if n.ignored[name] {
		return "", nil
	}
	if ours, ok := n.renamed[name]; ok {
		return ours, nil
	}
	if slices.Contains(Fields(), name) || name == fieldUsername || name == fieldLeft {
		return name, nil
	}
	return "", fmt.Errorf("%s is not a known field; map it to a field with --map, or skip it with --ignore", shown(name))
}

// shown quotes a name for a message, and shortens a long one.
func shown(name string) string {
	const most = 64
	if len(name) > most {
		name = strings.ToValidUTF8(name[:most], "") + "…"
	}
	return strconv.Quote(name)
}

// fields returns the fields of several names, in their order. Errors: an unknown
// name, or two names of the same field.
func (n naming) fields(names []string) ([]string, error) {
	fields := make([]string, len(names))
	for i, name := range names {
		field, err := n.field(name)
		if err != nil {
			return nil, err
		}
		if field != "" && slices.Contains(fields[:i], field) {
			return nil, fmt.Errorf("%s is given twice", shown(field))
		}
		fields[i] = field
	}
	return fields, nil
}

// importRow builds a row from fields and their values.
func importRow(line int, fields, values []string) ports.ImportRow {
	row := ports.ImportRow{Line: line}
	var disabled, left string
	targets := map[string]*string{
		fieldID: &row.ID, fieldLegacyID: &row.LegacyID, fieldEmail: &row.Email, fieldPasswordHash: &row.PasswordHash, fieldRole: &row.Role,
		fieldStatus: &row.Status, fieldDisabled: &disabled, fieldEmailVerified: &row.EmailVerified, fieldCreatedAt: &row.CreatedAt, fieldUpdatedAt: &row.UpdatedAt,
		fieldChange: &row.PasswordChangeRequired, fieldProfile: &row.Profile, fieldApp: &row.App,
		fieldUsername: &row.Username, fieldLeft: &left,
	}
	for i, field := range fields {
		if target := targets[field]; target != nil {
			*target = values[i]
		}
	}
	if left != "" {
		row.LeftOut = strings.Fields(left)
	}
	if disabled == "" {
		return row
	}
	isDisabled, err := strconv.ParseBool(disabled)
	status := map[bool]string{true: "disabled", false: "active"}[isDisabled]
	switch {
	case err != nil:
		return ports.ImportRow{Line: line, Problem: "disabled must be true or false."}
	case row.Status != "" && row.Status != status:
		return ports.ImportRow{Line: line, Problem: "status and disabled contradict each other."}
	}
	row.Status = status
	return row
}

// textProblem returns the reason why text cannot be read; empty if it can.
func textProblem(text string) string {
	switch {
	case !utf8.ValidString(text):
		return "The row is not valid UTF-8."
	case strings.ContainsRune(text, 0):
		return "The row holds a NUL character."
	}
	return ""
}
