// Package timing holds only tests. They prove that no answer of the real program reveals
// by its content whether an address has an account. With `make timing` they prove the same
// for the time of an answer.
//
// A case is two kinds of requests that must look alike. One client sends them in
// turn, in pairs with a random order, so that work of the service after an answer
// slows down both kinds equally. A case passes if two conditions hold. The medians
// differ by at most 5 ms, or by 5 % of the time of one hash where a password is hashed.
// Mann and Whitney's test finds no difference (p > 0.01). By chance alone that test fails
// in one of a hundred cases, so a failed case is measured again and fails if it fails
// twice.
//
// Every request uses a new address, as an attacker's would. A hash costs 2^10
// rounds, the minimum of the program, so that a difference does not vanish in the
// noise of the hash. The measurement needs an idle machine, because hashes run at
// the lowest priority; on Linux a real-time policy helps (chrt -r 5 make timing).
// Therefore no build depends on it. Every run of go test compares the content of
// the answers.
package timing
