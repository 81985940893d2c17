package cli

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"

	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/domain"
)

// hiding replaces the passwords of all servers in what the servers answer, because a
// server may repeat what it was sent: as it is, percent-encoded, or as SMTP encodes it.
func hiding(cfg config.Config) *strings.Replacer {
	var found []string
	add := func(texts ...string) {
		for _, text := range texts {
			if text != "" {
				found = append(found, text)
			}
		}
	}
	for _, address := range []domain.Secret{cfg.Database.URL, cfg.Database.MigrationURL, cfg.RateLimits.RedisURL} {
		add(passwordsIn(address.Reveal())...)
	}
	if password := cfg.Mail.Password.Reveal(); password != "" {
		name := cfg.Mail.Username
		add(password, base64.StdEncoding.EncodeToString([]byte(password)),
			base64.StdEncoding.EncodeToString([]byte("\x00"+name+"\x00"+password)))
	}
	// The longest first: a replacer takes the first of those that match at a place.
	slices.SortFunc(found, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, text := range found {
		pairs = append(pairs, text, "…")
	}
	return strings.NewReplacer(pairs...)
}

// passwordsIn returns the passwords in the URL of a server, as they are written and
// decoded.
func passwordsIn(address string) []string {
	_, rest, _ := strings.Cut(address, "://")
	credentials, _, _ := strings.Cut(rest, "@")
	_, password, _ := strings.Cut(credentials, ":")
	written := []string{password}
	_, query, _ := strings.Cut(rest, "?")
	for pair := range strings.SplitSeq(query, "&") {
		if name, value, _ := strings.Cut(pair, "="); strings.HasSuffix(strings.ToLower(name), "password") {
			written = append(written, value)
		}
	}
	if u, err := url.Parse(address); err == nil && u.User != nil {
		decoded, _ := u.User.Password()
		written = append(written, decoded)
	}
	var all []string
	for _, one := range written {
		all = append(all, one)
		if decoded, err := url.PathUnescape(one); err == nil {
			all = append(all, decoded)
		}
	}
	return all
}
