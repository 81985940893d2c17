// Package ratelimit counts events against rate limits with throttled's generic
// cell rate algorithm: a quota n/d admits a burst of n, and each event comes back
// d/n after it was used.
//
// The counts of all replicas are kept together in PostgreSQL (NewDatabaseStore)
// or Redis (OpenRedis), by the clock of that store; or, without a store, in the
// memory of the process. A store that fails or is slow is replaced by the memory
// of the process, with the same quotas, until it answers again: so limits are
// never open, but then hold for each replica by itself. The Limiter logs the
// beginning and the end of that. That memory holds 32,768 keys of each limit and
// forgets the longest unused beyond them: whoever has more addresses than that can
// make one of their counts begin anew.
package ratelimit
