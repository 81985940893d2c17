package service

import (
	"errors"
	"log/slog"
	"math"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// memoryShare is which part of the container's memory Go's runtime may use before
// it collects garbage harder. The rest is for what the runtime does not count.
const memoryShare = 0.9

// LimitMemory makes the runtime keep to the memory limit of the control group; to
// GOMEMLIMIT if that is set.
func LimitMemory(logger *slog.Logger) {
	limit, err := memlimit.Set(memlimit.WithRatio(memoryShare))
	switch {
	case err != nil && !isUnlimited(err):
		logger.Warn("the memory limit of the control group cannot be read, so none is kept to; set GOMEMLIMIT", "error", err)
	case err != nil, limit == math.MaxInt64:
		logger.Debug("no memory limit")
	default:
		logger.Debug("the runtime keeps to a memory limit", "bytes", limit)
	}
}

// isUnlimited tells whether the limit could not be read because there is none.
func isUnlimited(err error) bool {
	return errors.Is(err, memlimit.ErrNoLimit) || errors.Is(err, memlimit.ErrNoCgroup) || errors.Is(err, memlimit.ErrCgroupsNotSupported)
}

// memoryLimit returns how many bytes the process may use before the kernel ends
// it; 0 if there is no limit, or none that can be read.
func memoryLimit(limit memlimit.Provider) int64 {
	bytes, err := limit()
	if err != nil || bytes > math.MaxInt64 {
		return 0
	}
	return int64(bytes)
}
