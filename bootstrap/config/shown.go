package config

import (
	"fmt"
	"net/url"
	"reflect"
	"regexp"
	"strings"

	"github.com/seed543b3b27/auth-service/adapters/database"
	"github.com/seed543b3b27/auth-service/domain"
)

// Where a value comes from.
const (
	fromEnvironment = "environment"
	fromFile        = "file"
	fromDefault     = "default"
)

// ShownVariable is a variable as people may see it.
type ShownVariable struct {
	Name string `json:"name"`
	// Value is what counts; empty if there is none, and for secrets that are
	// not the address of a server.
	Value string `json:"value"`
	// From is environment, file or default.
	From string `json:"from"`
	// Set says that somebody gave it a value.
	Set bool `json:"set"`
	// Secret says that the value is hidden, or shown without its password.
	Secret bool `json:"secret"`
	// note is what a person reads instead of a value.
	note string
}

// Text is what a person reads.
func (v ShownVariable) Text() string {
	switch {
	case v.Value != "":
		return v.Value
	case v.note != "":
		return "(" + v.note + ")"
	case v.Secret && v.Set:
		return "(set, not shown)"
	default:
		return "(not set)"
	}
}

// Show reads the configuration as Load does, and lists every variable without what
// is secret. Errors: Problems; the list is complete all the same.
func Show(variables map[string]string) ([]ShownVariable, Config, error) {
	cfg, set, err := read(variables)
	return cfg.shown(set), cfg, err
}

// shown lists every variable without what is secret.
func (c *Config) shown(set settings) []ShownVariable {
	notes := c.localNotes()
	var all []ShownVariable
	for _, v := range Variables() {
		value, given := set.values[v.Name]
		one := ShownVariable{Name: v.Name, From: fromDefault, Set: given, Secret: v.Secret}
		if !given {
			one.note = notes[v.Name]
		}
		switch {
		case set.fromFile[v.Name]:
			one.From = fromFile
		case given:
			one.From = fromEnvironment
		}
		switch {
		case v.Secret && strings.HasSuffix(v.Name, "_URL"):
			one.Value = HarmlessURL(c.reveal(v))
		case v.Secret:
		case strings.HasPrefix(v.Name, "OTEL_") && strings.HasSuffix(v.Name, "_ENDPOINT"):
			one.Value = harmlessCollector(value)
		case given && v.Name != "HTTP_ADDR": // its port may be that of PORT
			one.Value = withoutPasswords(value)
		default:
			one.Value = withoutPasswords(c.plain(v))
		}
		all = append(all, one)
	}
	return all
}

// localNotes say what stands in for variables that are not set.
func (c *Config) localNotes() map[string]string {
	notes := map[string]string{
		"DATABASE_MIGRATION_URL": "DATABASE_URL",
		"SMTP_CA_FILE":           "the system's",
		"EMAIL_VERIFY_URL":       "a page of this service",
		"PASSWORD_RESET_URL":     "a page of this service",
	}
	if c.Local.Key {
		notes["JWT_SECRET_KEY"] = "generated beside the database"
	}
	if c.Local.Mailbox {
		notes["SMTP_HOST"] = "mails are caught"
	}
	if c.Accounts.HashWorkers == 0 {
		notes["HASH_WORKERS"] = "one per core"
	}
	if c.Accounts.HashQueue == 0 {
		notes["HASH_QUEUE"] = "by HASH_WORKERS"
	}
	return notes
}

// reveal is a secret's value.
func (c *Config) reveal(v Variable) string {
	secret, _ := reflect.ValueOf(*c).FieldByIndex(v.index).Interface().(domain.Secret)
	return secret.Reveal()
}

// plain is the text form of a value that is no secret; a number that is not set
// has none.
func (c *Config) plain(v Variable) string {
	field := reflect.ValueOf(*c).FieldByIndex(v.index)
	if field.IsZero() && (v.Default == "" || field.Kind() == reflect.Pointer) {
		return ""
	}
	if field.Kind() == reflect.Pointer {
		field = field.Elem()
	}
	switch value := field.Interface().(type) {
	case []string:
		return strings.Join(value, ",")
	case domain.Quota:
		return quotaText(value)
	default:
		return fmt.Sprint(value)
	}
}

// HarmlessURL is the address of a server without user, password and parameters;
// PostgreSQL's user is shown, who is no secret there. An address that cannot be
// read could be anything, a password included, so nothing of it is shown.
func HarmlessURL(raw string) string {
	source, sourceErr := database.ParseURL(raw)
	if sourceErr == nil && source.Dialect() == database.SQLite {
		return source.String()
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return ""
	}
	// A password that is not encoded can end the authority early (RFC 3986
	// section 3.2), and would be taken for what follows it.
	authority := strings.Count(u.User.String(), "@")
	if u.User != nil {
		authority++
	}
	if strings.Count(raw, "@") != authority {
		return ""
	}
	if sourceErr == nil {
		return source.String()
	}
	shown := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	if u.User != nil {
		shown.User = url.User("…")
		return strings.Replace(shown.String(), shown.User.String(), "…", 1)
	}
	return shown.String()
}

// credentials are what stands between the scheme and the host of a URL.
var credentials = regexp.MustCompile(`://\S*@`)

// withoutPasswords hides them in values that have no place for any.
func withoutPasswords(value string) string { return credentials.ReplaceAllString(value, "://…@") }

// harmlessCollector is the address of a collector without what may be a key: some
// have theirs in the path or the query.
func harmlessCollector(value string) string {
	if value == "" {
		return ""
	}
	u, err := url.Parse(value)
	if err != nil || u.Host == "" || u.User != nil || strings.Contains(value, "@") {
		return "…"
	}
	shown := u.Scheme + "://" + u.Host
	if rest := strings.TrimPrefix(value, shown); rest != "" && rest != "/" && rest != "/v1/traces" {
		return shown + "/…"
	}
	return value
}
