package capacity

import (
	"container/heap"
	"math/rand/v2"
	"slices"
	"time"
)

// Rules of the service that the simulation follows (ADR 0033).
const (
	patience = 2500 * time.Millisecond // an admitted hash waits at most
	retry    = time.Second             // after which a refused client comes back
	deadline = 5 * time.Second
	// attempts is how often a person tries before giving up.
	attempts = 3
)

// Hour is what happened to the logins of a simulated peak hour at one replica.
type Hour struct {
	Logins int
	// Refused is how many were refused at their first attempt, GivenUp after all.
	Refused, GivenUp int
	// Longest is the longest time from an admission to the end of its hash; Late is how many
	// took longer than a request may.
	Longest time.Duration
	Late    int
	// Busy is the share of the hour in which a core hashed.
	Busy float64
}

// Simulate plays the peak hour of one replica: logins arrive at random at a mean rate per
// second, for one minute of the hour at burst times that rate, and cores hash them one after
// the other. A hash takes between 0.9 and 1.3 times its mean.
func Simulate(rate, burst float64, cores int, hash time.Duration, seed uint64) Hour {
	s := &simulation{random: rand.New(rand.NewPCG(seed, seed)), free: make([]time.Duration, cores), hash: hash} //nolint:gosec // no secret
	var hour Hour
	for at := time.Duration(0); at < time.Hour; {
		now := rate
		if minute := at / time.Minute; minute == 30 {
			now *= burst
		}
		at += time.Duration(s.random.ExpFloat64() / now * float64(time.Second))
		heap.Push(&s.arrivals, arrival{at: at})
	}
	hour.Logins = s.arrivals.Len()
	var busy time.Duration
	for s.arrivals.Len() > 0 {
		a, _ := heap.Pop(&s.arrivals).(arrival) // it holds nothing else
		core := slices.Index(s.free, slices.Min(s.free))
		start := max(a.at, s.free[core])
		if s.ahead(a.at) > patience && start > a.at {
			if a.attempt == 0 {
				hour.Refused++
			}
			if a.attempt++; a.attempt == attempts {
				hour.GivenUp++
				continue
			}
			a.at += retry + time.Duration(s.random.Float64()*float64(retry))
			heap.Push(&s.arrivals, a)
			continue
		}
		took := time.Duration((0.9 + 0.4*s.random.Float64()) * float64(hash))
		s.free[core] = start + took
		busy += took
		hour.Longest = max(hour.Longest, s.free[core]-a.at)
		if s.free[core]-a.at > deadline {
			hour.Late++
		}
	}
	hour.Busy = busy.Seconds() / float64(cores) / time.Hour.Seconds()
	return hour
}

type simulation struct {
	random   *rand.Rand
	arrivals arrivals
	free     []time.Duration // when each core has done what was admitted
	hash     time.Duration
}

// ahead returns the time of the work that was admitted and is not done, and of one hash
// more, spread over the cores.
func (s *simulation) ahead(now time.Duration) (sum time.Duration) {
	for _, free := range s.free {
		sum += max(0, free-now)
	}
	return (sum + s.hash) / time.Duration(len(s.free))
}

// arrival is a login, at its first attempt or a later one.
type arrival struct {
	at      time.Duration
	attempt int
}

// arrivals is a heap by time.
type arrivals []arrival

func (a arrivals) Len() int           { return len(a) }
func (a arrivals) Less(i, j int) bool { return a[i].at < a[j].at }
func (a arrivals) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }

// Push and Pop belong to heap.Interface.
func (a *arrivals) Push(x any) {
	next, _ := x.(arrival)
	*a = append(*a, next)
}

func (a *arrivals) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}
