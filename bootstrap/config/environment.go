package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"

	"github.com/seed543b3b27/auth-service/domain"
)

// Environ returns the process environment as a map.
func Environ() map[string]string { return env.ToMap(os.Environ()) }

// FileSuffix marks the twin of a secret variable that names a file with its value.
const FileSuffix = "_FILE"

// Load reads the configuration from variables. It reports every problem at once,
// by the name of the variable and never by its value. Errors: Problems, with the
// configuration as far as it could be read.
func Load(variables map[string]string) (Config, error) {
	cfg, _, err := read(variables)
	return cfg, err
}

// Default returns the configuration of a service with nothing configured.
func Default() Config {
	cfg, err := Load(nil)
	if err != nil {
		panic(err) // only a mistake in this package can make it fail
	}
	return cfg
}

// read is Load that also returns the variables that are set, and their sources.
func read(variables map[string]string) (Config, settings, error) {
	var problems Problems
	set := resolveFiles(variables, &problems)
	var cfg Config
	err := env.ParseWithOptions(&cfg, env.Options{
		Environment: set.values,
		FuncMap: map[reflect.Type]env.ParserFunc{
			reflect.TypeFor[domain.Secret](): func(v string) (any, error) { return domain.NewSecret(v), nil },
			reflect.TypeFor[domain.Quota]():  func(v string) (any, error) { return parseQuota(v) },
		},
	})
	problems.addParseErrors(err)
	if problems.mention("PORT") {
		cfg.HTTP.ListenPort = nil // what cannot be read is no port, and above all not 0
	}
	cfg.complete()
	cfg.validate(&problems)
	problems.nameFiles(set)
	cfg.Warnings = append(unknownVariables(variables), cfg.doubts(set)...)
	if len(problems) > 0 {
		return cfg, set, problems
	}
	return cfg, set, nil
}

// settings are the variables that are set.
type settings struct {
	// values are their values, those of *_FILE variables under the names of
	// their twins.
	values map[string]string
	// fromFile names the twins whose value a file gave.
	fromFile map[string]bool
}

// resolveFiles copies the variables that are set, with the contents of *_FILE
// variables under the names of their twins. An empty variable counts as unset, but
// for those without which the service would begin anew: the key and the database.
func resolveFiles(variables map[string]string, problems *Problems) settings {
	set := settings{map[string]string{}, map[string]bool{}}
	for name, value := range variables {
		if value != "" {
			set.values[name] = value
		}
	}
	for _, v := range Variables() {
		path, given := set.values[v.Name+FileSuffix]
		if !v.Secret || !given {
			continue
		}
		if _, twice := set.values[v.Name]; twice {
			problems.add(v.Name, "is set twice: unset it or "+v.Name+FileSuffix)
			continue
		}
		content, err := os.ReadFile(path) //nolint:gosec // reading the file the operator named is the purpose
		value := strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r")
		switch {
		case err != nil:
			problems.add(v.Name+FileSuffix, "names a file that cannot be read: "+reason(err))
		case value == "":
			problems.add(v.Name+FileSuffix, "names a file that is empty: write the value into it, or unset the variable")
		default:
			set.values[v.Name], set.fromFile[v.Name] = value, true
		}
	}
	for _, v := range []struct{ name, set string }{
		{"DATABASE_URL", "the database that users are in, such as postgres://auth@db.example.com/auth"},
		{"JWT_SECRET_KEY", "at least 32 random bytes (auth-service keys generate)"},
	} {
		if value, given := variables[v.name]; given && value == "" && variables[v.name+FileSuffix] == "" {
			problems.add(v.name, "is set but empty: unset it, or set "+v.set)
		}
	}
	return set
}

// reason is an error of the file system without the path.
func reason(err error) string {
	var p *os.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file; is it mounted?"
	case errors.Is(err, fs.ErrPermission):
		return fmt.Sprintf("permission denied; user %d of this process must be allowed to read it", os.Getuid())
	case errors.As(err, &p):
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
	// index is where Config keeps it.
	index []int
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
				index:   slices.Concat(section.Index, f.Index),
			})
		}
	}
	return found
}
