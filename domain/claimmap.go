package domain

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ClaimMap says which further claims access tokens carry, and where their values come from:
// the confirmed address, or members of the user's metadata. The zero ClaimMap adds none.
type ClaimMap struct{ claims []mappedClaim }

// mappedClaim is a claim and its source.
type mappedClaim struct {
	name string
	// from is sourceEmail, fieldProfile or fieldApp.
	from string
	// path are the names of the members that lead to the value.
	path []string
}

const sourceEmail = "email"

// Bounds of a ClaimMap.
const (
	maxClaims          = 16
	maxClaimNameLength = 32 // bytes
)

// ParseClaimMap reads a ClaimMap: entries separated by commas, each of the form
// name=profile.member, name=app.member or email, which stands for email=email. Members of inner
// objects are separated by dots. Errors: a sentence for the operator that names the entry.
func ParseClaimMap(text string) (ClaimMap, error) {
	var m ClaimMap
	if strings.TrimSpace(text) == "" {
		return m, nil
	}
	folded := map[string]string{}
	for entry := range strings.SplitSeq(text, ",") {
		c, err := parseMappedClaim(strings.TrimSpace(entry))
		if err != nil {
			return ClaimMap{}, err
		}
		key := foldClaim(c.name)
		if other, taken := folded[key]; taken {
			return ClaimMap{}, fmt.Errorf("names %s and %s, whose headers are the same", other, c.name)
		}
		folded[key] = c.name
		m.claims = append(m.claims, c)
	}
	if len(m.claims) > maxClaims {
		return ClaimMap{}, fmt.Errorf("names more than %d claims", maxClaims)
	}
	return m, nil
}

func parseMappedClaim(entry string) (c mappedClaim, err error) {
	name, source, mapped := strings.Cut(entry, "=")
	c.name, source = strings.TrimSpace(name), strings.TrimSpace(source)
	if !mapped {
		source = c.name
	}
	switch {
	case entry == "":
		return c, errors.New("has an empty entry; separate entries by single commas")
	case !isClaimName(c.name):
		return c, errors.New("has an entry that does not begin with the name of a claim: a letter, then letters, digits and _ - . (32 characters at most)")
	case isReservedClaim(c.name):
		return c, fmt.Errorf("names %s, which the service sets or reserves; choose another name", c.name)
	}
	from, path, _ := strings.Cut(source, ".")
	c.from = from
	switch {
	case from == sourceEmail && path == "":
		return c, nil
	case foldClaim(c.name) == sourceEmail:
		return c, fmt.Errorf("takes %s from another source than the confirmed address; write email alone", c.name)
	case from != fieldProfile && from != fieldApp:
		return c, fmt.Errorf("gives %s no source; write %s=profile.member or %s=app.member", c.name, c.name, c.name)
	}
	c.path = strings.Split(path, ".")
	if slices.Contains(c.path, "") {
		return c, fmt.Errorf("gives %s a source without the name of a member; write %s=%s.member", c.name, c.name, from)
	}
	return c, nil
}

func isClaimName(s string) bool {
	if s == "" || len(s) > maxClaimNameLength {
		return false
	}
	for i, r := range s {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !letter && (i == 0 || !strings.ContainsRune("0123456789_-.", r)) {
			return false
		}
	}
	return true
}

// reservedClaims are the names that the service sets or may set later.
var reservedClaims = []string{
	"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "sid", "gen", "client_id", "role", "roles", "groups", "permissions", "scope", "amr", "acr", "auth_time",
	"act", "cnf", "azp", "nonce", "email_verified",
}

// MethodsHeader is the header that tells a gateway how the user signed in: the values of the
// claim amr, separated by commas. Releases before it send the other headers only.
const MethodsHeader = "X-Auth-Methods"

// identityHeaders are the headers by which the service always names a user to a gateway. Those
// that earlier releases lack come last.
var identityHeaders = []string{"X-Auth-User-Id", "X-Auth-User-Email", "X-Auth-Role", "X-Auth-Session-Id", MethodsHeader}

// IdentityHeaders returns the headers by which the service names a user to a gateway, without
// those of mapped claims.
func IdentityHeaders() []string { return slices.Clone(identityHeaders) }

// isReservedClaim reports whether name is one that the service uses: as a claim, or in a header.
// Case and separators do not count, because some applications ignore them in headers.
func isReservedClaim(name string) bool {
	same := func(other string) bool { return foldClaim(other) == foldClaim(name) }
	sameHeader := func(other string) bool { return foldClaim(other) == foldClaim(ClaimHeader(name)) }
	return slices.ContainsFunc(reservedClaims, same) || slices.ContainsFunc(identityHeaders, sameHeader)
}

// foldClaim returns name in lower case without its separators.
func foldClaim(name string) string {
	return strings.ToLower(strings.NewReplacer("-", "", "_", "", ".", "").Replace(name))
}

// ClaimHeader returns the header that tells a gateway the claim called name, such as
// X-Auth-Tenant-Id for tenant_id.
func ClaimHeader(name string) string {
	header := []byte("X-Auth-")
	begin := true
	for i := range len(name) {
		c := name[i]
		switch {
		case c == '_' || c == '.' || c == '-':
			c, begin = '-', true
		case begin && 'a' <= c && c <= 'z':
			c, begin = c-'a'+'A', false
		case !begin && 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		default:
			begin = false
		}
		header = append(header, c)
	}
	return string(header)
}

// Names returns the names of the claims, in the order of the setting.
func (m ClaimMap) Names() []string {
	names := make([]string, 0, len(m.claims))
	for _, c := range m.claims {
		names = append(names, c.name)
	}
	return names
}

// Headers returns the headers of the claims, in the order of the setting.
func (m ClaimMap) Headers() []string {
	headers := m.Names()
	for i, name := range headers {
		headers[i] = ClaimHeader(name)
	}
	return headers
}

// ReadsMetadata reports whether a claim comes from metadata.
func (m ClaimMap) ReadsMetadata() bool {
	return slices.ContainsFunc(m.claims, func(c mappedClaim) bool { return c.from != sourceEmail })
}

// FromProfile returns the names of the claims that users write themselves.
func (m ClaimMap) FromProfile() (names []string) {
	for _, c := range m.claims {
		if c.from == fieldProfile {
			names = append(names, c.name)
		}
	}
	return names
}
