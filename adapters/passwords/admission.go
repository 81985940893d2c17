package passwords

import (
	"sync"
	"time"

	"github.com/seed543b3b27/auth-service/adapters/internal/shares"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// What admission assumes and allows.
const (
	// patience is how long an admitted password waits at most, if hashing keeps its
	// pace. It is half of the five seconds of a request, so that the answer is in time even
	// if the pace drops to half.
	patience = 2500 * time.Millisecond
	// patienceShare of the time that a request has left may be spent on waiting, for
	// requests that have less.
	patienceShare = 0.5
	// A refused client should try again when the held places are done, but no sooner and
	// no later than this.
	leastRetry = time.Second
	mostRetry  = 10 * time.Second
	// guessedHash is how long a hash of the default cost takes until one was measured.
	guessedHash = 250 * time.Millisecond
	// sampleWeight is the weight of a measured hash in the average. A sample counts for at
	// most maxSample averages, because a process that was suspended measures nonsense.
	sampleWeight = 0.25
	maxSample    = 4
	// One of keptShare places is kept for known devices.
	keptShare = 4
)

// Refusals are why passwords were not hashed.
type Refusals struct {
	// Full counts those for which there was no place in time.
	Full uint64
	// Network counts those whose network had its share of the places.
	Network uint64
	// Account counts those of known devices and sessions whose account had its share.
	Account uint64
	// Late counts those that were admitted and would not have been answered in time,
	// because hashing slowed down.
	Late uint64
	// Memory counts checks of argon2 hashes for which too many others waited.
	Memory uint64
}

// admission decides who gets a place to hash a password. It keeps the places, each for
// one hash: a place is held from the reservation until its hash is done or given back.
// There are as many places as hashes fit into the patience of a request at the present
// pace. Refused requests bear the cost of a flood; admitted ones are
// answered.
//
// A quarter of the places, and one at least, is for known devices alone. No network takes
// more than its share of the places, so there are some left for the next one; and no account
// takes more than its share with its known devices and sessions, from however many networks.
type admission struct {
	workers, most int

	mu        sync.Mutex
	held      int
	byNetwork shares.Shares
	byAccount shares.Shares
	perHash   time.Duration // the moving average
	admitted  uint64
	refused   Refusals
}

// newAdmission returns the admission to workers and a queue of so many passwords.
func newAdmission(workers, queue int, guess time.Duration) *admission {
	return &admission{workers: workers, most: workers + queue, byNetwork: shares.Shares{}, byAccount: shares.Shares{}, perHash: guess}
}

// reserve takes places for r, whose request has left so much time, and returns how many: one
// for each hash, unless there are not so many at all. running is how long the hash that runs
// longest has taken so far. Errors: domain.ErrOverloaded.
func (a *admission) reserve(r ports.Reservation, left, running time.Duration) (count int, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := a.places(left, running)
	places := all - all/keptShare
	if r.Known {
		places = max(all, places+1)
	}
	count = min(max(r.Hashes, 1), all)
	rest := places - a.held - count
	switch {
	case a.held == 0: // an idle hasher admits all, and measures its pace anew
	case rest < 0:
		a.refused.Full++
		return 0, a.overloaded(running)
	case !a.byNetwork.Allows(r.Network, count, rest):
		a.refused.Network++
		return 0, a.overloaded(running)
	case !a.byAccount.Allows(accountOf(r), count, rest):
		a.refused.Account++
		return 0, a.overloaded(running)
	}
	a.admitted++
	a.held += count
	a.byNetwork.Take(r.Network, count)
	a.byAccount.Take(accountOf(r), count)
	return count, nil
}

// places returns how many hashes are done within the patience of a request that has left
// so much time. There are at least as many as workers, which wait for nothing.
func (a *admission) places(left, running time.Duration) int {
	wait := min(patience, time.Duration(float64(left)*patienceShare))
	inTime := int(int64(wait) * int64(a.workers) / int64(max(a.perHash, running, 1)))
	return min(max(inTime, a.workers), a.most)
}

// overloaded returns the refusal, with the time until the held places are done.
func (a *admission) overloaded(running time.Duration) error {
	return domain.ErrOverloaded.WithRetryAfter(min(max(leastRetry, a.predict(running)), mostRetry))
}

// predict returns how long a password that comes now would wait.
func (a *admission) predict(running time.Duration) time.Duration {
	return time.Duration(int64(max(a.perHash, running)) * int64(a.held) / int64(a.workers))
}

// accountOf returns the holder of the share of r's account; empty without an account.
func accountOf(r ports.Reservation) string {
	if r.Account.IsZero() {
		return ""
	}
	return r.Account.String()
}

// giveBack frees places of r.
func (a *admission) giveBack(r ports.Reservation, count int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.held -= count
	a.byNetwork.Give(r.Network, count)
	a.byAccount.Give(accountOf(r), count)
}

// measured adds the time of a hash to the average.
func (a *admission) measured(took time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	took = min(took, maxSample*a.perHash)
	a.perHash += time.Duration(float64(took-a.perHash) * sampleWeight)
}

// isLate reports whether a password that has waited so long cannot be answered any more
// in the time that is left. One that has hardly waited is never late, so that hashing
// that was slow for a while is tried again.
func (a *admission) isLate(waited, left time.Duration) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if waited < a.perHash/2 || left >= a.perHash {
		return false
	}
	a.refused.Late++
	return true
}
