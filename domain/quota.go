package domain

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Quota is how many events a rate limit admits: a burst of Events, refilled
// evenly with Events per Per (the generic cell rate algorithm). The zero Quota
// is off: it admits everything.
type Quota struct {
	Events int
	Per    time.Duration
}

// quotaOff is how the zero Quota is written.
const quotaOff = "off"

// Bounds of a quota.
const (
	maxQuotaEvents = 1_000_000
	maxQuotaPer    = 7 * 24 * time.Hour
)

// The parts of a quota: a number of events, and a duration of whole units.
var (
	quotaEvents = regexp.MustCompile(`^[1-9]\d{0,6}$`)
	quotaPer    = regexp.MustCompile(`^(\d+h)?(\d+m)?(\d+s)?$`)
)

// ParseQuota reads the text form, such as "10/1m" for 10 in a minute, or "off".
// Events are 1 to 1,000,000, the duration 1 second to 168 hours, at least a
// microsecond an event. Errors: one that
// says which part is wrong and what is expected, without repeating it.
func ParseQuota(s string) (Quota, error) {
	if s == quotaOff {
		return Quota{}, nil
	}
	number, duration, found := strings.Cut(s, "/")
	if !found {
		return Quota{}, wrongQuota("there is no slash")
	}
	events, err := strconv.Atoi(number)
	if !quotaEvents.MatchString(number) || err != nil || events > maxQuotaEvents {
		return Quota{}, wrongQuota("the number before the slash is none of these")
	}
	if duration == "" || !quotaPer.MatchString(duration) {
		return Quota{}, wrongQuota("the time after the slash is not written so")
	}
	per, err := time.ParseDuration(duration)
	if err != nil || per < time.Second || per > maxQuotaPer {
		return Quota{}, wrongQuota("the time after the slash is out of range")
	}
	return Quota{Events: events, Per: per}, nil
}

// wrongQuota says what a quota has to be and which part of one is wrong.
func wrongQuota(part string) error {
	return fmt.Errorf("must be a number of events and a time, such as 10/1m or 20/1h (1 to %d events, 1s to %s, in units of s, m and h), or off; %s",
		maxQuotaEvents, shortDuration(maxQuotaPer), part)
}

// IsOff reports whether the quota admits everything.
func (q Quota) IsOff() bool { return q.Events == 0 }

// String returns the text form.
func (q Quota) String() string {
	if q.IsOff() {
		return quotaOff
	}
	return strconv.Itoa(q.Events) + "/" + shortDuration(q.Per)
}

// shortDuration writes 1m for 1m0s.
func shortDuration(d time.Duration) string {
	s := d.String()
	for _, zero := range []string{"0s", "0m"} {
		if trimmed := strings.TrimSuffix(s, zero); trimmed != s && strings.ContainsAny(trimmed[max(len(trimmed)-1, 0):], "hm") {
			s = trimmed
		}
	}
	return s
}

// Exceeded says which rate limit refused.
type Exceeded struct {
	// Limit is its name, such as "login_ip".
	Limit string
	Quota Quota
}
