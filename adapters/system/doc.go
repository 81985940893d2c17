// Package system is what the service takes from the machine it runs on: the
// time, fresh identifiers and randomness.
package system
