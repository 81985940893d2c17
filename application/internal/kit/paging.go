package kit

import (
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// Bounds of a page, in entries.
const (
	DefaultPageSize = 50
	MaxPageSize     = 200
)

// PageSize returns how many entries a page has; zero means DefaultPageSize.
// Errors: domain.ErrInvalidParameter at limit.
func PageSize(limit int) (int, error) {
	switch {
	case limit == 0:
		return DefaultPageSize, nil
	case limit < 0 || limit > MaxPageSize:
		return 0, InvalidParameter("limit", "The limit must be between 1 and 200.")
	}
	return limit, nil
}

// ParseTime reads an RFC 3339 time of the years 1 to 9999, in UTC and whole
// microseconds; an empty text is the zero time. Errors:
// domain.ErrInvalidParameter at name.
func ParseTime(name, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	t = t.UTC().Truncate(time.Microsecond) // which may leave the years that have four digits
	if err != nil || t.IsZero() || t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}, InvalidParameter(name, name+" must be an RFC 3339 time, such as 2026-01-31T12:00:00Z.")
	}
	return t, nil
}

// InvalidParameter refuses a query parameter by its name.
func InvalidParameter(name, detail string) error {
	return domain.ErrInvalidParameter.WithDetail(detail).WithField(name)
}
