package config

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// quotaOff is the text of a quota that admits everything.
const quotaOff = "off"

// The parts of a quota: a number of events, and a duration of whole units.
var (
	quotaEvents = regexp.MustCompile(`^[1-9]\d{0,6}$`)
	quotaPer    = regexp.MustCompile(`^(\d+h)?(\d+m)?(\d+s)?$`)
)

// parseQuota reads a quota such as "10/1m", which admits 10 events a minute, or
// "off". The bounds are those of domain.Quota. Errors: a message that names the
// wrong part and the expected form, without the value.
func parseQuota(text string) (domain.Quota, error) {
	if text == quotaOff {
		return domain.Quota{}, nil
	}
	number, duration, found := strings.Cut(text, "/")
	if !found {
		return domain.Quota{}, wrongQuota("there is no slash")
	}
	events, err := strconv.Atoi(number)
	if !quotaEvents.MatchString(number) || err != nil || events > domain.MaxQuotaEvents {
		return domain.Quota{}, wrongQuota("the number before the slash is wrong")
	}
	if duration == "" || !quotaPer.MatchString(duration) {
		return domain.Quota{}, wrongQuota("the time after the slash has another form")
	}
	per, err := time.ParseDuration(duration)
	quota := domain.Quota{Events: events, Per: per}
	if err != nil || !quota.IsValid() {
		return domain.Quota{}, wrongQuota("the time after the slash is out of range")
	}
	return quota, nil
}

// wrongQuota returns the error of a quota whose given part is wrong.
func wrongQuota(part string) error {
	return fmt.Errorf("must be a number of events and a time, such as 10/1m or 20/1h (1 to %d events, 1s to %s, in units of s, m and h), or off; %s",
		domain.MaxQuotaEvents, shortDuration(domain.MaxQuotaPer), part)
}

// quotaText returns the text that parseQuota reads.
func quotaText(q domain.Quota) string {
	if q.IsOff() {
		return quotaOff
	}
	return strconv.Itoa(q.Events) + "/" + shortDuration(q.Per)
}

// untilCleared is the time of a lock without an end, after the slash.
const untilCleared = "0"

// parseFailureLimit reads a limit such as "100/24h", whose lock lasts 24 hours,
// "100/0", whose lock lasts until it is cleared, or "off". Errors: as parseQuota.
func parseFailureLimit(text string) (domain.FailureLimit, error) {
	number, endless := strings.CutSuffix(text, "/"+untilCleared)
	if endless {
		text = number + "/1s" // the number keeps its rules
	}
	quota, err := parseQuota(text)
	if err != nil {
		return domain.FailureLimit{}, fmt.Errorf("must be a number of wrong passwords in a row and the time of the lock, such as 100/24h, or 100/0 for a lock without an end: %w", err)
	}
	if endless {
		quota.Per = 0
	}
	return domain.FailureLimit{Failures: quota.Events, Lock: quota.Per}, nil
}

// failureLimitText returns the text that parseFailureLimit reads.
func failureLimitText(l domain.FailureLimit) string {
	if !l.IsOff() && l.Lock == 0 {
		return strconv.Itoa(l.Failures) + "/" + untilCleared
	}
	return quotaText(domain.Quota{Events: l.Failures, Per: l.Lock})
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
