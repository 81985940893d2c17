package contract

import (
	"sync/atomic"
	"time"
)

// meetingTime is how long the first wait for the last.
const meetingTime = 10 * time.Millisecond

// meeting brings units of work to the same point at the same time, which makes
// the race that a test is about likely. A store that runs units one after the
// other lets nobody come: so nobody waits for long, and no test depends on it.
type meeting struct {
	missing atomic.Int64
	full    chan struct{}
}

func newMeeting(n int) *meeting {
	m := &meeting{full: make(chan struct{})}
	m.missing.Store(int64(n))
	return m
}

// meet waits for the others, if they come.
func (m *meeting) meet() {
	missing := m.missing.Add(-1)
	if missing < 0 {
		return // a unit that runs again
	}
	if missing == 0 {
		close(m.full)
	}
	select {
	case <-m.full:
	case <-time.After(meetingTime):
	}
}
