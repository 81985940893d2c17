// Package measure turns samples into figures and reads from /proc what processes and
// the machine used. It needs Linux.
package measure
