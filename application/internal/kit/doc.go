// Package kit holds what the packages of the application share: the rules that
// several use cases keep, each in one place.
package kit
