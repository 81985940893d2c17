package passwords

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Bounds of bcrypt's cost, the binary logarithm of its rounds. OWASP's Password
// Storage Cheat Sheet asks for at least 10. Above MaxCost one hash takes longer
// than a request may.
const (
	MinCost     = 10
	DefaultCost = 12
	MaxCost     = 15
)

// Options configure a Hasher. The zero value means the defaults.
type Options struct {
	// Cost is bcrypt's cost for new hashes, from MinCost to MaxCost. Zero means
	// DefaultCost.
	Cost int
	// AllowLowCost admits costs from 4 on, for tests.
	AllowLowCost bool
	// Workers is the number of passwords hashed at once. Zero means the number of
	// cores that the process may use.
	Workers int
	// Queue is the number of passwords that may wait. Fewer may if they would not be
	// done in two and a half seconds at the present pace, so that every waiting password is
	// answered within the five seconds of a request. Zero means 32 per worker at cost 12,
	// and half of that with each step of cost.
	Queue int
	// Memory is the number of bytes that the process may use; 0 means no limit. A
	// check of an argon2 hash may use the part beyond 64 MiB, and at most 128
	// MiB.
	Memory int64
	// Watch gets the time that each password took.
	Watch Watch
}

// Hasher is the ports.PasswordHasher of this package. Close frees its threads. It
// is safe for concurrent use.
type Hasher struct {
	cost    int
	pool    *pool
	compare func(hash, password []byte) error // bcrypt's; tests replace it to count
	argon   *turns                            // of checks of argon2 hashes
	memory  uint32                            // limit of an argon2 check, in KiB
	pace    pacer
}

var _ ports.PasswordHasher = (*Hasher)(nil)

// New starts a Hasher. Errors: options outside their bounds, by the names of
// their fields.
func New(o Options) (*Hasher, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	return &Hasher{
		cost:    o.Cost,
		pool:    newPool(o.Workers, o.Queue, guess(o.Cost), o.Watch),
		compare: bcrypt.CompareHashAndPassword,
		argon:   newTurns(o.Queue),
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
		errs = append(errs, fmt.Errorf("passwords: Cost: must be from %d to %d", least, MaxCost))
	}
	if o.Workers < 0 || o.Workers > maxWorkers {
		errs = append(errs, fmt.Errorf("passwords: Workers: must be from 1 to %d, or 0 for the default", maxWorkers))
	}
	if o.Queue < 0 || o.Queue > maxQueue {
		errs = append(errs, fmt.Errorf("passwords: Queue: must be from 1 to %d, or 0 for the default", maxQueue))
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

// guess returns how long a hash of a cost takes until one was measured.
func guess(cost int) time.Duration {
	return time.Duration(float64(guessedHash) * math.Exp2(float64(cost-DefaultCost)))
}

// Reserve implements ports.PasswordHasher. A place is free if the hash would be done within
// two and a half seconds, at the pace of the last hashes. Errors: domain.ErrOverloaded,
// domain.ErrUnavailable after Close, the context's.
func (h *Hasher) Reserve(ctx context.Context, r ports.Reservation) (ports.HashPlace, error) {
	count, err := h.pool.reserve(ctx, r)
	if err != nil {
		return nil, err
	}
	return &place{h: h, terms: r, left: count}, nil
}

// place implements ports.HashPlace.
type place struct {
	h     *Hasher
	terms ports.Reservation
	left  int // hashes that are reserved and not begun
}

// use takes one of the reserved hashes, or reserves another. Errors: as Reserve.
func (p *place) use(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if p.left > 0 {
		p.left--
		return nil
	}
	another := p.terms
	another.Hashes = 1
	_, err := p.h.pool.reserve(ctx, another)
	return err
}

// Release implements ports.HashPlace.
func (p *place) Release() {
	if p.left > 0 {
		p.h.pool.admission.giveBack(p.terms, p.left)
		p.left = 0
	}
}

// Hash implements ports.HashPlace. Errors: as Reserve.
func (p *place) Hash(ctx context.Context, password domain.Secret) (domain.PasswordHash, error) {
	if err := p.use(ctx); err != nil {
		return domain.PasswordHash{}, err
	}
	var encoded string
	var failure error
	run := func() { encoded, failure = encode(password.Reveal(), p.h.cost) }
	if err := p.h.pool.do(ctx, p.terms, time.Now(), run, func() {}); err != nil {
		return domain.PasswordHash{}, err
	}
	if failure != nil {
		return domain.PasswordHash{}, fmt.Errorf("hashing a password: %w", failure)
	}
	return domain.NewPasswordHash(encoded), nil
}

// Verify reports whether password matches hash. The zero hash, for accounts that
// do not exist or have no password, matches nothing and costs the same as any
// hash made by this Hasher. The same holds for a hash of an unknown form: its
// owner resets the password, and an error would reveal to strangers that the
// account exists.
//
// A bcrypt hash of a lower cost, a PBKDF2 hash and an argon2 hash cost the same
// too, whether the password matches or not: dummies add the missing rounds. A
// hash that alone costs more than a hash of the configured cost takes longer, and
// that cannot be hidden. One argon2 hash is checked at a time. The others wait
// before they enter the queue, so that they hold no worker.
//
// Errors: as Reserve, domain.ErrOverloaded also if more argon2 hashes wait than get their
// turn in time.
func (p *place) Verify(ctx context.Context, hash domain.PasswordHash, password domain.Secret) (ports.PasswordMatch, error) {
	if err := p.use(ctx); err != nil {
		return ports.PasswordMatch{}, err
	}
	h, since := p.h, time.Now()
	encoded := hash.Encoded()
	release := func() {}
	if h.needsTurn(encoded) {
		var err error
		if release, err = h.argon.take(ctx); err != nil {
			h.pool.admission.giveBack(p.terms, 1)
			return ports.PasswordMatch{}, err
		}
	}
	var match ports.PasswordMatch
	run := func() { match = h.check(encoded, password.Reveal(), release) }
	if err := h.pool.do(ctx, p.terms, since, run, release); err != nil {
		return ports.PasswordMatch{}, err
	}
	return match, nil
}

// needsTurn reports whether a check of the hash takes so much memory that it runs
// alone.
func (h *Hasher) needsTurn(encoded string) bool {
	if _, own := parseSalted(encoded); own {
		return false
	}
	form := parseForeign(encoded)
	return form.kind == kindArgon2 && h.affords(form)
}

// CanVerify checks that Verify can match hash. Errors: *ports.HashRefusal for a hash
// of an unknown form, or for one whose check needs too much on this machine or on
// any.
func (h *Hasher) CanVerify(hash domain.PasswordHash) error {
	encoded := hash.Encoded()
	if _, own := parseSalted(encoded); own {
		return nil
	}
	switch form := parseForeign(encoded); {
	case form.kind == kindUnknown:
		return &ports.HashRefusal{Unsupported: true, Detail: fmt.Sprintf("The password hash has an unknown form or exceeds the bounds: bcrypt of cost %d, "+
			"argon2id and argon2i of %d MiB and %d MiB times passes, PBKDF2 of %d iterations, with SHA-384 and SHA-512 of %d.",
			MaxCost, maxArgonMemory/1024, maxArgonWork/1024, maxIterations, maxIterations512)}
	case !h.affords(form):
		return &ports.HashRefusal{Detail: fmt.Sprintf("The argon2 hash needs %d KiB of memory, and a check may use %d KiB in this process: "+
			"its memory limit less %d MiB.", form.argon.memory, h.memory, argonReserve>>20)}
	default:
		return nil
	}
}

// affords reports whether the process has the memory to check a hash.
func (h *Hasher) affords(form foreign) bool {
	return form.kind != kindArgon2 || form.argon.memory <= h.memory
}

// Close refuses new work, finishes the waiting work and ends the threads.
func (h *Hasher) Close() { h.pool.close() }

// check finds the form of a stored hash and checks password against it. release gives
// back the turn of an argon2 hash.
func (h *Hasher) check(encoded, password string, release func()) ports.PasswordMatch {
	if salted, ok := parseSalted(encoded); ok {
		matches := h.checkBcrypt(salted.bcrypt, salted.cost, digest(salted.salt, password))
		return ports.PasswordMatch{Matches: matches, Outdated: matches && salted.cost < h.cost}
	}
	form := parseForeign(encoded)
	if input, ok := form.bcryptInput(password); ok {
		matches := h.checkBcrypt(form.bcrypt.encoded, form.bcrypt.cost, input)
		return ports.PasswordMatch{Matches: matches, Outdated: matches}
	}
	if form.kind == kindPBKDF2 && strings.IndexByte(password, 0) < 0 { // HMAC ignores NULs at the end of its key
		matches := h.checkPBKDF2(form.pbkdf2, password)
		return ports.PasswordMatch{Matches: matches, Outdated: matches}
	}
	if form.kind == kindArgon2 && h.affords(form) {
		matches := h.checkArgon2(form.argon, password, release)
		return ports.PasswordMatch{Matches: matches, Outdated: matches}
	}
	h.spend(h.cost)
	return ports.PasswordMatch{}
}

func (h *Hasher) checkPBKDF2(p pbkdf2Hash, password string) bool {
	matches := p.check(password)
	h.fillUp(h.pace.worth(p))
	return matches
}

// fillUp spends the rounds between worth, the rounds that a check was worth, and
// the rounds of the configured cost.
func (h *Hasher) fillUp(worth float64) {
	missing := float64(uint64(1)<<h.cost) - worth
	for cost := h.cost; cost >= bcrypt.MinCost; cost-- {
		if rounds := float64(uint64(1) << cost); missing >= rounds {
			h.spend(cost)
			missing -= rounds
		}
	}
}

// checkBcrypt does as many rounds for a hash of a lower cost c as for one of the
// configured cost h: 2^c of its own, and 2^c + 2^(c+1) + ... + 2^(h-1) more make
// 2^h.
func (h *Hasher) checkBcrypt(encoded string, cost int, input []byte) bool {
	matches := h.compare([]byte(encoded), input) == nil
	for ; cost < h.cost; cost++ {
		h.spend(cost)
	}
	return matches
}

// spend takes as long as a check at cost.
func (h *Hasher) spend(cost int) {
	_ = h.compare([]byte(dummyBcrypt(cost)), digest(nil, "")) // matches nothing
}

// checkArgon2 takes the memory that the hash asks for, in the turn of its caller. It
// frees that memory before it gives the turn back.
func (h *Hasher) checkArgon2(argon argonHash, password string, release func()) bool {
	began := time.Now()
	matches := argon.check(password)
	freeMemory()
	took := time.Since(began)
	release()
	h.fillUp(h.pace.worthOfArgon2(argon.argonParameters, took))
	return matches
}
