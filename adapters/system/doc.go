// Package system provides what the service needs from its machine: the time,
// fresh identifiers and randomness.
package system
