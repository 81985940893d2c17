package ports_test

import (
	"context"
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/ports"
)

// wordStart matches the beginning of a word inside a Go name.
var wordStart = regexp.MustCompile(`([a-z])([A-Z])`)

func TestOperations_EveryUseCaseHasOneNamedAfterItsField(t *testing.T) {
	t.Parallel()
	fields := reflect.TypeFor[ports.UseCases]()
	all := ports.Operations()
	if len(all) != fields.NumField() {
		var names []string
		for _, op := range all {
			names = append(names, op.Name)
		}
		require.Fail(t, "UseCases and visit differ", "UseCases has %d fields; visit lists %d operations: %s", fields.NumField(), len(all), strings.Join(names, ", "))
	}
	observed := reflect.ValueOf(ports.UseCases{}.Observed(func(ports.Operation) ports.Observer {
		return func(ctx context.Context) (context.Context, func(error)) { return ctx, func(error) {} }
	}))
	for i, op := range all {
		field := fields.Field(i).Name
		assert.Equal(t, strings.ToLower(wordStart.ReplaceAllString(field, "${1}_${2}")), op.Name)
		assert.False(t, observed.Field(i).IsNil(), "%s is observed", field)
		codes := map[string]bool{}
		for _, refusal := range op.Refusals {
			assert.False(t, codes[refusal.Code], "%s lists %s twice", op.Name, refusal.Code)
			codes[refusal.Code] = true
		}
	}
}

// answers is a use case that returns its fields.
type answers struct {
	result ports.LogoutEverywhereResult
	err    error
}

func (a answers) Execute(context.Context, ports.LogoutEverywhereCommand) (ports.LogoutEverywhereResult, error) {
	return a.result, a.err
}

func TestObserved_SeesTheErrorAndChangesNothing(t *testing.T) {
	t.Parallel()
	failure := errors.New("the disk is full")
	plain := ports.UseCases{LogoutEverywhere: answers{ports.LogoutEverywhereResult{Revoked: 3}, failure}}
	var seen []error
	u := plain.Observed(func(op ports.Operation) ports.Observer {
		if op.Name != "logout_everywhere" {
			return nil
		}
		return func(ctx context.Context) (context.Context, func(error)) {
			return ctx, func(err error) { seen = append(seen, err) }
		}
	})
	result, err := u.LogoutEverywhere.Execute(t.Context(), ports.LogoutEverywhereCommand{})
	assert.Equal(t, 3, result.Revoked)
	assert.Same(t, failure, err)
	assert.Equal(t, []error{failure}, seen)
	assert.Equal(t, answers{ports.LogoutEverywhereResult{Revoked: 3}, failure}, plain.LogoutEverywhere, "the given use cases do not change")
	assert.Nil(t, u.Login, "a nil Observer leaves the use case as it is")
}
