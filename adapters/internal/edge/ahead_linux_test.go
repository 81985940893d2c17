package edge

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A request may arrive in any pieces, and several in one: what was read ahead is neither
// lost nor read twice.
func TestAhead_KeepsTheBytesInOrder(t *testing.T) {
	t.Parallel()
	b := start(t, testConfig())
	whole := "GET /api/public HTTP/1.1\r\n" + host + "X-Long: " + strings.Repeat("x", 2*aheadBytes) + "\r\n\r\n"
	for name, pieces := range map[string][]string{
		"at once":            {whole},
		"byte by byte":       strings.Split(whole[:40], ""),
		"first byte alone":   {whole[:1], whole[1:]},
		"more than a buffer": {whole[:aheadBytes+1], whole[aheadBytes+1:]},
		"two in one":         {whole + whole},
	} {
		r := dial(t, b.address())
		want := 1
		if name == "byte by byte" {
			pieces = append(pieces, whole[40:])
		}
		if name == "two in one" {
			want = 2
		}
		for _, piece := range pieces {
			r.send(piece)
		}
		for range want {
			assert.Equal(t, 200, r.receive().StatusCode, name)
		}
		r.send(whole) // the connection goes on
		assert.Equal(t, 200, r.receive().StatusCode, name)
	}
}
