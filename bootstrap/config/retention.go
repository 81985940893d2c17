package config

import (
	"errors"
	"strconv"
	"time"
)

// Retention is a number of whole days, or 0 for ever.
type Retention int

// retentionOff is the text of a Retention for ever.
const retentionOff = "off"

// maxRetentionDays is the longest Retention with an end: ten years.
const maxRetentionDays = 3650

var errRetention = errors.New("must be a number of days between 1 and " + strconv.Itoa(maxRetentionDays) + ", or off to keep them for ever")

// parseRetention reads a number of days or "off". 0 is refused, because it could mean
// either. Errors: a message that says what is expected, without the value.
func parseRetention(text string) (Retention, error) {
	if text == retentionOff {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxRetentionDays {
		return 0, errRetention
	}
	return Retention(n), nil
}

// Duration returns the time; 0 means for ever.
func (r Retention) Duration() time.Duration { return days(int(r)) }

// String returns the text that parseRetention reads.
func (r Retention) String() string {
	if r == 0 {
		return retentionOff
	}
	return strconv.Itoa(int(r))
}
