package transfer_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/transfer"
	"github.com/seed543b3b27/auth-service/ports"
)

func TestReport_IsReadAgainOnceItIsCorrected(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"name,email,role\nAda,a@example.com,root\nBob,b@example.com\n",
		`{"name":"Ada","email":"a@example.com","role":"root"}` + "\n" + `{"email":"b@example.com"` + "\n",
	} {
		o := transfer.Options{Ignore: []string{"name"}}
		for range 2 { // a report of a report
			reader, err := transfer.NewReader(strings.NewReader(text), o)
			require.NoError(t, err)
			var out strings.Builder
			report := transfer.NewReport(&out)
			for range 2 {
				record, err := reader.Next()
				require.NoError(t, err)
				require.NoError(t, report.Write("users.csv", record, "It is wrong."))
			}
			text = out.String()
		}
		assert.Equal(t, 2, strings.Count(text, "It is wrong."), text)
		assert.Contains(t, text, "Ada")
		corrected := rows(readAll(t, strings.Replace(text, "root", "user", 1), o))
		corrected[0].Line = 0
		assert.Equal(t, ports.ImportRow{Email: "a@example.com", Role: "user"}, corrected[0])
	}
}
