package admin

import (
	"cmp"
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ListUsers returns the users to staff, page by page.
type ListUsers struct{ p Ports }

// NewListUsers returns the use case.
func NewListUsers(p Ports) *ListUsers { return &ListUsers{p} }

// Execute returns a page. A page continues after the key of the last user before
// it, so every page costs the same. A page after the first may be short, or empty, and have
// a next one, as kit.CutPage says. Errors: domain.ErrInvalidParameter,
// domain.ErrInvalidRole, domain.ErrInvalidStatus, domain.ErrInvalidCursor,
// domain.ErrTooBroad, domain.ErrForbidden, domain.ErrUnauthenticated.
func (uc *ListUsers) Execute(ctx context.Context, cmd ports.ListUsersCommand) (ports.UsersResult, error) {
	if err := cmd.Principal.Allows(domain.PermissionReadUsers); err != nil {
		return ports.UsersResult{}, err
	}
	if len(cmd.IDs) > 0 {
		return uc.named(ctx, cmd)
	}
	query, err := parseUserQuery(cmd)
	if err != nil {
		return ports.UsersResult{}, err
	}
	size := query.Limit
	query.Limit++
	page, err := uc.p.Store.Users.List(ctx, query)
	if err != nil {
		return ports.UsersResult{}, err
	}
	users, next, err := kit.CutPage(page, size, query.After == nil, keyOf)
	if err != nil || next == nil {
		return ports.UsersResult{Users: users}, err
	}
	end := kit.Place{At: next.CreatedAt, ID: next.ID, Text: next.Email}
	return ports.UsersResult{Users: users, NextCursor: kit.EncodeCursor(end, userFingerprint(query))}, nil
}

// named returns the users that the command names. Errors: domain.ErrInvalidParameter.
func (uc *ListUsers) named(ctx context.Context, cmd ports.ListUsersCommand) (ports.UsersResult, error) {
	rest := cmd
	rest.Principal, rest.IDs = domain.Principal{}, nil
	switch {
	case !reflect.ValueOf(rest).IsZero():
		return ports.UsersResult{}, kit.InvalidParameter("id", "Give either ids or other parameters.")
	case len(cmd.IDs) > ports.MaxUserIDs:
		return ports.UsersResult{}, kit.InvalidParameter("id", fmt.Sprintf("Give at most %d ids.", ports.MaxUserIDs))
	}
	ids := make([]domain.UserID, 0, len(cmd.IDs))
	for _, text := range cmd.IDs {
		id, err := domain.ParseUserID(text)
		if err != nil {
			return ports.UsersResult{}, kit.InvalidParameter("id", "id must be the identifier of a user.")
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	users, err := uc.p.Store.Users.ByIDs(ctx, ids)
	if err != nil {
		return ports.UsersResult{}, err
	}
	slices.SortFunc(users, func(a, b *domain.User) int {
		return cmp.Compare(slices.Index(ids, a.ID()), slices.Index(ids, b.ID()))
	})
	return ports.UsersResult{Users: users}, nil
}

// keyOf returns the place of a user in a list.
func keyOf(user *domain.User) ports.UserKey {
	return ports.UserKey{ID: user.ID(), Email: user.Email().String(), CreatedAt: user.CreatedAt()}
}

func parseUserQuery(cmd ports.ListUsersCommand) (ports.UserQuery, error) {
	var q ports.UserQuery
	var err error
	if q.Limit, err = kit.PageSize(cmd.Limit); err != nil {
		return q, err
	}
	if err := parseAddressFilters(cmd, &q); err != nil {
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
	if q.CreatedAfter, err = kit.ParseTime("created_after", cmd.CreatedAfter); err != nil {
		return q, err
	}
	if q.CreatedBefore, err = kit.ParseTime("created_before", cmd.CreatedBefore); err != nil {
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

// userKey returns the key of the user that a cursor stands at. Errors:
// domain.ErrInvalidCursor.
func userKey(cursor, fingerprint string) (*ports.UserKey, error) {
	at, err := kit.DecodeCursor(cursor, fingerprint)
	if err != nil {
		return nil, err
	}
	email, err := domain.ParseEmail(at.Text)
	if err != nil || email.String() != at.Text {
		return nil, domain.ErrInvalidCursor
	}
	return &ports.UserKey{ID: at.ID, Email: at.Text, CreatedAt: at.At}, nil
}

// userFingerprint returns a text that names the filters and the order of a query. It
// leaves out the size of the page and the place in the list.
func userFingerprint(q ports.UserQuery) string {
	verified := ""
	if q.Verified != nil {
		verified = strconv.FormatBool(*q.Verified)
	}
	return fmt.Sprintf("users %q %q %q %s %s %s %d %d %s", q.EmailPrefix, q.EmailDomain, q.EmailPart, q.Role, q.Status, verified,
		q.CreatedAfter.UnixMicro(), q.CreatedBefore.UnixMicro(), q.Order)
}

// minEmailPart is the length of the shortest part of an address to search for, in characters,
// because the indexes hold pieces of three.
const minEmailPart = 3

// parseAddressFilters reads the filters of the address. Errors: domain.ErrInvalidParameter.
func parseAddressFilters(cmd ports.ListUsersCommand, q *ports.UserQuery) (err error) {
	if q.EmailPrefix, err = parsePiece("q", "The beginning of an address", cmd.EmailPrefix); err != nil {
		return err
	}
	if q.EmailPart, err = parsePiece("contains", "A part of an address", cmd.EmailPart); err != nil {
		return err
	}
	if q.EmailPart != "" && len(q.EmailPart) < minEmailPart {
		return kit.InvalidParameter("contains", fmt.Sprintf("Give at least %d characters of the address.", minEmailPart)).
			WithBounds(domain.Bounds{MinLength: minEmailPart})
	}
	if cmd.EmailDomain == "" {
		return nil
	}
	address, err := domain.ParseEmail("x@" + strings.TrimPrefix(cmd.EmailDomain, "@"))
	if err != nil {
		return kit.InvalidParameter("domain", "domain must be what follows the @ of an address, such as example.com.")
	}
	_, q.EmailDomain, _ = strings.Cut(address.String(), "@")
	return nil
}

// parsePiece returns a piece of an address, in lower case. It refuses other
// text before it folds case, as domain.ParseEmail does. Some databases also refuse
// such text in a query. No address holds a blank, so a blank is a plus sign that was not
// escaped in a query.
func parsePiece(name, what, s string) (string, error) {
	if len(s) > domain.MaxEmailLength {
		return "", kit.InvalidParameter(name, what+" must not be longer than 254 characters.").
			WithBounds(domain.Bounds{MaxLength: domain.MaxEmailLength})
	}
	for i := range len(s) {
		if s[i] < 0x20 || s[i] >= 0x7f {
			return "", kit.InvalidParameter(name, what+" may hold printable ASCII characters only.")
		}
	}
	return strings.ToLower(strings.ReplaceAll(s, " ", "+")), nil
}

func parseVerified(s string) (*bool, error) {
	switch s {
	case "":
		return nil, nil //nolint:nilnil // no filter is a valid outcome
	case "true", "false":
		verified := s == "true"
		return &verified, nil
	}
	return nil, kit.InvalidParameter("verified", "verified must be true or false.")
}

func parseOrder(s string) (ports.UserOrder, error) {
	switch o := ports.UserOrder(s); o {
	case "":
		return ports.NewestFirst, nil
	case ports.NewestFirst, ports.OldestFirst, ports.EmailUp, ports.EmailDown:
		return o, nil
	}
	return "", kit.InvalidParameter("sort", "sort must be created_at, -created_at, email or -email.")
}
