package application

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Bounds of a page.
const (
	defaultPageSize = 50
	maxPageSize     = 200
)

// ListUsers shows an administrator the users, page by page.
type ListUsers struct{ d Dependencies }

// NewListUsers returns the use case.
func NewListUsers(d Dependencies) *ListUsers { return &ListUsers{d} }

// Execute returns a page. Pages continue after a key, so they cost the same
// however deep they are. Errors: domain.ErrInvalidParameter,
// domain.ErrInvalidRole, domain.ErrInvalidStatus, domain.ErrInvalidCursor,
// domain.ErrForbidden, domain.ErrUnauthenticated.
func (uc *ListUsers) Execute(ctx context.Context, cmd ports.ListUsersCommand) (ports.UsersResult, error) {
	if err := cmd.Principal.Allows(domain.PermissionManageUsers); err != nil {
		return ports.UsersResult{}, err
	}
	query, err := parseUserQuery(cmd)
	if err != nil {
		return ports.UsersResult{}, err
	}
	size := query.Limit
	query.Limit++ // one more tells whether there is a next page
	users, err := uc.d.Stores.Users.List(ctx, query)
	if err != nil {
		return ports.UsersResult{}, err
	}
	if len(users) <= size {
		return ports.UsersResult{Users: users}, nil
	}
	users = users[:size]
	last := users[size-1]
	end := place{at: last.CreatedAt(), id: last.ID(), text: last.Email().String()}
	return ports.UsersResult{Users: users, NextCursor: encodeCursor(end, userFingerprint(query))}, nil
}

func parseUserQuery(cmd ports.ListUsersCommand) (ports.UserQuery, error) {
	var q ports.UserQuery
	var err error
	if q.Limit, err = pageSize(cmd.Limit); err != nil {
		return q, err
	}
	if q.EmailPrefix, err = parsePrefix(cmd.EmailPrefix); err != nil {
		return q, err
	}
	if cmd.Role != "" {
		if q.Role, err = domain.ParseRole(cmd.Role); err != nil {
			return q, domain.AtField(err, "role")
		}
	}
	if cmd.Status != "" {
		if q.Status, err = domain.ParseStatus(cmd.Status); err != nil {
			return q, domain.AtField(err, "status")
		}
	}
	if q.Verified, err = parseVerified(cmd.Verified); err != nil {
		return q, err
	}
	if q.CreatedAfter, err = parseTime("created_after", cmd.CreatedAfter); err != nil {
		return q, err
	}
	if q.CreatedBefore, err = parseTime("created_before", cmd.CreatedBefore); err != nil {
		return q, err
	}
	if q.Order, err = parseOrder(cmd.Sort); err != nil {
		return q, err
	}
	if cmd.Cursor == "" {
		return q, nil
	}
	q.After, err = userKey(cmd.Cursor, userFingerprint(q))
	return q, err
}

// userKey reads the user that a cursor stands at. Errors: domain.ErrInvalidCursor.
func userKey(cursor, fingerprint string) (*ports.UserKey, error) {
	at, err := decodeCursor(cursor, fingerprint)
	if err != nil {
		return nil, err
	}
	email, err := domain.ParseEmail(at.text)
	if err != nil || email.String() != at.text {
		return nil, domain.ErrInvalidCursor
	}
	return &ports.UserKey{ID: at.id, Email: at.text, CreatedAt: at.at}, nil
}

// userFingerprint names the filters and the order of a query; the size of the
// page and the place in the list are not part of it.
func userFingerprint(q ports.UserQuery) string {
	verified := ""
	if q.Verified != nil {
		verified = strconv.FormatBool(*q.Verified)
	}
	return fmt.Sprintf("users %q %s %s %s %d %d %s", q.EmailPrefix, q.Role, q.Status, verified,
		q.CreatedAfter.UnixMicro(), q.CreatedBefore.UnixMicro(), q.Order)
}

// pageSize returns how many entries a page has. Errors:
// domain.ErrInvalidParameter at "limit".
func pageSize(limit int) (int, error) {
	switch {
	case limit == 0:
		return defaultPageSize, nil
	case limit < 0 || limit > maxPageSize:
		return 0, invalidParameter("limit", "The limit must be between 1 and 200.")
	}
	return limit, nil
}

// parsePrefix admits what an address may begin with. Everything else is refused
// before any case folding, as domain.ParseEmail does, and because some
// databases cannot even be asked for it.
func parsePrefix(s string) (string, error) {
	if len(s) > domain.MaxEmailLength {
		return "", invalidParameter("q", "The beginning of an address must not be longer than 254 characters.")
	}
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return "", invalidParameter("q", "The beginning of an address may hold printable ASCII characters only.")
		}
	}
	return strings.ToLower(s), nil
}

func parseVerified(s string) (*bool, error) {
	switch s {
	case "":
		return nil, nil //nolint:nilnil // no filter is a valid outcome
	case "true", "false":
		verified := s == "true"
		return &verified, nil
	}
	return nil, invalidParameter("verified", "verified must be true or false.")
}

func parseTime(name, s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	t = t.UTC().Truncate(time.Microsecond) // which may leave the years that have four digits
	if err != nil || t.IsZero() || t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}, invalidParameter(name, name+" must be an RFC 3339 time, such as 2026-01-31T12:00:00Z.")
	}
	return t, nil
}

func parseOrder(s string) (ports.UserOrder, error) {
	switch o := ports.UserOrder(s); o {
	case "":
		return ports.NewestFirst, nil
	case ports.NewestFirst, ports.OldestFirst, ports.EmailUp, ports.EmailDown:
		return o, nil
	}
	return "", invalidParameter("sort", "sort must be created_at, -created_at, email or -email.")
}

// invalidParameter refuses a query parameter by its name.
func invalidParameter(name, detail string) error {
	return domain.ErrInvalidParameter.WithDetail(detail).WithField(name)
}
