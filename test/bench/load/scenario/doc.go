// Package scenario measures the service beside the floor and under floods of requests, and
// makes the tables of it. See docs/performance.md for the method and for how to read them.
package scenario
