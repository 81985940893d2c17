package bootstrap

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"

	"github.com/seed543b3b27/auth-service/domain"
)

// Environ returns the process environment as a map.
func Environ() map[string]string { return env.ToMap(os.Environ()) }

// fileSuffix marks the twin of a secret variable that names a file with its value.
const fileSuffix = "_FILE"

// LoadConfig reads the configuration from variables. It reports every problem
// at once, by the name of the variable and never by its value. Errors: Problems,
// with the configuration as far as it could be read.
func LoadConfig(variables map[string]string) (Config, error) {
	var problems Problems
	set := resolveFiles(variables, &problems)
	var cfg Config
	err := env.ParseWithOptions(&cfg, env.Options{
		Environment: set,
		FuncMap: map[reflect.Type]env.ParserFunc{
			reflect.TypeFor[domain.Secret](): func(v string) (any, error) { return domain.NewSecret(v), nil },
			reflect.TypeFor[domain.Quota]():  func(v string) (any, error) { return domain.ParseQuota(v) },
		},
	})
	problems.addParseErrors(err)
	cfg.Unknown = unknownVariables(variables)
	cfg.complete()
	cfg.validate(&problems)
	if len(problems) > 0 {
		return cfg, problems
	}
	return cfg, nil
}

// resolveFiles copies the variables that are set, with the contents of *_FILE
// variables under the names of their twins. An empty variable counts as unset.
func resolveFiles(variables map[string]string, problems *Problems) map[string]string {
	set := map[string]string{}
	for name, value := range variables {
		if value != "" {
			set[name] = value
		}
	}
	for _, v := range Variables() {
		path, given := set[v.Name+fileSuffix]
		if !v.Secret || !given {
			continue
		}
		if _, twice := set[v.Name]; twice {
			problems.add(v.Name, "is set twice: unset it or "+v.Name+fileSuffix)
			continue
		}
		content, err := os.ReadFile(path) //nolint:gosec // reading the file the operator named is the purpose
		if err != nil {
			problems.add(v.Name+fileSuffix, "names a file that cannot be read: "+reason(err))
			continue
		}
		set[v.Name] = strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r")
	}
	if value, given := variables["JWT_SECRET_KEY"]; given && value == "" && set["JWT_SECRET_KEY"] == "" {
		problems.add("JWT_SECRET_KEY", "is set but empty: unset it, or set at least 32 random bytes (auth-service keys generate)")
	}
	return set
}

// reason is an error of the file system without the path.
func reason(err error) string {
	var p *os.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return "unreadable"
}

// Variable is one variable of the configuration.
type Variable struct {
	// Name is the variable's name.
	Name string
	// Default is its fixed default, or empty.
	Default string
	// Secret says that it has a *_FILE twin and is never shown.
	Secret bool
	// field is the name of the struct field.
	field string
}

// Variables lists every variable in the order of Config.
func Variables() []Variable {
	var found []Variable
	for section := range reflect.TypeFor[Config]().Fields() {
		if section.Type.Kind() != reflect.Struct || section.Tag.Get("env") == "-" {
			continue
		}
		for f := range section.Type.Fields() {
			found = append(found, Variable{
				Name:    f.Tag.Get("env"),
				Default: f.Tag.Get("envDefault"),
				Secret:  f.Type == reflect.TypeFor[domain.Secret]() || f.Type == reflect.TypeFor[[]domain.Secret](),
				field:   f.Name,
			})
		}
	}
	return found
}

// ownPrefixes are the beginnings of names that only this service uses; a set
// variable that has one and is not known is probably misspelt.
var ownPrefixes = []string{
	"JWT_", "SMTP_", "HASH_", "BCRYPT_", "RATE_LIMIT_", "REFRESH_", "SESSION_MAX_", "EMAIL_VERIF",
	"PASSWORD_MIN_", "PASSWORD_RESET_", "CORS_ALLOWED_", "SHUTDOWN_", "MAX_SESSIONS_", "DATABASE_", "PUBLIC_URL", "HTTP_ADDR",
	"TRUSTED_PROX", "REDIS_", "AUDIT_", "LOG_LEVEL", "LOG_FORMAT", "PRODUCT_NAME",
}

// unknownVariables returns the names of set variables that look like ours.
func unknownVariables(variables map[string]string) []string {
	known := map[string]bool{}
	for _, v := range Variables() {
		known[v.Name] = true
		if v.Secret {
			known[v.Name+fileSuffix] = true
		}
	}
	var unknown []string
	for name := range maps.Keys(variables) {
		isOurs := slices.ContainsFunc(ownPrefixes, func(p string) bool { return strings.HasPrefix(name, p) })
		if isOurs && !known[name] {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return unknown
}

// Problem is one thing wrong with the configuration.
type Problem struct {
	// Variable is the name of the variable.
	Variable string
	// Message says what is wrong and what to set, never the value.
	Message string
}

// Problems are all things wrong with the configuration.
type Problems []Problem

// Error lists the problems, one a line.
func (p Problems) Error() string {
	var b strings.Builder
	noun := "problem"
	if len(p) > 1 {
		noun = "problems"
	}
	fmt.Fprintf(&b, "the configuration has %d %s:", len(p), noun)
	for _, problem := range p {
		fmt.Fprintf(&b, "\n  %s: %s", problem.Variable, problem.Message)
	}
	return b.String()
}

func (p *Problems) add(variable, message string) {
	*p = append(*p, Problem{variable, message})
}

// addParseErrors names the variables that did not parse; the library's own
// texts would repeat their values.
func (p *Problems) addParseErrors(err error) {
	var all env.AggregateError
	if !errors.As(err, &all) {
		return
	}
	for _, one := range all.Errors {
		var parse env.ParseError
		if !errors.As(one, &parse) {
			p.add("environment", "could not be read")
			continue
		}
		for _, v := range Variables() {
			if v.field == parse.Name {
				p.add(v.Name, expected(parse))
			}
		}
	}
}

// expected says what a variable must be.
func expected(parse env.ParseError) string {
	switch {
	case parse.Type == reflect.TypeFor[domain.Quota]():
		return parse.Err.Error()
	case parse.Type.Kind() == reflect.Bool:
		return "must be true or false"
	case parse.Type.Kind() == reflect.Int:
		return "must be a whole number"
	default:
		return "must be a valid value"
	}
}
