package kit

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Reserved returns the token that reserves an address for an account other than own,
// because the account has left the address and its owner can still undo that. It is nil
// if the address is not reserved. Call it after the account of the address was not
// found: a move frees the address and reserves it in one transaction. Errors: the errors
// of the store.
func Reserved(ctx context.Context, r ports.Repositories, email domain.Email, own domain.UserID, now time.Time) (*domain.Token, error) {
	open, err := r.Tokens.OpenUndos(ctx, []domain.Email{email}, now)
	if err != nil {
		return nil, err
	}
	for _, undo := range open {
		if undo.UserID() != own {
			return undo, nil
		}
	}
	return nil, nil //nolint:nilnil // an address that is free is no error
}

// ErrReserved tells administrators why an address that no account has is taken. Other
// people are not told, because it says that there was an account.
var ErrReserved = domain.ErrEmailTaken.WithDetail("The e-mail address is reserved: an account here has left it within 72 hours, and its owner can undo that.").
	WithBounds(domain.Bounds{UndoPeriod: domain.MailUndoEmail.TokenLife()})

// TellReserved mails the reader of a reserved address that a client tried to use it.
func TellReserved(ctx context.Context, o Outbox, undo *domain.Token, events ...domain.Event) error {
	return o.NoticeOf(ctx, undo, domain.MailEmailHeld, domain.Client{}, events...)
}

// NoOpenUndo returns nil if no change of the user's address can be undone any more.
// Errors: domain.ErrUndoOpen.
func NoOpenUndo(ctx context.Context, r ports.Repositories, id domain.UserID, now time.Time) error {
	undos, err := r.Tokens.ByUser(ctx, domain.UseUndoEmail, id)
	if err != nil {
		return err
	}
	for _, undo := range undos {
		if undo.Open(now) {
			return domain.ErrUndoOpen
		}
	}
	return nil
}

// LeaveAddress prepares the move of user to another address. It ends the user's
// one-time tokens, and mails the former address a link that undoes the move. An address
// that no mail has confirmed gets no link, because its reader may be a stranger to the
// account. Links of earlier moves work on. Call it before the move.
//
// A move back to an address that can undo an earlier move is such an undo, without its
// link. So it gives the address that the account leaves no link, and ends those of the
// moves since. from is where the move was confirmed; zero if staff made it.
func LeaveAddress(ctx context.Context, r ports.Repositories, ids ports.IDs, user *domain.User, to domain.Email, from domain.Client, now time.Time) error {
	undos, err := endTokens(ctx, r, user)
	if err != nil {
		return err
	}
	var first *domain.Token
	for _, undo := range undos { // the newest first
		if undo.Open(now) && undo.Email() == to {
			first = undo
		}
	}
	switch {
	case first == nil && !user.EmailVerified():
		return nil
	case first == nil:
		return Mails(r, ids, now).tokenFrom(ctx, domain.IssueEmailUndo(ids.NewTokenID(), user, to, now), from)
	}
	return VoidUndos(ctx, r, undos, now, func(undo *domain.Token) bool { return undo.IssuedAfter(first) })
}

// LeaveAddressForGood prepares the move of user to another address that cannot be undone,
// because the account goes back to its owner, away from a thief. It ends the user's
// one-time tokens, and those that could move the account to an address other than to.
func LeaveAddressForGood(ctx context.Context, r ports.Repositories, user *domain.User, to domain.Email, now time.Time) error {
	undos, err := endTokens(ctx, r, user)
	if err != nil {
		return err
	}
	return VoidUndos(ctx, r, undos, now, func(undo *domain.Token) bool { return undo.Email() != to })
}

// endTokens ends the one-time tokens of user, and returns those that undo a change of
// address, which live on, the newest first.
func endTokens(ctx context.Context, r ports.Repositories, user *domain.User) ([]*domain.Token, error) {
	if err := VoidTokens(ctx, r, user.ID()); err != nil {
		return nil, err
	}
	return r.Tokens.ByUser(ctx, domain.UseUndoEmail, user.ID())
}

// VoidUndos ends the open tokens of undos that match.
func VoidUndos(ctx context.Context, r ports.Repositories, undos []*domain.Token, now time.Time, match func(undo *domain.Token) bool) error {
	for _, undo := range undos {
		if !undo.Open(now) || !match(undo) {
			continue
		}
		undo.Void(now)
		if err := r.Tokens.Save(ctx, undo); err != nil {
			return err
		}
	}
	return nil
}
