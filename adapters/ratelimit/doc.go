// Package ratelimit counts events against rate limits with the generic cell rate
// algorithm: a quota n/d admits a burst of n, and each event comes back d/n after it
// was used.
//
// All replicas keep their counts in PostgreSQL (NewDatabaseStore) or Redis
// (OpenRedis), by the clock of that store. Without a store, each process counts
// in its memory. PostgreSQL computes the algorithm itself, in one statement for all
// limits of a request; for the others throttled does.
//
// A process remembers until when the shared store refuses a key, and refuses it
// without asking again. While it remembers any, it looks every two seconds whether limits
// were lifted, and then forgets them all.
//
// While a store fails or is slow, the process counts in memory with the same
// quotas. Limits are thus never open, but each replica then has its own. The
// Limiter logs the beginning and the end of such a time.
//
// Memory holds 32,768 keys of each limit and forgets the least recently used
// beyond that: a client with more addresses can make one of their counts begin
// anew.
package ratelimit
