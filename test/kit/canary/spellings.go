package canary

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

// Spellings returns the forms in which a secret can be written: plain, as JSON,
// in URLs, in hexadecimal, and in base64 at any place inside a longer text.
func Spellings(secret string) []string {
	raw := []byte(secret)
	quoted, err := json.Marshal(secret)
	if err != nil {
		panic(err) // a string always has a JSON form
	}
	hexadecimal := hex.EncodeToString(raw)
	all := []string{
		secret,
		string(quoted[1 : len(quoted)-1]),
		url.QueryEscape(secret),
		url.PathEscape(secret),
		percent(raw, "%%%02X"),
		percent(raw, "%%%02x"),
		hexadecimal,
		strings.ToUpper(hexadecimal),
	}
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		for before := range 3 {
			all = append(all, aligned(encoding, raw, before))
		}
	}
	return all
}

// percent returns a URL form that escapes every byte.
func percent(raw []byte, format string) string {
	var text strings.Builder
	for _, b := range raw {
		fmt.Fprintf(&text, format, b)
	}
	return text.String()
}

// aligned returns the base64 characters that depend only on the secret, if the
// number of bytes before it is before, modulo three.
func aligned(encoding *base64.Encoding, raw []byte, before int) string {
	const bits = 6 // per character
	text := encoding.EncodeToString(append(make([]byte, before), raw...))
	from := (before*8 + bits - 1) / bits
	return text[from : (before+len(raw))*8/bits]
}
