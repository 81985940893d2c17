// Package site names the public addresses of the service, for the adapters that serve
// them and for those that link to them, checks the URLs that they begin with, and makes
// links with tokens.
package site

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
)

// The paths that the service answers, below the public URL.
const (
	// BasePath is the path of the API.
	BasePath = "/api/auth"
	// DocsPage shows the API's documentation.
	DocsPage = BasePath + "/docs"
	// MailboxPage shows caught mails.
	MailboxPage = BasePath + "/dev/mailbox"
	// PagesPath is the folder of the pages that links in mails lead to, and of
	// their files. It ends with a slash.
	PagesPath = BasePath + "/ui/"
	// VerifyPage confirms an address.
	VerifyPage = PagesPath + "verify"
	// ChangePage confirms a change of address.
	ChangePage = PagesPath + "change"
	// UndoPage undoes a change of address.
	UndoPage = PagesPath + "undo"
	// ResetPage sets a password, for a reset and for an invitation.
	ResetPage = PagesPath + "reset"
	// ForgotPage asks for the mail that leads to ResetPage.
	ForgotPage = PagesPath + "forgot"
	// ChangePasswordPath leads password managers to the page where a password can be
	// changed (W3C, A Well-Known URL for Changing Passwords). It is at the root of the
	// host.
	ChangePasswordPath = "/.well-known/change-password" //nolint:gosec // a path, no password
)

// ParseURL reads an absolute URL of HTTP. Errors: a text for the operator that
// completes a sentence which begins with the name of the setting, and holds no part of
// the value.
func ParseURL(value string) (*url.URL, error) {
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("must be an absolute URL that begins with http:// or https://")
	case u.User != nil:
		return nil, errors.New("must not hold a user name or a password")
	}
	return u, nil
}

// basePath matches the paths that a URL may have whose path begins other paths. Others
// would not be the same in cookies, in the API's document and in gateways.
var basePath = regexp.MustCompile(`^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?$`)

// ParseBase reads a URL that paths are appended to, such as https://auth.example.com or
// https://example.com/id. Errors: as those of ParseURL.
func ParseBase(value string) (*url.URL, error) {
	u, err := ParseURL(value)
	switch {
	case err != nil:
		return nil, err
	case strings.Contains(value, "#"):
		return nil, errors.New("must not hold a fragment (#): paths are appended to it")
	case strings.Contains(value, "?"):
		return nil, errors.New("must not hold a query (?)")
	case placeholder.MatchString(value):
		return nil, errors.New("must not hold a placeholder: paths are appended to it")
	case !basePath.MatchString(u.EscapedPath()):
		return nil, errors.New("may only have a path of letters, digits and - . _ ~, with single slashes, such as https://example.com/id")
	case strings.HasSuffix(strings.TrimSuffix(u.Path, "/"), BasePath):
		return nil, errors.New("must not end with " + BasePath + ": that is appended to it")
	}
	return u, nil
}

// IsLoopback reports whether a host, without a port, is this machine by a name
// that no other machine can have (RFC 6761 section 6.3): localhost or a loopback
// address.
func IsLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// Hostname returns a Host header without its port and without the brackets of
// an IPv6 address.
func Hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
}
