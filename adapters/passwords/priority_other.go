//go:build !linux

package passwords

// lowerThreadPriority does nothing, because other systems have priorities per
// process.
func lowerThreadPriority() {}
