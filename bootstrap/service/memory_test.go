package service

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"testing"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"github.com/stretchr/testify/assert"
)

func TestMemoryLimit_IsOffIfItCannotBeRead(t *testing.T) {
	t.Parallel()
	assert.EqualValues(t, 128<<20, memoryLimit(memlimit.Limit(128<<20)))
	assert.Zero(t, memoryLimit(memlimit.Limit(math.MaxUint64)))
	for _, err := range []error{memlimit.ErrNoLimit, memlimit.ErrNoCgroup, errors.New("unreadable")} {
		assert.Zero(t, memoryLimit(func() (uint64, error) { return 1, err }))
	}
	for err, unlimited := range map[error]bool{
		memlimit.ErrNoLimit: true, memlimit.ErrNoCgroup: true, memlimit.ErrCgroupsNotSupported: true,
		fs.ErrPermission: false, errors.New("conflicting mounts"): false,
	} {
		assert.Equal(t, unlimited, isUnlimited(fmt.Errorf("setting: %w", err)), err)
	}
}
