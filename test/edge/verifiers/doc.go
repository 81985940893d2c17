// Package verifiers holds only tests. They verify the access tokens of the real program
// with libraries for Go, Node.js, Python, Ruby and Perl, and with gateways, by the key
// set that the program publishes.
//
// They prove the table of verifiers in docs/keys.md and its guides for changing keys:
// each row that says that it was tried is tried here, with the line that it shows.
// Each folder below holds the program for one runtime.
package verifiers
