package transfer_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/transfer"
	"github.com/seed543b3b27/auth-service/ports"
)

// readAll reads a file to its end, in small pieces.
func readAll(t testing.TB, text string, o transfer.Options) []transfer.Record {
	t.Helper()
	all, err := tryRead(iotest.HalfReader(strings.NewReader(text)), o)
	require.NoError(t, err)
	return all
}

func tryRead(in io.Reader, o transfer.Options) ([]transfer.Record, error) {
	reader, err := transfer.NewReader(in, o)
	if err != nil {
		return nil, err
	}
	var all []transfer.Record
	for {
		record, err := reader.Next()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, record)
	}
}

// rows returns the rows to import.
func rows(records []transfer.Record) []ports.ImportRow {
	var all []ports.ImportRow
	for _, r := range records {
		all = append(all, r.Row)
	}
	return all
}

var full = ports.ImportRow{
	Line: 2, ID: "0190a0a0-1111-4222-8333-000000000001", LegacyID: "42", Email: "ada@example.com", PasswordHash: "$2b$12$x", Role: "admin",
	Status: "disabled", EmailVerified: "true", CreatedAt: "2020-01-02T03:04:05Z", UpdatedAt: "2021-01-02T03:04:05Z",
}

const fullHeader = "id,legacy_id,email,password_hash,role,status,email_verified,created_at,updated_at"

const fullCSV = fullHeader + "\n" +
	"0190a0a0-1111-4222-8333-000000000001,42,ada@example.com,$2b$12$x,admin,disabled,true,2020-01-02T03:04:05Z,2021-01-02T03:04:05Z\n"

const fullJSON = `{"id":"0190a0a0-1111-4222-8333-000000000001","legacy_id":42,"email":"ada@example.com","password_hash":"$2b$12$x","role":"admin",` +
	`"status":"disabled","email_verified":true,"created_at":"2020-01-02T03:04:05Z","updated_at":"2021-01-02T03:04:05Z"}` + "\n"

func TestReader_RecognisesItsFormats(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		fullCSV, "\ufeff" + fullCSV, strings.ReplaceAll(fullCSV, "\n", "\r\n"), strings.TrimSuffix(fullCSV, "\n"),
		strings.ReplaceAll(fullCSV, "ada@example.com", `"ada@example.com"`), "id, legacy_id ,email" + strings.TrimPrefix(fullCSV, "id,legacy_id,email"),
	} {
		assert.Equal(t, []ports.ImportRow{full}, rows(readAll(t, text, transfer.Options{})), text)
	}
	for _, text := range []string{fullJSON, "\ufeff" + fullJSON, "\n" + strings.TrimSuffix(fullJSON, "\n") + "\r\n"} {
		got := rows(readAll(t, text, transfer.Options{}))
		require.Len(t, got, 1)
		got[0].Line = 2
		assert.Equal(t, full, got[0], text)
	}
}

func TestReader_UnderstandsDisabledAndNull(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]ports.ImportRow{
		`{"email":"a@example.com","disabled":true}`:                      {Status: "disabled"},
		`{"email":"a@example.com","disabled":false,"status":null}`:       {Status: "active"},
		`{"email":"a@example.com","disabled":"f","status":"active"}`:     {Status: "active"},
		`{"email":"a@example.com","disabled":"","status":"active"}`:      {Status: "active"},
		`{"email":"a@example.com","disabled":true,"status":"active"}`:    {Problem: "status and disabled contradict each other."},
		`{"email":"a@example.com","disabled":"perhaps"}`:                 {Problem: "disabled must be true or false."},
		`{"email":"a@example.com","password_hash":null,"_reason":"old"}`: {},
	} {
		want.Line = 1
		if want.Problem == "" {
			want.Email = "a@example.com"
		}
		assert.Equal(t, []ports.ImportRow{want}, rows(readAll(t, text, transfer.Options{})), text)
	}
}

func TestReader_NamesCanBeMappedAndLeftOut(t *testing.T) {
	t.Parallel()
	o := transfer.Options{Map: map[string]string{"mail": "email", "pw": "password_hash"}, Ignore: []string{"phone", "name"}}
	want := []ports.ImportRow{{Line: 2, Email: "a@example.com", PasswordHash: "h"}}
	assert.Equal(t, want, rows(readAll(t, "name,mail,phone,pw\nAda,a@example.com,1,h\n", o)))
	want[0].Line = 1
	assert.Equal(t, want, rows(readAll(t, `{"name":"Ada","mail":"a@example.com","phone":1,"pw":"h"}`, o)))
	_, err := tryRead(strings.NewReader("mail\n"), transfer.Options{Map: map[string]string{"mail": "address"}})
	require.ErrorContains(t, err, `unknown field "address"`)
}

// A file that cannot be read at all is refused before the first row.
func TestReader_RefusesFilesThatItCannotRead(t *testing.T) {
	t.Parallel()
	for says, text := range map[string]string{
		"the file is empty":                         "",
		"the file is empty ":                        "\n\r\n  \n",
		"names no column \"email\"":                 "id,role\n",
		"not by semicolons or tabs":                 "email;role\na@example.com;user\n",
		"not by semicolons or tabs ":                "email\trole\n",
		"names the column \"email\" twice":          "email,email\n",
		"\"email\" is given twice":                  "email,mail\n",
		"\"phone\" is not a known field":            "email,phone\n",
		"\"\" is not a known field":                 "email,\n",
		"The row is not valid UTF-8.":               "email,\xff\n",
		"The row holds a NUL":                       "em\x00ail\n",
		"the file is UTF-16":                        "\xff\xfee\x00m\x00",
		"the header cannot be read: The row is not": "email,\"role\n",
		"longer than 64 KiB":                        "email," + strings.Repeat("x", 64<<10) + "\n",
		"jq -c '.[]'":                               `[{"email":"a@example.com"}]`,
	} {
		_, err := tryRead(strings.NewReader(text), transfer.Options{Map: map[string]string{"mail": "email"}})
		require.ErrorContains(t, err, strings.TrimSpace(says))
	}
	for _, o := range []transfer.Options{{Format: "xml"}, {From: "okta"}} {
		_, err := tryRead(strings.NewReader("email\n"), o)
		require.ErrorContains(t, err, "unknown")
	}
	_, err := tryRead(io.MultiReader(strings.NewReader("email\na@example.com\n"), iotest.ErrReader(io.ErrClosedPipe)), transfer.Options{})
	require.ErrorIs(t, err, io.ErrClosedPipe, "a read error is not the end of the file")
}

// The rows around a bad row are read, each with its line.
func TestReader_ABadRowIsItsOwnProblem(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 10<<20)
	for says, bad := range map[string]string{
		"not valid UTF-8":              "b\xff@example.com,user",
		"holds a NUL":                  "b\x00@example.com,user",
		"has 3 columns, the":           "b@example.com,user,",
		"has 1 columns":                "b@example.com",
		"is not valid CSV":             `b""@example.com,user`,
		"is not valid CSV: extraneous": `"b"@example.com,"user"`,
		"longer than 64 KiB":           long + ",user",
		"never closed":                 `"b@example.com,user`,
	} {
		records := readAll(t, "email,role\na@example.com,user\n"+bad+"\nc@example.com,user\n\nd@example.com,admin\n", transfer.Options{})
		require.Len(t, records, 4, says)
		assert.Contains(t, records[1].Row.Problem, says)
		assert.LessOrEqual(t, len(records[1].Text), transfer.MaxRow)
		for i, want := range map[int]ports.ImportRow{
			0: {Line: 2, Email: "a@example.com", Role: "user"}, 2: {Line: 4, Email: "c@example.com", Role: "user"}, 3: {Line: 6, Email: "d@example.com", Role: "admin"},
		} {
			assert.Equal(t, want, records[i].Row, says)
		}
		assert.Equal(t, 3, records[1].Row.Line)
	}
	for says, bad := range map[string]string{
		"not valid UTF-8":                   "{\"email\":\"b\xff@example.com\"}",
		"holds a NUL":                       "{\"email\":\"b\x00@example.com\"}",
		"holds a NUL ":                      `{"email":"b\u0000@example.com"}`,
		"names a field twice":               `{"email":"b@example.com","email":"c@example.com"}`,
		"not a JSON object":                 `"b@example.com"`,
		"not valid JSON":                    `{"email":"b@example.com"`,
		"not valid JSON ":                   `{"email":"\ud800"}`,
		"not valid JSON  ":                  `{"email"}`,
		"not valid JSON   ":                 `{"email":"b@example.com",}`,
		"text after its JSON object":        `{"email":"b@example.com"}{}`,
		"must be a text, number or boolean": `{"email":["b@example.com"]}`,
		"\"phone\" is not a known field":    `{"email":"b@example.com","phone":1}`,
		"\"email\" is given twice":          `{"email":"b@example.com","mail":"c@example.com"}`,
		"longer than 64 KiB":                `{"email":"` + long + `"}`,
	} {
		records := readAll(t, `{"email":"a@example.com"}`+"\n"+bad+"\n"+`{"email":"c@example.com"}`, transfer.Options{Map: map[string]string{"mail": "email"}})
		require.Len(t, records, 3, says)
		assert.Contains(t, records[1].Row.Problem, strings.TrimSpace(says))
		assert.Equal(t, ports.ImportRow{Line: 3, Email: "c@example.com"}, records[2].Row, says)
		assert.Equal(t, 2, records[1].Row.Line)
		assert.NotContains(t, records[1].Row.Problem, "b@example.com", "a problem must not repeat a value")
	}
}

func TestReader_QuotedValuesMayHoldLinesAndQuotes(t *testing.T) {
	t.Parallel()
	text := "email,name,role\n\"a@example.com\",\"Ada, \"\"the\r\nfirst\"\"\n\",user\nb@example.com,,user\n"
	got := rows(readAll(t, text, transfer.Options{Ignore: []string{"name"}}))
	assert.Equal(t, []ports.ImportRow{{Line: 2, Email: "a@example.com", Role: "user"}, {Line: 5, Email: "b@example.com", Role: "user"}}, got)
}

// An open quote affects only its own row, even if it could swallow the rest.
func TestReader_AnOpenQuoteAffectsOnlyItsRow(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("email,role\n\"open@example.com,user\n")
	for i := range 5000 {
		fmt.Fprintf(&text, "u%d@example.com,user\n", i)
	}
	got := readAll(t, text.String(), transfer.Options{})
	require.Len(t, got, 5001)
	assert.Contains(t, got[0].Row.Problem, "never closed")
	for i, r := range got[1:] {
		require.Equal(t, ports.ImportRow{Line: i + 3, Email: fmt.Sprintf("u%d@example.com", i), Role: "user"}, r.Row)
	}
}

func FuzzReader(f *testing.F) {
	for _, seed := range []string{fullCSV, fullJSON, "email\n\"", "{", "[", `{"users":[{"id":"x"}]}`, `[{"id":"x","traits":{}}]`, "\xff\xfe", "email\r\n\r\n\"a\r\n"} {
		for _, from := range []string{"", "keycloak", "kratos"} {
			f.Add(seed, from)
		}
	}
	f.Fuzz(func(t *testing.T, text, from string) {
		records, _ := tryRead(strings.NewReader(text), transfer.Options{From: transfer.Origin(from)})
		assert.LessOrEqual(t, len(records), len(text)+1)
		line, report := 0, transfer.NewReport(io.Discard)
		for _, r := range records {
			assert.GreaterOrEqual(t, r.Row.Line, line)
			line = r.Row.Line
			require.NoError(t, report.Write(text, r, "It is wrong."), "every record can be reported")
		}
	})
}
