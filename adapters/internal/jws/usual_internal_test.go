package jws

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzUsual: what the short ways read of a text, encoding/json and the general reader read
// alike.
func FuzzUsual(f *testing.F) {
	for _, seed := range []string{
		`{"alg":"HS256","kid":"a","typ":"at+jwt"}`, `{"alg":"","kid":"","typ":""}`, `{"alg":"a","kid":"b","typ":"c","x":1}`, `{"alg":"\"","kid":"b","typ":"c"}`,
		`{"kid":"b","alg":"a","typ":"c"}`, `{"alg":"a","kid":"é","typ":"c"}`, `["a","b"]`, `[]`, `["a" ]`, `[ "a"]`, `["a",1]`, `[null]`, `[[]]`, `["\u0061"]`, `["",""]`, `["a,b","]"]`, "null", `""`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if h, usual := usualHeader(text); usual {
			o, err := readObject([]byte(text), 3)
			require.NoError(t, err)
			var want header
			require.NoError(t, o.Get("alg", &want.algorithm))
			require.NoError(t, o.Get("kid", &want.keyID))
			require.NoError(t, o.Get("typ", &want.typ))
			require.Len(t, o, 3)
			require.Equal(t, want, h)
		}
		if !json.Valid([]byte(text)) {
			return
		}
		if list, usual := ReadStrings(json.RawMessage(text)); usual {
			var want []string
			require.NoError(t, json.Unmarshal([]byte(text), &want))
			require.Len(t, list, len(want))
		}
	})
}
