package domain

import "time"

// Quota is how many events a rate limit admits: a burst of Events, refilled
// evenly with Events in each Per (the generic cell rate algorithm). The zero Quota
// admits everything.
type Quota struct {
	Events int
	Per    time.Duration
}

// The bounds of a quota that is not off. They keep at least a microsecond for each
// event, because stores count in microseconds.
const (
	MaxQuotaEvents = 1_000_000
	MinQuotaPer    = time.Second
	MaxQuotaPer    = 7 * 24 * time.Hour
)

// IsOff reports whether the quota admits everything.
func (q Quota) IsOff() bool { return q.Events == 0 }

// IsValid reports whether the quota is off, or lies within the bounds and has a
// Per in whole seconds.
func (q Quota) IsValid() bool {
	if q == (Quota{}) {
		return true
	}
	return q.Events >= 1 && q.Events <= MaxQuotaEvents &&
		q.Per >= MinQuotaPer && q.Per <= MaxQuotaPer && q.Per%time.Second == 0
}

// Exceeded names the rate limit that refused a request.
type Exceeded struct {
	// Limit is its name, such as "login_ip".
	Limit string
	Quota Quota
}
