package passwords

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Bounds of bcrypt's cost, the binary logarithm of its rounds. OWASP's Password
// Storage Cheat Sheet asks for 10 at least; above MaxCost one hash takes longer
// than a request may.
const (
	MinCost     = 10
	DefaultCost = 12
	MaxCost     = 15
)

// Options are how a Hasher works. The zero value means the defaults.
type Options struct {
	// Cost is bcrypt's cost for new hashes: MinCost to MaxCost, DefaultCost by
	// default.
	Cost int
	// AllowLowCost admits costs from 4 on, for tests that must not wait.
	AllowLowCost bool
	// Workers is how many passwords are hashed at once: as many as the process
	// may use cores, by default.
	Workers int
	// Queue is how many more may wait. By default it is what the workers get
	// done in about two seconds, so that what waited is answered well within
	// the five seconds of a request: 8 per worker at cost 12, half of that with
	// each step of cost.
	Queue int
	// Memory is how many bytes the process may use; 0 is no limit. A check of an
	// argon2 hash may use what is beyond 64 MiB, and never more than 128 MiB.
	Memory int64
	// Watch is told how long each password took.
	Watch Watch
}

// Hasher is the ports.PasswordHasher of this package. Close it to free its
// threads. It is safe for concurrent use.
type Hasher struct {
	cost    int
	pool    *pool
	compare func(hash, password []byte) error // bcrypt's, which tests count
	argon   chan struct{}                     // full while an argon2 hash is checked
	memory  uint32                            // that its check may use, in KiB
	pace    pacer
}

var _ ports.PasswordHasher = (*Hasher)(nil)

// New starts a Hasher. Errors: options out of their bounds, by the names of their
// settings.
func New(o Options) (*Hasher, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	return &Hasher{
		cost:    o.Cost,
		pool:    newPool(o.Workers, o.Queue, o.Watch),
		compare: bcrypt.CompareHashAndPassword,
		argon:   make(chan struct{}, 1),
		memory:  argonMemory(o.Memory),
	}, nil
}

func (o *Options) complete() error {
	if o.Cost == 0 {
		o.Cost = DefaultCost
	}
	least := MinCost
	if o.AllowLowCost {
		least = bcrypt.MinCost
	}
	var errs []error
	if o.Cost < least || o.Cost > MaxCost {
		errs = append(errs, fmt.Errorf("BCRYPT_COST: must be from %d to %d", least, MaxCost))
	}
	if o.Workers < 0 || o.Workers > maxWorkers {
		errs = append(errs, fmt.Errorf("HASH_WORKERS: must be from 1 to %d, or 0 for the default", maxWorkers))
	}
	if o.Queue < 0 || o.Queue > maxQueue {
		errs = append(errs, fmt.Errorf("HASH_QUEUE: must be from 1 to %d, or 0 for the default", maxQueue))
	}
	if len(errs) > 0 {
		return errors.Join(errs...)
	}
	if o.Workers == 0 {
		o.Workers = min(cores(), maxWorkers)
	}
	if o.Queue == 0 {
		o.Queue = o.Workers * queuePerWorker(o.Cost)
	}
	return nil
}

// Hash returns a new hash of password. Errors: domain.ErrOverloaded if too many
// are waiting, domain.ErrUnavailable after Close.
func (h *Hasher) Hash(ctx context.Context, password domain.Secret) (domain.PasswordHash, error) {
	var encoded string
	var failure error
	if err := h.pool.do(ctx, func() { encoded, failure = encode(password.Reveal(), h.cost) }); err != nil {
		return domain.PasswordHash{}, err
	}
	if failure != nil {
		return domain.PasswordHash{}, fmt.Errorf("hashing a password: %w", failure)
	}
	return domain.NewPasswordHash(encoded), nil
}

// Verify tells whether password matches hash. The zero hash, for accounts that do
// not exist or have no password, matches nothing and costs the same as any hash
// that this Hasher made. So does a hash of an unknown form: its owner gets in by
// a password reset, and an error would tell strangers that the account exists.
//
// So, too, does a bcrypt hash of a lower cost, a PBKDF2 or an argon2 hash, whether
// the password matches or not: the rounds that it lacks are spent on dummies. Only
// a hash that alone costs more than one of the configured cost takes longer, and
// nothing can hide that. One argon2 hash is checked at a time.
//
// Errors: domain.ErrOverloaded if too many are waiting, domain.ErrUnavailable
// after Close, the context's.
func (h *Hasher) Verify(ctx context.Context, hash domain.PasswordHash, password domain.Secret) (ports.PasswordMatch, error) {
	var match ports.PasswordMatch
	var failure error
	if err := h.pool.do(ctx, func() { match, failure = h.check(ctx, hash.Encoded(), password.Reveal()) }); err != nil {
		return ports.PasswordMatch{}, err
	}
	return match, failure
}

// Admit tells whether Verify can ever match hash. Errors: *ports.HashRefusal
// for a hash of an unknown form, or one whose check would take too much, here or anywhere.
func (h *Hasher) Admit(hash domain.PasswordHash) error {
	encoded := hash.Encoded()
	if _, own := parseSalted(encoded); own {
		return nil
	}
	switch form := parseForeign(encoded); {
	case form.kind == kindUnknown:
		return &ports.HashRefusal{Unsupported: true, Detail: fmt.Sprintf("The password hash is of no form that is known here, or beyond the bounds: bcrypt of cost %d, "+
			"argon2id and argon2i of %d MiB and %d MiB times passes, PBKDF2 of %d iterations, with SHA-384 and SHA-512 of %d.",
			MaxCost, maxArgonMemory/1024, maxArgonWork/1024, maxIterations, maxIterations512)}
	case !h.affords(form):
		return &ports.HashRefusal{Detail: fmt.Sprintf("The argon2 hash needs %d KiB of memory, and a check may use %d KiB where this runs: "+
			"the memory limit of the process less %d MiB.", form.argon.memory, h.memory, argonReserve>>20)}
	default:
		return nil
	}
}

// affords tells whether the process has the memory to check a hash.
func (h *Hasher) affords(form foreign) bool {
	return form.kind != kindArgon2 || form.argon.memory <= h.memory
}

// Close refuses new work, finishes what is waiting and ends the threads.
func (h *Hasher) Close() { h.pool.close() }

// check finds the form of a stored hash and checks password against it.
func (h *Hasher) check(ctx context.Context, encoded, password string) (ports.PasswordMatch, error) {
	if salted, ok := parseSalted(encoded); ok {
		matches := h.checkBcrypt(salted.bcrypt, salted.cost, digest(salted.salt, password))
		return ports.PasswordMatch{Matches: matches, Outdated: matches && salted.cost < h.cost}, nil
	}
	form := parseForeign(encoded)
	if input, ok := form.bcryptInput(password); ok {
		matches := h.checkBcrypt(form.bcrypt.encoded, form.bcrypt.cost, input)
		return ports.PasswordMatch{Matches: matches, Outdated: matches}, nil
	}
	if form.kind == kindPBKDF2 && strings.IndexByte(password, 0) < 0 { // HMAC ignores NULs at the end of its key
		matches := h.checkPBKDF2(form.pbkdf2, password)
		return ports.PasswordMatch{Matches: matches, Outdated: matches}, nil
	}
	if form.kind == kindArgon2 && h.affords(form) {
		matches, err := h.checkArgon2(ctx, form.argon, password)
		return ports.PasswordMatch{Matches: matches, Outdated: matches}, err
	}
	h.spend(h.cost)
	return ports.PasswordMatch{}, nil
}

func (h *Hasher) checkPBKDF2(p pbkdf2Hash, password string) bool {
	matches := p.check(password)
	h.fillUp(h.pace.worth(p))
	return matches
}

// fillUp spends what a check that was worth so many rounds lacks to the rounds of
// the configured cost.
func (h *Hasher) fillUp(worth float64) {
	missing := float64(uint64(1)<<h.cost) - worth
	for cost := h.cost; cost >= bcrypt.MinCost; cost-- {
		if rounds := float64(uint64(1) << cost); missing >= rounds {
			h.spend(cost)
			missing -= rounds
		}
	}
}

// checkBcrypt does as many rounds for a hash of a lower cost as for one of the
// configured: 2^c of its own, and 2^c + 2^(c+1) + ... + 2^(h-1) more make 2^h.
func (h *Hasher) checkBcrypt(encoded string, cost int, input []byte) bool {
	matches := h.compare([]byte(encoded), input) == nil
	for ; cost < h.cost; cost++ {
		h.spend(cost)
	}
	return matches
}

// spend takes the time of a check at cost.
func (h *Hasher) spend(cost int) {
	_ = h.compare([]byte(dummyBcrypt(cost)), digest(nil, "")) // matches nothing
}

// checkArgon2 waits for its turn, since every check takes the memory that the
// hash asks for, and gives it back before the next one's.
func (h *Hasher) checkArgon2(ctx context.Context, argon argonHash, password string) (bool, error) {
	select {
	case h.argon <- struct{}{}:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	began := time.Now()
	matches := argon.check(password)
	freeMemory()
	took := time.Since(began)
	<-h.argon
	h.fillUp(h.pace.worthOfArgon2(argon.argonParameters, took))
	return matches, nil
}

// freeMemory gives the system back what a check of argon2 leaves behind. Go would
// collect it only after the next check had as much again. It is done by another
// goroutine: the world must not stand still for a thread of the lowest priority.
func freeMemory() {
	done := make(chan struct{})
	go func() { debug.FreeOSMemory(); close(done) }()
	<-done
}
