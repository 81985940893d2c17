package contract

import (
	"sync/atomic"
	"time"
)

// meetingTime is how long a unit waits for the others.
const meetingTime = 10 * time.Millisecond

// meeting brings units of work to the same point at the same time, which makes the
// tested race likely. In a store that runs units one after the other they never
// meet, so each waits only for a short time, and no test depends on a meeting.
type meeting struct {
	missing atomic.Int64
	full    chan struct{}
}

func newMeeting(n int) *meeting {
	m := &meeting{full: make(chan struct{})}
	m.missing.Store(int64(n))
	return m
}

// meet waits for the other units, for at most meetingTime.
func (m *meeting) meet() {
	missing := m.missing.Add(-1)
	if missing < 0 {
		return // the unit runs again
	}
	if missing == 0 {
		close(m.full)
	}
	select {
	case <-m.full:
	case <-time.After(meetingTime):
	}
}
