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

// FileSuffix ends the name of the twin of a secret variable: JWT_SECRET_KEY_FILE names a
// file with the value of JWT_SECRET_KEY.
const FileSuffix = "_FILE"

// Load reads the configuration from variables. It reports every problem at once, with
// the name of the variable and without its value. Errors: Problems; Config then holds
// the settings that could be read.
func Load(variables map[string]string) (Config, error) {
	cfg, _, err := read(variables)
	return cfg, err
}

// Default returns the configuration of a service with nothing configured.
func Default() Config {
	cfg, err := Load(nil)
	if err != nil {
		panic(err) // the defaults of this package contradict each other
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
			reflect.TypeFor[domain.Secret]():       func(v string) (any, error) { return domain.NewSecret(v), nil },
			reflect.TypeFor[domain.Quota]():        func(v string) (any, error) { return parseQuota(v) },
			reflect.TypeFor[domain.FailureLimit](): func(v string) (any, error) { return parseFailureLimit(v) },
			reflect.TypeFor[Retention]():           func(v string) (any, error) { return parseRetention(v) },
		},
	})
	problems.addParseErrors(err)
	if problems.mention("PORT") {
		cfg.HTTP.ListenPort = nil // the library leaves 0, which means any free port
	}
	cfg.complete()
	var ignored Problems
	cfg.Tracing.ignore(&ignored)
	cfg.validate(&problems)
	problems.nameFiles(set)
	problems.nameServiceLinks(variables)
	cfg.Notes = cfg.notes(problems)
	cfg.Warnings = slices.Concat(unknownVariables(variables), set.quoted(), set.loose, ignored, cfg.doubts(set))
	if len(problems) > 0 {
		return cfg, set, problems
	}
	return cfg, set, nil
}

// settings are the variables that are set.
type settings struct {
	// values are the values by name. The content of a file is stored under the name
	// without _FILE.
	values map[string]string
	// fromFile lists the names whose value came from a file.
	fromFile map[string]bool
	// loose lists the files with questionable rights, by their *_FILE variables.
	loose Problems
}

// resolveFiles returns the variables that are set, and reads the files that *_FILE
// variables name. An empty variable counts as unset, except the keys and the database:
// with a default for one of them, the service would start without its users, sessions or
// second factors.
func resolveFiles(variables map[string]string, problems *Problems) settings {
	set := settings{values: map[string]string{}, fromFile: map[string]bool{}}
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
			problems.add(v.Name, "is set twice: unset this variable or "+v.Name+FileSuffix)
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
			if info, err := os.Stat(path); err == nil {
				if doubt := mountedDoubt(info); doubt != "" {
					set.loose.add(v.Name+FileSuffix, doubt)
				}
			}
		}
	}
	for _, v := range []struct{ name, set string }{
		{"DATABASE_URL", "the database of the users, such as postgres://auth@db.example.com/auth"},
		{"JWT_SECRET_KEY", "at least 32 random bytes (auth-service keys generate)"},
		{"DATA_ENCRYPTION_KEYS", "a key (auth-service keys generate --type data)"},
	} {
		if value, given := variables[v.name]; given && value == "" && variables[v.name+FileSuffix] == "" {
			problems.add(v.name, "is set but empty: unset it, or set "+v.set)
		}
	}
	return set
}

// reason returns an error of the file system without the path.
func reason(err error) string {
	var p *os.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file; check the path and the mounted volumes"
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
	// Secret reports whether the variable has a *_FILE twin and is never shown.
	Secret bool
	// field is the name of the struct field.
	field string
	// index is the position of the field in Config.
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
