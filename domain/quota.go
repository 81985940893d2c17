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

// quotaForm is a number of events and a duration of whole units.
var quotaForm = regexp.MustCompile(`^([1-9]\d{0,6})/((?:\d+h)?(?:\d+m)?(?:\d+s)?)$`)

// ParseQuota reads the text form, such as "10/1m" for 10 in a minute, or "off".
// Events are 1 to 1,000,000, the duration 1 second to 168 hours, at least a
// microsecond an event. Errors: one that says what is expected.
func ParseQuota(s string) (Quota, error) {
	if s == quotaOff {
		return Quota{}, nil
	}
	wrong := fmt.Errorf("must be a number of events and a time, such as 10/1m or 20/1h (1 to %d events, 1s to %s, in units of s, m and h), or off", maxQuotaEvents, shortDuration(maxQuotaPer))
	parts := quotaForm.FindStringSubmatch(s)
	if parts == nil {
		return Quota{}, wrong
	}
	events, err := strconv.Atoi(parts[1])
	if err != nil || events > maxQuotaEvents {
		return Quota{}, wrong
	}
	per, err := time.ParseDuration(parts[2])
	if err != nil || per < time.Second || per > maxQuotaPer {
		return Quota{}, wrong
	}
	return Quota{Events: events, Per: per}, nil
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
