package config

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"

	"github.com/seed543b3b27/auth-service/domain"
)

// Problem is one mistake in the configuration.
type Problem struct {
	// Variable is the name of the variable.
	Variable string
	// Message says what is wrong and what to set. It never contains the value. Lines
	// after the first are commands that correct the setting.
	Message string
}

// Problems are all mistakes in the configuration.
type Problems []Problem

// ProblemWith returns err as the only problem, with variable.
func ProblemWith(variable string, err error) Problems {
	return Problems{{Variable: variable, Message: err.Error()}}
}

// Error lists the problems, each on its own line.
func (p Problems) Error() string {
	var b strings.Builder
	noun := "problem"
	if len(p) > 1 {
		noun = "problems"
	}
	fmt.Fprintf(&b, "the configuration has %d %s:", len(p), noun)
	for _, problem := range p {
		b.WriteString("\n  " + problem.String())
	}
	return b.String()
}

// String returns the variable and the message, with the commands indented below.
func (p Problem) String() string {
	return p.Variable + ": " + strings.ReplaceAll(p.Message, "\n", "\n      ")
}

func (p *Problems) add(variable, message string) {
	*p = append(*p, Problem{variable, message})
}

// mention reports whether a variable, or its *_FILE twin, already has a problem.
func (p *Problems) mention(variable string) bool {
	return slices.ContainsFunc(*p, func(one Problem) bool {
		return one.Variable == variable || one.Variable == variable+FileSuffix
	})
}

// nameFiles renames the problems of values that came from a file to the *_FILE
// variable, because that is the one the operator has set.
func (p *Problems) nameFiles(set settings) {
	for i, one := range *p {
		if set.fromFile[one.Variable] {
			(*p)[i] = Problem{one.Variable + FileSuffix, "the file has a wrong value: " + one.Message}
		}
	}
}

// addParseErrors adds the variables that did not parse, with messages of our own,
// because those of the library repeat the values.
func (p *Problems) addParseErrors(err error) {
	var all env.AggregateError
	if !errors.As(err, &all) {
		return
	}
	for _, one := range all.Errors {
		var parse env.ParseError
		if !errors.As(one, &parse) {
			p.add("environment", "cannot be read")
			continue
		}
		for _, v := range Variables() {
			if v.field == parse.Name {
				p.add(v.Name, expected(parse))
			}
		}
	}
}

// expected returns the message for a value of the wrong form.
func expected(parse env.ParseError) string {
	kind := parse.Type
	if kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	switch {
	case kind == reflect.TypeFor[domain.Quota](), kind == reflect.TypeFor[domain.FailureLimit](), kind == reflect.TypeFor[Retention]():
		return parse.Err.Error()
	case kind.Kind() == reflect.Bool:
		return "must be true or false"
	case kind.Kind() == reflect.Int:
		return "must be a whole number"
	default:
		return "must be a valid value"
	}
}
