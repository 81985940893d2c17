package transfer_test

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/transfer"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// exported returns the CSV of a user with a legacy id and an address, and its row of
// values.
func exported(t testing.TB, legacyID, email string) (text string, values []string) {
	t.Helper()
	address, err := domain.ParseEmail(email)
	require.NoError(t, err)
	user := domain.NewUser(domain.UserID{1}, address, domain.NewPasswordHash("!"), domain.RoleUser, time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC))
	var out strings.Builder
	writer, err := transfer.NewWriter(&out, transfer.CSV, transfer.ExportColumns(false))
	require.NoError(t, err)
	require.NoError(t, writer.WriteUser(ports.TransferUser{User: user, LegacyID: legacyID}))
	require.NoError(t, writer.Flush())
	records, err := csv.NewReader(strings.NewReader(out.String())).ReadAll()
	require.NoError(t, err)
	require.Len(t, records, 2)
	return out.String(), records[1]
}

// F-A26: no cell of an export is a formula to a spreadsheet, and an import reads what
// was exported, even if a value begins with the guard itself.
func TestCSV_GuardsFormulasAndReadsThemBack(t *testing.T) {
	t.Parallel()
	for _, start := range []string{"", "=", "+", "-", "@", "\t", "＝", "＋", "－", "＠", "'", "''", "'=", "''=", "'''@", "'a", "a=", "\"=", "\"", " =", ",="} {
		for _, rest := range []string{"", "1+2", "'", "HYPERLINK(\"https://example.com\",\"x\")"} {
			value := start + rest
			text, values := exported(t, value, "=cmd@example.com")
			for _, cell := range values {
				assert.NotZero(t, strings.IndexAny(cell, "=+-@\t\r\n＝＋－＠"), "%q writes %q", value, cell)
			}
			rows := rows(readAll(t, text, transfer.Options{}))
			require.Len(t, rows, 1)
			assert.Empty(t, rows[0].Problem)
			assert.Equal(t, value, rows[0].LegacyID, text)
			assert.Equal(t, "=cmd@example.com", rows[0].Email, text)
		}
	}
}

// F-A26: a guard of other software is taken away, and an apostrophe that is none
// stays. In JSON nothing is a guard.
func TestRead_TakesGuardsAwayFromCSVAlone(t *testing.T) {
	t.Parallel()
	for written, read := range map[string]string{
		"'=1": "=1", "'+1": "+1", "'-1": "-1", "'@x": "@x", "''": "'", "'": "'", "'tis": "'tis", "=1": "=1", "x'=": "x'=",
	} {
		text := fmt.Sprintf("email,legacy_id\na@example.com,%s\n", written)
		assert.Equal(t, read, rows(readAll(t, text, transfer.Options{}))[0].LegacyID, written)
		text = fmt.Sprintf("{\"email\":\"a@example.com\",\"legacy_id\":%q}\n", written)
		assert.Equal(t, written, rows(readAll(t, text, transfer.Options{}))[0].LegacyID, written)
	}
}

// FuzzCSV: whatever a value begins with, it comes back.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{"", "'", "=1", "'=1", "''", "\t'", "+\"a\",b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if strings.ToValidUTF8(value, "") != value || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			t.Skip("an identifier has no such characters")
		}
		text, _ := exported(t, value, "a@example.com")
		assert.Equal(t, value, rows(readAll(t, text, transfer.Options{}))[0].LegacyID)
	})
}
