package kit

import (
	"regexp"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
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
		return 0, InvalidParameter("limit", "The limit must be between 1 and 200.").
			WithBounds(domain.Bounds{Minimum: 1, Maximum: MaxPageSize})
	}
	return limit, nil
}

// CutPage returns the rows of a page that was read with one row more than its size, because
// that row means that there is a next page, and the place after which the next page begins; it
// is nil for the last page. place returns the place of a row. A first page is whole or
// refused, so that filters that are too broad are noticed at once. A later page may be short,
// because a client that has begun to read a list gets all of it. Errors:
// domain.ErrTooBroad.
func CutPage[R, K any](page ports.Page[R, K], size int, first bool, place func(R) K) (rows []R, next *K, err error) {
	switch {
	case len(page.Rows) > size:
		end := place(page.Rows[size-1])
		return page.Rows[:size], &end, nil
	case first && page.StoppedAt != nil && len(page.Rows) < size:
		return nil, nil, domain.ErrTooBroad
	default:
		return page.Rows, page.StoppedAt, nil
	}
}

// blankOffset is an offset whose plus sign was not escaped in a query, where it stands
// for a blank.
var blankOffset = regexp.MustCompile(` (\d\d:\d\d)$`)

// ParseTime returns an RFC 3339 time of the years 1 to 9999, in UTC and whole
// microseconds. It rounds up, so that no stored time lies between the text and the
// result. It returns the zero time for an empty text. Errors:
// domain.ErrInvalidParameter at name.
func ParseTime(name, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, blankOffset.ReplaceAllString(s, "+$1"))
	t = t.UTC()
	if up := t.Add(time.Microsecond - 1); up.Year() == t.Year() {
		t = up
	}
	t = t.Truncate(time.Microsecond)
	if err != nil || t.IsZero() || t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}, InvalidParameter(name, name+" must be an RFC 3339 time, such as 2026-01-31T12:00:00Z.")
	}
	return t, nil
}

// InvalidParameter returns the refusal of the query parameter name.
func InvalidParameter(name, detail string) *domain.Error {
	return domain.ErrInvalidParameter.WithDetail(detail).WithField(name)
}
