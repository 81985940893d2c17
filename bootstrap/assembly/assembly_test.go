package assembly_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
)

func TestUseCases_NoneIsMissing(t *testing.T) {
	t.Parallel()
	all := reflect.ValueOf(assembly.UseCases(assembly.Ports{}, assembly.Settings{}))
	for i := range all.NumField() {
		assert.False(t, all.Field(i).IsNil(), all.Type().Field(i).Name)
	}
}
