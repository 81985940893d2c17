package passwords

import (
	"runtime"
	"sync"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// pacer knows what PBKDF2 and argon2 cost on this machine, measured in rounds of
// bcrypt. It is what makes a check of the one last as long as one of the other. The
// zero value measures when it is first asked.
type pacer struct {
	mu     sync.Mutex
	round  float64                           // of bcrypt, in nanoseconds
	rounds map[string]float64                // of an iteration, by the digest
	argon  map[argonParameters]time.Duration // the shortest check so far
}

// Samples are short enough not to be noticed and long enough for the clock; the
// shortest of some is the one that nothing interrupted.
const (
	samples          = 5
	sampleCost       = 6
	sampleIterations = 8192
)

// worthOfArgon2 returns how many rounds of bcrypt last as long as a check with these
// parameters, of which one just took so long. Its lanes run on other threads, so
// there is the clock on the wall alone; the shortest check so far is the one
// that was least interrupted.
func (p *pacer) worthOfArgon2(with argonParameters, took time.Duration) float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if best, ok := p.argon[with]; !ok || took < best {
		if p.argon == nil {
			p.argon = map[argonParameters]time.Duration{}
		}
		p.argon[with] = took
	}
	return float64(p.argon[with]) / p.bcryptRound()
}

// bcryptRound returns how long a round of bcrypt computes, in nanoseconds.
func (p *pacer) bcryptRound() float64 {
	if p.round == 0 {
		dummy := []byte(dummyBcrypt(sampleCost))
		p.round = shortest(func() { _ = bcrypt.CompareHashAndPassword(dummy, digest(nil, "")) }) / (1 << sampleCost)
	}
	return p.round
}

// worth returns how many rounds of bcrypt last as long as a check of h.
func (p *pacer) worth(h pbkdf2Hash) float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.rounds == nil {
		p.rounds = map[string]float64{}
	}
	if p.rounds[h.digest] == 0 {
		sample := pbkdf2Hash{digest: h.digest, iterations: sampleIterations, salt: make([]byte, minPBKDF2Key), key: make([]byte, maxPBKDF2Key)}
		iteration := shortest(func() { _ = sample.check("") }) / sampleIterations
		p.rounds[h.digest] = iteration / p.bcryptRound()
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
