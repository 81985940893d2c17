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

// The sources of a value.
const (
	fromEnvironment = "environment"
	fromFile        = "file"
	fromDefault     = "default"
)

// ShownVariable is a variable without its secrets.
type ShownVariable struct {
	Name string `json:"name"`
	// Value is the value in use. It is empty if the variable has no value, and for
	// secrets that are not the address of a server.
	Value string `json:"value"`
	// From is environment, file or default.
	From string `json:"from"`
	// Set reports whether the environment or a file sets the variable.
	Set bool `json:"set"`
	// Secret reports whether the value is hidden, or shown without its password.
	Secret bool `json:"secret"`
	// note replaces an empty value in Text.
	note string
}

// Text returns the value for a person to read.
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

// Show reads the configuration as Load does, and lists every variable without its
// secrets. Errors: Problems; the list is complete even then.
func Show(variables map[string]string) ([]ShownVariable, Config, error) {
	cfg, set, err := read(variables)
	shown := cfg.shown(set)
	return shown, cfg, err
}

// shown lists every variable without its secrets.
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
		case given && v.Name != "HTTP_ADDR": // PORT may have replaced its port
			one.Value = withoutPasswords(value)
		default:
			one.Value = withoutPasswords(c.plain(v))
		}
		all = append(all, one)
	}
	return all
}

// localNotes describes the defaults of variables that are not set.
func (c *Config) localNotes() map[string]string {
	notes := map[string]string{
		"DATABASE_MIGRATION_URL": "DATABASE_URL",
		"JWT_CLIENT_ID":          "JWT_AUDIENCE",
		"SMTP_CA_FILE":           "the system's",
		"SMTP_HELO":              "the domain of SMTP_FROM",
		"EMAIL_VERIFY_URL":       "a page of this service",
		"EMAIL_CHANGE_URL":       "a page of this service",
		"PASSWORD_RESET_URL":     "a page of this service",
		"PASSWORD_CHANGE_URL":    "a page of this service",
	}
	if c.Local.Key {
		notes["JWT_SECRET_KEY"] = "generated beside the database"
	}
	if c.Local.DataKey {
		notes["DATA_ENCRYPTION_KEYS"] = "generated beside the database"
	} else {
		notes["DATA_ENCRYPTION_KEYS"] = "not set, so one-time codes are not offered"
	}
	if c.Local.Mailbox {
		notes["SMTP_HOST"] = "mails are caught"
		notes["MAILBOX_KEY"] = "random at each start"
	}
	if c.Accounts.HashWorkers == 0 {
		notes["HASH_WORKERS"] = "one per core"
	}
	if c.Accounts.HashQueue == 0 {
		notes["HASH_QUEUE"] = "by HASH_WORKERS"
	}
	return notes
}

// reveal returns the value of a secret.
func (c *Config) reveal(v Variable) string {
	secret, _ := reflect.ValueOf(*c).FieldByIndex(v.index).Interface().(domain.Secret)
	return secret.Reveal()
}

// plain returns the text of a value that is not secret. It is empty for a number that is
// not set.
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
	case domain.FailureLimit:
		return failureLimitText(value)
	default:
		return fmt.Sprint(value)
	}
}

// HarmlessURL returns the address of a server without user, password and parameters.
// For PostgreSQL it keeps the user, which is not secret there. It is empty if the
// address cannot be parsed, because it may contain a password anywhere.
func HarmlessURL(raw string) string {
	if source, err := database.ParseURL(raw); err == nil {
		return source.String()
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return ""
	}
	// A password that is not percent-encoded can end the authority early (RFC 3986
	// section 3.2). The rest of it would then look like the path or the query.
	authority := strings.Count(u.User.String(), "@")
	if u.User != nil {
		authority++
	}
	if strings.Count(raw, "@") != authority {
		return ""
	}
	shown := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}
	if u.User != nil {
		shown.User = url.User("…")
		return strings.Replace(shown.String(), shown.User.String(), "…", 1)
	}
	return shown.String()
}

// credentials matches everything between the scheme and the host of a URL.
var credentials = regexp.MustCompile(`://\S*@`)

// withoutPasswords hides credentials in values that should not contain any.
func withoutPasswords(value string) string { return credentials.ReplaceAllString(value, "://…@") }

// harmlessCollector returns the address of a collector without its path and query,
// because some vendors put keys there.
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
