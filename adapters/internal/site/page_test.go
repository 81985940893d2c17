package site

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// F-A20: the token comes into the fragment, where the page's router looks for it.
func TestPage_LinksWhereRoutersLook(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"https://app.example.com/confirm":                         "https://app.example.com/confirm#token=T-_1",
		"https://app.example.com/confirm?lang=en":                 "https://app.example.com/confirm?lang=en#token=T-_1",
		"https://app.example.com/#":                               "https://app.example.com/#token=T-_1",
		"https://app.example.com/#a=b":                            "https://app.example.com/#a=b&token=T-_1",
		"https://app.example.com/#/verify":                        "https://app.example.com/#/verify?token=T-_1",
		"https://app.example.com/#/verify?":                       "https://app.example.com/#/verify?token=T-_1",
		"https://app.example.com/#/verify?lang=en":                "https://app.example.com/#/verify?lang=en&token=T-_1",
		"https://app.example.com/#!/verify":                       "https://app.example.com/#!/verify?token=T-_1",
		"https://app.example.com/#/verify/{token}":                "https://app.example.com/#/verify/T-_1",
		"https://app.example.com/#/verify/{token}/now":            "https://app.example.com/#/verify/T-_1/now",
		"https://app.example.com/a?b=c#/verify?t={token}&lang=en": "https://app.example.com/a?b=c#/verify?t=T-_1&lang=en",
	} {
		page, err := ParsePage(value)
		require.NoError(t, err, value)
		got := page.Link("T-_1", "")
		assert.Equal(t, want, got)
		u, err := url.Parse(got)
		require.NoError(t, err)
		assert.NotContains(t, u.RequestURI(), "T-_1", "no server gets the token")
	}
}

// F-A20.
func TestPage_LinksWithTheAccount(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"https://app.example.com/change":                        "https://app.example.com/change#token=T&account=a%2A%2A%2A%40example.com",
		"https://app.example.com/#/change":                      "https://app.example.com/#/change?token=T&account=a%2A%2A%2A%40example.com",
		"https://app.example.com/#/change/{token}":              "https://app.example.com/#/change/T",
		"https://app.example.com/#/change/{token}?of={account}": "https://app.example.com/#/change/T?of=a%2A%2A%2A%40example.com",
	} {
		page, err := ParsePage(value, AccountPlaceholder)
		require.NoError(t, err, value)
		assert.Equal(t, want, page.Link("T", "a***@example.com"))
	}
}

// F-A20.
func TestParsePage_RefusesPlaceholdersThatDoNotWork(t *testing.T) {
	t.Parallel()
	const (
		early   = "must hold {token} after a #, because what stands before it reaches servers and their logs"
		unknown = "holds braces that are no placeholder: write {token}, once, after a #, or leave braces out"
	)
	for value, want := range map[string]string{
		"https://app.example.com/{token}/canary":             early,
		"https://app.example.com/?canary={token}":            early,
		"https://app.example.com/{token}#{token}":            early,
		"https://app.example.com/#/{token}/canary/{token}":   "must hold {token} only once",
		"https://app.example.com/#/canary/{TOKEN}":           unknown,
		"https://app.example.com/#/canary/{{token}}":         unknown,
		"https://app.example.com/#/canary/{code}":            unknown,
		"https://app.example.com/#/canary/{token":            unknown,
		"https://app.example.com/#/canary/{}":                unknown,
		"https://app.example.com/#/canary/%7Btoken%7d":       unknown,
		"https://app.example.com/#/canary/{token}/{account}": unknown,
		"https://app.example.com/canary/{lang}#/{token}":     unknown,
	} {
		_, err := ParsePage(value)
		require.EqualError(t, err, want, value)
		assert.NotContains(t, err.Error(), "canary")
	}
	for value, want := range map[string]string{
		"https://app.example.com/#/{account}":         "holds {account} and must hold {token} as well",
		"https://app.example.com/#/{token}/{address}": strings.Replace(unknown, "{token},", "{token} or {account},", 1),
		"https://app.example.com/{account}#/{token}":  strings.Replace(unknown, "{token},", "{token} or {account},", 1),
	} {
		_, err := ParsePage(value, AccountPlaceholder)
		require.EqualError(t, err, want, value)
	}
}
