package edge

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The forms that the pipeline checks by hand, as regular expressions.
var (
	goodIDForm    = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)
	fieldNameForm = regexp.MustCompile("^[a-z0-9!#$%&'*+.^_`|~-]{1,64}$")
	goodHostForm  = regexp.MustCompile(`^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$`)
)

// FuzzForms: for any text, the checks by hand decide as the regular expressions do, and a
// plain path is one that the parser of URLs accepts without a query.
func FuzzForms(f *testing.F) {
	for _, seed := range []string{
		"", "a", "/", "//", "/a/b", "/a//b", "/a?b", "*", "a.b:80", "[::1]:8000", "[]", "[::1", "[::1]:", "a:", ":80", "a:123456", "a:1a", "[a]b", "é", "a\n", "/a/%41", "/.", "/..",
		"0123456789012345678901234567890123456789012345678901234567890123", "01234567890123456789012345678901234567890123456789012345678901234",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		assert.Equal(t, goodIDForm.MatchString(text), isGoodRequestID([]byte(text)))
		if text != "" {
			assert.Equal(t, goodHostForm.MatchString(text), isGoodHost([]byte(text)))
		}
		if isPlainPath([]byte(text)) {
			u, err := url.ParseRequestURI(text)
			require.NoError(t, err)
			assert.Equal(t, text, u.Path)
			assert.Empty(t, u.RawQuery)
			assert.Empty(t, u.Host)
		}
	})
}

// FuzzFieldNames: for any text, the names of headers that pages ask for are checked as the
// regular expression does, and no other name comes into the answer.
func FuzzFieldNames(f *testing.F) {
	for _, seed := range []string{
		"", "a", "x-trace", "X-Trace", "a,b", " a , b ", ",", "a b", "a:b", "a\r\nb", "*", "!#$%&'*+.^_`|~-", "é", "\xff", "\u017f", "\u212a", "a\x00", "(a)", "\"a\"", "auth-user", "authorization",
		strings.Repeat("a", maxFieldName), strings.Repeat("a", maxFieldName+1), strings.Repeat("é", maxFieldName/2),
	} {
		f.Add(seed)
	}
	c := cors{sent: "Authorization", gateways: []string{"auth-", "forwarded"}}
	f.Fuzz(func(t *testing.T, text string) {
		assert.Equal(t, fieldNameForm.MatchString(text), isFieldName(text))
		want := c.sent
		for name := range strings.SplitSeq(text, ",") {
			name = strings.ToLower(strings.TrimSpace(name))
			if fieldNameForm.MatchString(name) && name != "*" && name != "forwarded" && !strings.HasPrefix(name, "auth-") {
				want += ", " + name
			}
		}
		assert.Equal(t, want, c.sentFor(text))
	})
}

// originForm is an origin as browsers send it (RFC 6454 section 6.2): without a path, a
// user, a query and capitals.
var originForm = regexp.MustCompile(`^https?://[^/?#@\\\sA-Z]+$`)

// FuzzOrigins: a list of origins that is accepted holds nothing but origins, and allows
// exactly these.
func FuzzOrigins(f *testing.F) {
	for _, seed := range []string{
		"https://app.example.com", "http://localhost:3000", "https://[::1]:8443", "*", "null", "https://", "https://a/", "https://a/b", "https://a?b", "https://a#b", "https://u@a", "HTTPS://a", "https://A",
		"ftp://a", "https://a b", "https://a\n", "https://a\\b", "https:a", "//a", "https://a%2f", "https://é", "https://a:port", "https://a:", "https://.",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		origins, err := ParseOrigins([]string{text, "https://app.example.com"})
		if err != nil {
			return
		}
		assert.Regexp(t, originForm, text)
		assert.Equal(t, map[string]bool{text: true, "https://app.example.com": true}, origins.allowed)
	})
}
