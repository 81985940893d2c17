package site

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
)

// The placeholders of a Page.
const (
	// TokenPlaceholder stands for the token.
	TokenPlaceholder = "{token}"
	// AccountPlaceholder stands for the masked address of the account, on the page that
	// confirms a change of address.
	AccountPlaceholder = "{account}"
)

// Page is the address of a page that mails link to.
type Page struct{ text string }

// placeholder matches what is, or was meant to be, a placeholder.
var placeholder = regexp.MustCompile(`[{}]|(?i:%7b(token|account)%7d)`)

// ParsePage reads the address of a page. A token comes into the fragment only, which
// browsers send to no server: at the placeholder {token}, or else at its end; see Link. It may
// hold further placeholders. Errors: as those of ParseURL.
func ParsePage(value string, further ...string) (Page, error) {
	if _, err := ParseURL(value); err != nil {
		return Page{}, err
	}
	before, fragment, _ := strings.Cut(value, "#")
	rest := strings.Replace(fragment, TokenPlaceholder, "", 1)
	hasToken := rest != fragment
	known := TokenPlaceholder
	for _, name := range further {
		shorter := strings.Replace(rest, name, "", 1)
		if shorter != rest && !hasToken {
			return Page{}, errors.New("holds " + name + " and must hold " + TokenPlaceholder + " as well")
		}
		rest = shorter
		known += " or " + name
	}
	switch {
	case strings.Contains(before, TokenPlaceholder):
		return Page{}, errors.New("must hold " + TokenPlaceholder + " after a #, because what stands before it reaches servers and their logs")
	case strings.Contains(rest, TokenPlaceholder):
		return Page{}, errors.New("must hold " + TokenPlaceholder + " only once")
	case placeholder.MatchString(before + "#" + rest):
		return Page{}, errors.New("holds braces that are no placeholder: write " + known + ", once, after a #, or leave braces out")
	}
	return Page{value}, nil
}

// Link returns the address with a token and, unless it is empty, the masked address of
// an account. Without placeholders they become parameters of the fragment: #token=… of
// a plain address, further parameters of #a=b, and ?token=… after the route of a single-page application, as in
// https://app.example.com/#/verify.
func (p Page) Link(token, account string) string {
	token, account = url.QueryEscape(token), url.QueryEscape(account)
	if strings.Contains(p.text, TokenPlaceholder) {
		return strings.NewReplacer(TokenPlaceholder, token, AccountPlaceholder, account).Replace(p.text)
	}
	parameters := "token=" + token
	if account != "" {
		parameters += "&account=" + account
	}
	_, fragment, found := strings.Cut(p.text, "#")
	switch {
	case !found:
		return p.text + "#" + parameters
	case fragment == "" || strings.HasSuffix(fragment, "?") || strings.HasSuffix(fragment, "&"):
		return p.text + parameters
	case strings.Contains(fragment, "?") || strings.Contains(fragment, "=") && !strings.Contains(fragment, "/"):
		return p.text + "&" + parameters
	default:
		return p.text + "?" + parameters
	}
}
