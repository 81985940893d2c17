// Package timing holds no code but tests: they prove that no answer of the real
// program tells whether an address has an account, neither by what it says nor,
// in `make timing`, by how long it takes.
//
// A case is two kinds of requests that must look alike from outside. They are
// sent one after the other by one client, in pairs whose order is drawn anew, so
// that what the service does after an answer slows both kinds equally. A case holds
// if the medians differ by no more than 5 ms, or 5 % of the time of one hash where a
// password is hashed, and if Mann and Whitney's test sees no difference (p > 0.01).
// Chance alone goes below that p once in a hundred cases; so a case that fails is
// measured once more, and fails if it does so again.
//
// Every request is about an address that was never asked for before, as an attacker's
// would be. A hash costs 2^10 rounds, the least that the program admits, so that a
// difference does not drown in the noise of the hash. The measurement needs an idle
// machine, because hashes run at the lowest priority; on Linux a real-time policy helps
// (chrt -r 5 make timing). So it gates no build; what answers say is compared in
// every run of go test.
package timing
