package memory

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

type tokens struct{ in scope }

var _ ports.TokenRepository = tokens{}

func (r tokens) ByID(ctx context.Context, use domain.TokenUse, id domain.TokenID) (token *domain.Token, err error) {
	err = r.in.call(ctx, reading, func(u *unit) error {
		row, found := u.data.tokens[id]
		if !found || useOf(row) != use {
			return domain.ErrTokenNotFound
		}
		token, err = domain.RestoreToken(row)
		return err
	})
	return token, err
}

func (r tokens) BySecretHash(ctx context.Context, use domain.TokenUse, hash [32]byte) (token *domain.Token, err error) {
	err = r.in.call(ctx, reading, func(u *unit) error {
		if hash == [32]byte{} { // a token whose mail was not sent has no secret
			return domain.ErrTokenNotFound
		}
		for _, row := range u.data.tokens {
			if row.SecretHash == hash && useOf(row) == use {
				token, err = domain.RestoreToken(row)
				return err
			}
		}
		return domain.ErrTokenNotFound
	})
	return token, err
}

func (r tokens) ByUser(ctx context.Context, use domain.TokenUse, id domain.UserID) (all []*domain.Token, err error) {
	err = r.in.call(ctx, reading, func(u *unit) error {
		var rows []domain.TokenSnapshot
		for _, row := range u.data.tokens {
			if row.UserID == id && useOf(row) == use {
				rows = append(rows, row)
			}
		}
		slices.SortFunc(rows, func(a, b domain.TokenSnapshot) int {
			return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), slices.Compare(b.ID[:], a.ID[:]))
		})
		all, err = restoreAll(rows, domain.RestoreToken)
		return err
	})
	return all, err
}

func (r tokens) OpenUndos(ctx context.Context, emails []domain.Email, now time.Time) (open []*domain.Token, err error) {
	err = r.in.call(ctx, reading, func(u *unit) error {
		var rows []domain.TokenSnapshot
		for _, row := range u.data.tokens {
			reserved := slices.ContainsFunc(emails, func(e domain.Email) bool { return e.String() == row.Email })
			if reserved && useOf(row) == domain.UseUndoEmail && row.UsedAt.IsZero() && row.ExpiresAt.After(now) {
				rows = append(rows, row)
			}
		}
		open, err = restoreAll(rows, domain.RestoreToken)
		return err
	})
	return open, err
}

func (r tokens) Add(ctx context.Context, token *domain.Token) error {
	row := storedToken(token)
	return r.in.call(ctx, writing, func(u *unit) error {
		if _, found := u.data.users[row.UserID]; !found {
			return u.refuse(domain.ErrUserNotFound)
		}
		if _, found := u.data.tokens[row.ID]; found {
			return u.refuse(errDuplicateID)
		}
		set(u, u.data.tokens, row.ID, row)
		return nil
	})
}

func (r tokens) Save(ctx context.Context, token *domain.Token) error {
	row := storedToken(token)
	return r.in.call(ctx, writing, func(u *unit) error {
		if before, found := u.data.tokens[row.ID]; !found || before.Version != row.Version {
			return domain.ErrConflict
		}
		row.Version++
		set(u, u.data.tokens, row.ID, row)
		return nil
	})
}

func (r tokens) DeleteByUser(ctx context.Context, use domain.TokenUse, id domain.UserID) error {
	return r.in.call(ctx, writing, func(u *unit) error {
		removeWhere(u, u.data.tokens, math.MaxInt, func(row domain.TokenSnapshot) bool {
			return row.UserID == id && useOf(row) == use && row.UsedAt.IsZero()
		})
		return nil
	})
}

func (r tokens) DeleteEnded(ctx context.Context, t time.Time, limit int) (removed int, err error) {
	err = r.in.call(ctx, writing, func(u *unit) error {
		removed = removeWhere(u, u.data.tokens, limit, func(row domain.TokenSnapshot) bool {
			return row.ExpiresAt.Before(t) || !row.UsedAt.IsZero() && row.UsedAt.Before(t)
		})
		return nil
	})
	return removed, err
}

func useOf(row domain.TokenSnapshot) domain.TokenUse {
	return domain.MailKind(row.Purpose).Use()
}

// storedToken returns the copy of a token that the store keeps.
func storedToken(token *domain.Token) domain.TokenSnapshot {
	row := token.Snapshot()
	row.CreatedAt, row.ExpiresAt, row.UsedAt = stored(row.CreatedAt), stored(row.ExpiresAt), stored(row.UsedAt)
	return row
}
