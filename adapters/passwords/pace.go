package passwords

import (
	"runtime"
	"sync"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// pacer knows what an iteration of PBKDF2 costs on this machine, measured in
// rounds of bcrypt. It is what makes a check of the one last as long as one of the
// other. The zero value measures when it is first asked.
type pacer struct {
	mu     sync.Mutex
	rounds map[string]float64 // of an iteration, by the digest
}

// Samples are short enough not to be noticed and long enough for the clock; the
// shortest of some is the one that nothing interrupted.
const (
	samples          = 5
	sampleCost       = 6
	sampleIterations = 8192
)

// worth returns how many rounds of bcrypt last as long as a check of h.
func (p *pacer) worth(h pbkdf2Hash) float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rounds == nil {
		p.rounds = map[string]float64{}
	}
	if p.rounds[h.digest] == 0 {
		dummy := []byte(dummyBcrypt(sampleCost))
		sample := pbkdf2Hash{digest: h.digest, iterations: sampleIterations, salt: make([]byte, minPBKDF2Key), key: make([]byte, maxPBKDF2Key)}
		round := shortest(func() { _ = bcrypt.CompareHashAndPassword(dummy, digest(nil, "")) }) / (1 << sampleCost)
		iteration := shortest(func() { _ = sample.check("") }) / sampleIterations
		p.rounds[h.digest] = iteration / round
	}
	return float64(h.iterations) * p.rounds[h.digest]
}

// shortest returns the shortest time that fn computed, in nanoseconds.
func shortest(fn func()) float64 {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var best time.Duration
	for range samples {
		start := threadTime()
		fn()
		if took := threadTime() - start; best == 0 || took < best {
			best = took
		}
	}
	return float64(max(best, 1))
}
