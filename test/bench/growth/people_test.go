package growth

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

const (
	day  = 24 * time.Hour
	year = 365 * day
	// idle, absolute and ended are how long sessions last and stay, by default.
	idle, absolute, ended = 7 * day, 30 * day, day
	// batch is how many rows one step of the cleaning removes.
	batch = 500
	// fewest is how many rows of each rare kind there are at least: more than a page.
	fewest = 60
)

// now is when the calls happen.
var now = time.Date(2026, time.June, 1, 12, 0, 0, 0, time.UTC)

// population describes the rows of a database: users of two years, a year of events.
type population struct {
	users int
	// sessions and events are how many a user has, on average.
	sessions, events int
}

// mix spreads numbers evenly, the same on every run (splitmix64).
func mix(n uint64) uint64 {
	n += 0x9e3779b97f4a7c15
	n = (n ^ n>>30) * 0xbf58476d1ce4e5b9
	n = (n ^ n>>27) * 0x94d049bb133111eb
	return n ^ n>>31
}

// draw returns a number below limit for a user and a purpose.
func draw(user int, purpose string, limit int64) int64 {
	seed := uint64(user) //nolint:gosec // not negative
	for _, c := range []byte(purpose) {
		seed = mix(seed ^ uint64(c))
	}
	return int64(mix(seed) % uint64(limit)) //nolint:gosec // below limit
}

// idAt returns an identifier of version 7 for a time.
func idAt(at time.Time, seed uint64) (id [16]byte) {
	binary.BigEndian.PutUint64(id[:8], uint64(at.UnixMilli())<<16|mix(seed)&0xfff|0x7000)
	binary.BigEndian.PutUint64(id[8:], mix(seed^1<<40)&0x3fffffffffffffff|0x8000000000000000)
	return id
}

// person is a user of a population.
type person struct {
	id                   domain.UserID
	email                string
	role, status         string
	verified, pending    bool
	epoch                int64
	createdAt, updatedAt time.Time
}

// every returns how often a kind occurs that 1 of share users has, but fewest at least.
func (p population) every(share int) int { return max(1, min(share, p.users/fewest)) }

// sample is the number of the person that the calls are about.
func (p population) sample() int { return p.users/2 + 1 }

func (p population) person(n int) person {
	created := now.Add(-2 * year).Add(time.Duration(float64(2*year) * (float64(n) + 0.5) / float64(p.users)))
	created = created.Truncate(time.Microsecond)
	u := person{id: idAt(created, uint64(n)), role: "user", status: "active", verified: true, epoch: 1, createdAt: created, updatedAt: created} //nolint:gosec // not negative
	letters := draw(n, "letters", 26*26*26)
	u.email = fmt.Sprintf("%c%c%c.%d@example.com", 'a'+letters%26, 'a'+letters/26%26, 'a'+letters/676, n)
	switch {
	case n == p.sample():
		return u
	case n%p.every(1000) == 1:
		u.role = "admin"
	case n%p.every(200) == 2:
		u.status = "disabled"
	case n%p.every(20) == 3:
		u.verified = false
		u.pending = n%2 == 0
	}
	if n%10 == 4 { // changed the password some time
		u.epoch = 2
		u.updatedAt = created.Add(time.Duration(draw(n, "change", int64(now.Sub(created)))))
	}
	return u
}

// owner returns the person that the n-th of count sessions or events belongs to. Half of them
// belong to one of ten persons, so most have few and some have many. The sample has mine of
// them, the same number in every population, all in the last fifth.
func (p population) owner(n, count, mine int, what string) person {
	if n >= count*4/5 && (n-count*4/5)%(count/5/mine) == 1 {
		return p.person(p.sample())
	}
	owner := int(draw(n, what, int64(p.users)))
	if draw(n, "busy", 2) == 0 {
		owner = owner/10*10 + 5
	}
	if owner >= p.users || owner == p.sample() {
		owner = 0
	}
	return p.person(owner)
}
