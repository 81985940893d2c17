// Package kit holds the rules that several packages of the application share, each
// in one place.
package kit
