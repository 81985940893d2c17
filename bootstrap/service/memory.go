package service

import (
	"errors"
	"log/slog"
	"math"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// memoryShare is the part of the container's memory that the Go runtime may use before it
// collects garbage more often. The rest is for memory that the runtime does not count.
const memoryShare = 0.9

// LimitMemory sets the memory limit of the runtime from the control group, or from
// GOMEMLIMIT if it is set.
func LimitMemory(logger *slog.Logger) {
	limit, err := memlimit.Set(memlimit.WithRatio(memoryShare))
	switch {
	case err != nil && !isUnlimited(err):
		logger.Warn("the memory limit of the control group cannot be read, so the runtime has no limit; set GOMEMLIMIT", "error", err)
	case err != nil, limit == math.MaxInt64:
		logger.Debug("no memory limit")
	default:
		logger.Debug("the runtime has a memory limit", "bytes", limit)
	}
}

// isUnlimited reports whether the error means that there is no limit.
func isUnlimited(err error) bool {
	return errors.Is(err, memlimit.ErrNoLimit) || errors.Is(err, memlimit.ErrNoCgroup) || errors.Is(err, memlimit.ErrCgroupsNotSupported)
}

// memoryLimit returns how many bytes the process may use before the kernel ends it; 0 if
// there is no limit or it cannot be read.
func memoryLimit(limit memlimit.Provider) int64 {
	bytes, err := limit()
	if err != nil || bytes > math.MaxInt64 {
		return 0
	}
	return int64(bytes)
}
