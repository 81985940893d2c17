package passwords

import (
	"runtime"
	"sync"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// pacer measures what PBKDF2 and argon2 cost on this machine, in rounds of
// bcrypt, so that a check of any kind can be made to last as long. The zero value
// measures at its first use.
type pacer struct {
	mu     sync.Mutex
	round  float64                           // of bcrypt, in nanoseconds
	rounds map[string]float64                // of an iteration, by the digest
	argon  map[argonParameters]time.Duration // the shortest check so far
}

// Samples are short enough to go unnoticed and long enough for the clock. The
// shortest of several is the one without interruptions.
const (
	samples          = 5
	sampleCost       = 6
	sampleIterations = 8192
)

// worthOfArgon2 returns how many rounds of bcrypt last as long as a check with
// these parameters; one such check just took took. Its lanes run on other
// threads, so only the elapsed time is known, and the shortest check so far was
// interrupted least.
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

// bcryptRound returns the computing time of a round of bcrypt, in nanoseconds.
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

// shortest returns the shortest of several computing times of fn, in nanoseconds.
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
