//go:build !linux

package passwords

// lowerThreadPriority does nothing: elsewhere priorities belong to processes.
func lowerThreadPriority() {}
