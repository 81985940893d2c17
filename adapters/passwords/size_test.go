package passwords

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// F-E6: the set takes at most 2 MiB.
func TestCommonWords_AreSmall(t *testing.T) {
	t.Parallel()
	assert.LessOrEqual(t, len(commonWords), 2<<20)
}
