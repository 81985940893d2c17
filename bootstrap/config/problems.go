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

// Problem is one thing wrong with the configuration.
type Problem struct {
	// Variable is the name of the variable.
	Variable string
	// Message says what is wrong and what to set, never the value. Its further
	// lines are commands that set it right.
	Message string
}

// Problems are all things wrong with the configuration.
type Problems []Problem

// ProblemWith returns the one problem that err describes.
func ProblemWith(variable string, err error) Problems {
	return Problems{{Variable: variable, Message: err.Error()}}
}

// Error lists the problems, one a line.
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

// String is the variable and what is wrong with it, its commands indented below.
func (p Problem) String() string {
	return p.Variable + ": " + strings.ReplaceAll(p.Message, "\n", "\n      ")
}

func (p *Problems) add(variable, message string) {
	*p = append(*p, Problem{variable, message})
}

// mention tells whether a variable, or its twin that names a file, has a problem
// already.
func (p *Problems) mention(variable string) bool {
	return slices.ContainsFunc(*p, func(one Problem) bool {
		return one.Variable == variable || one.Variable == variable+FileSuffix
	})
}

// nameFiles names the variable that was really set where the value came from a
// file: that is the one to look for.
func (p *Problems) nameFiles(set settings) {
	for i, one := range *p {
		if set.fromFile[one.Variable] {
			(*p)[i] = Problem{one.Variable + FileSuffix, "what its file holds is wrong: " + one.Message}
		}
	}
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
	kind := parse.Type
	if kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	switch {
	case kind == reflect.TypeFor[domain.Quota]():
		return parse.Err.Error()
	case kind.Kind() == reflect.Bool:
		return "must be true or false"
	case kind.Kind() == reflect.Int:
		return "must be a whole number"
	default:
		return "must be a valid value"
	}
}
