package config

import (
	"net/url"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/seed543b3b27/auth-service/adapters/database"
	"github.com/seed543b3b27/auth-service/adapters/httpapi"
	"github.com/seed543b3b27/auth-service/adapters/smtp"
	"github.com/seed543b3b27/auth-service/domain"
)

// ownPrefixes are the beginnings of names that only this service uses. An unknown
// variable with one of them is probably misspelt.
var ownPrefixes = []string{
	"JWT_", "SMTP_", "HASH_", "BCRYPT_", "RATE_LIMIT_", "REFRESH_", "SESSION_MAX_", "EMAIL_VERIF",
	"PASSWORD_MIN_", "PASSWORD_RESET_", "PASSWORD_CHANGE_", "CORS_ALLOWED_", "SHUTDOWN_", "READINESS_", "MAX_SESSIONS", "DATABASE_", "DATA_ENC", "PUBLIC_URL", "HTTP_ADDR",
	"TRUSTED_PROX", "REDIS_", "AUDIT_", "LOG_LEVEL", "LOG_FORMAT", "PRODUCT_NAME", "UNCONFIRMED_", "LOGIN_FAIL", "EMAIL_CHANGE", "PPROF_", "ACCESS_TOKEN_",
}

// unknownVariables returns a warning for each variable that looks like one of this
// service but is unknown, sorted by name.
func unknownVariables(variables map[string]string) Problems {
	known := map[string]bool{}
	twinless := map[string]string{}
	var names []string
	for _, v := range Variables() {
		known[v.Name] = true
		names = append(names, v.Name)
		if v.Secret {
			known[v.Name+FileSuffix] = true
			names = append(names, v.Name+FileSuffix)
		} else {
			twinless[v.Name+FileSuffix] = v.Name
		}
	}
	var warnings Problems
	for name := range variables {
		if known[name] || isServiceLink(name, variables) {
			continue
		}
		isOurs := slices.ContainsFunc(ownPrefixes, func(p string) bool { return strings.HasPrefix(name, p) })
		meant := nearest(name, names)
		switch {
		case twinless[name] != "":
			warnings.add(name, "has no effect: only secrets can be given as a file; set "+twinless[name]+" itself")
		case meant != "":
			warnings.add(name, "is not known and has no effect; is "+meant+" meant?")
		case isOurs:
			warnings.add(name, "looks like a variable of this service but is not known and has no effect; is it misspelt?")
		}
	}
	slices.SortFunc(warnings, func(a, b Problem) int { return strings.Compare(a.Variable, b.Variable) })
	return warnings
}

// The limits for guessing the intended name: at most maxTypos letters differ, or one
// more in names of at least long letters. Names shorter than minGuessable are not
// guessed, because many correct names are that similar.
const (
	maxTypos     = 2
	minGuessable = 8
	long         = 12
)

// nearest returns the name that was probably intended; empty if no name is similar.
func nearest(name string, names []string) string {
	if len(name) < minGuessable || strings.ToUpper(name) != name {
		return ""
	}
	best, distance := "", maxTypos+1
	if len(name) >= long {
		distance++
	}
	for _, candidate := range names {
		d := levenshtein.ComputeDistance(name, candidate)
		// A name that lacks its last words or letters counts as similar.
		if strings.HasPrefix(candidate, name+"_") || strings.Contains(name, "_") && strings.HasPrefix(candidate, name) {
			d = min(d, maxTypos)
		}
		if len(candidate) >= minGuessable && d < distance {
			best, distance = candidate, d
		}
	}
	return best
}

// notes returns what the service does not offer with these settings, but for those with
// problems.
func (c *Config) notes(problems Problems) Problems {
	var notes Problems
	if c.Database.EncryptionKeys.IsEmpty() && !c.Local.DataKey && !problems.mention("DATA_ENCRYPTION_KEYS") {
		notes.add("DATA_ENCRYPTION_KEYS", "is not set, so one-time codes are not offered; auth-service keys generate --type data makes a key")
	}
	return notes
}

// doubts returns warnings for settings that work, but probably not as intended.
func (c *Config) doubts(set settings) Problems {
	var warnings Problems
	public, err := url.Parse(c.HTTP.PublicURL)
	if err != nil || c.HTTP.PublicURL == "" {
		public = &url.URL{}
	}
	secure, near := public.Scheme == "https", httpapi.IsLoopback(public.Hostname())
	if len(c.HTTP.TrustedProxies) == 0 && public.Host != "" && (secure || c.onPostgreSQL() && !near) {
		warnings.add("TRUSTED_PROXIES", "is not set, so X-Forwarded-For is ignored: behind a gateway, all clients share the limits of one client; "+
			"set the addresses of the gateway, such as 10.0.0.0/8")
	}
	if c.onPostgreSQL() && public.Scheme == "http" && !near {
		warnings.add("PUBLIC_URL", "is not https: passwords and tokens would travel unencrypted")
	}
	if c.Local.Mailbox {
		for _, name := range []string{"SMTP_PORT", "SMTP_USERNAME", "SMTP_PASSWORD", "SMTP_TLS", "SMTP_CA_FILE", "SMTP_FROM", "SMTP_HELO"} {
			if set.values[name] != "" {
				warnings.add(name, "has no effect: SMTP_HOST is not set, so mails are caught")
			}
		}
	} else if !c.Mail.MailboxKey.IsEmpty() {
		warnings.add("MAILBOX_KEY", "has no effect: mails are sent, not caught")
	}
	if c.Mail.Host != "" && c.Mail.TLS == smtp.NoTLS && !httpapi.IsLoopback(c.Mail.Host) {
		warnings.add("SMTP_TLS", "is none: mails and the one-time links in them travel to the mail server unencrypted")
	}
	for name, value := range map[string]domain.Secret{"DATABASE_URL": c.Database.URL, "DATABASE_MIGRATION_URL": c.Database.MigrationURL} {
		if source, err := database.ParseURL(value.Reveal()); err == nil && !value.IsEmpty() {
			if doubt := source.Doubt(); doubt != "" {
				warnings.add(name, doubt)
			}
		}
	}
	switch {
	case c.Mail.Host == "":
	case c.Mail.Port == 465 && c.Mail.TLS != smtp.ImplicitTLS:
		warnings.add("SMTP_TLS", "is "+c.Mail.TLS+" with SMTP_PORT 465, where mail servers expect TLS from the first byte: set SMTP_TLS to tls, or SMTP_PORT to 587")
	case c.Mail.Port == 587 && c.Mail.TLS == smtp.ImplicitTLS:
		warnings.add("SMTP_TLS", "is tls with SMTP_PORT 587, where mail servers begin in clear text: set SMTP_TLS to starttls, or SMTP_PORT to 465")
	}
	if c.Accounts.VerifyUnproven == string(domain.UnprovenKeep) && (!c.Local.Any() || set.values["EMAIL_VERIFY_UNPROVEN"] != "") {
		warnings.add("EMAIL_VERIFY_UNPROVEN", "is keep: if a stranger registers an address and its owner confirms it through a page of yours that sends the token alone, the stranger can sign in; "+
			"set drop once your pages send a proof")
	}
	if names := c.Tokens.Claims().FromProfile(); len(names) > 0 {
		warnings.add("ACCESS_TOKEN_CLAIMS", "takes "+strings.Join(names, ", ")+" from profile, which users write themselves: grant no rights by these claims; take what grants rights from app")
	}
	if set.values["PUBLIC_URL"] != "" && near && !secure && c.Local.Any() && public.Port() != c.Port() {
		warnings.add("PUBLIC_URL", "has another port than the one that the service listens on ("+c.Port()+"): links in mails would not reach the service")
	}
	return warnings
}
