// Package cli is the command line of the service: its commands, what they read and
// write, and their exit codes.
package cli
