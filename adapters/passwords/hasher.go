package passwords

import (
	"context"
	"errors"
	"fmt"

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
}

// Hasher is the ports.PasswordHasher of this package. Close it to free its
// threads. It is safe for concurrent use.
type Hasher struct {
	cost  int
	pool  *pool
	dummy string
}

var _ ports.PasswordHasher = (*Hasher)(nil)

// New starts a Hasher. Errors: options out of their bounds, by the names of their
// settings.
func New(o Options) (*Hasher, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	return &Hasher{cost: o.Cost, pool: newPool(o.Workers, o.Queue), dummy: dummyHash(o.Cost)}, nil
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
// Errors: domain.ErrOverloaded if too many are waiting, domain.ErrUnavailable
// after Close.
func (h *Hasher) Verify(ctx context.Context, hash domain.PasswordHash, password domain.Secret) (ports.PasswordMatch, error) {
	check, outdated := h.checkerOf(hash.Encoded())
	var matches bool
	if err := h.pool.do(ctx, func() { matches = check(password.Reveal()) }); err != nil {
		return ports.PasswordMatch{}, err
	}
	return ports.PasswordMatch{Matches: matches, Outdated: matches && outdated}, nil
}

// Close refuses new work, finishes what is waiting and ends the threads.
func (h *Hasher) Close() { h.pool.close() }

// checker tells whether a password is the one of a stored hash.
type checker func(password string) bool

// checkerOf finds the form of a stored hash, and whether it should be replaced.
func (h *Hasher) checkerOf(encoded string) (check checker, outdated bool) {
	if salted, ok := parseSalted(encoded); ok {
		return salted.check, salted.cost < h.cost
	}
	if plain, ok := parseBcrypt(encoded); ok {
		return func(password string) bool {
			if plain.ambiguous(password) {
				return h.checkDummy(password)
			}
			return plain.check(password)
		}, true
	}
	if argon, ok := parseArgon2id(encoded); ok {
		return argon.check, true
	}
	return h.checkDummy, false
}

// checkDummy takes the time of a check and matches nothing.
func (h *Hasher) checkDummy(password string) bool {
	salted, _ := parseSalted(h.dummy)
	salted.check(password)
	return false
}
