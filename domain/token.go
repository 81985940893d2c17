package domain

import (
	"crypto/sha256"
	"errors"
	"slices"
	"time"
)

// Token is a single-use permission that travels by mail. It is bound to a user and
// to the user's address when it was issued. Its secret is made when its mail is
// sent; the service stores only the SHA-256 of the secret.
type Token struct{ s TokenSnapshot }

// TokenSnapshot is a token's stored form.
type TokenSnapshot struct {
	ID      TokenID
	UserID  UserID
	Purpose string
	// Email is the user's address when the token was issued. The token cannot be
	// redeemed after the address changed.
	Email string
	// NewEmail is the address that MailChangeEmail confirms, or that the account moved
	// to, for MailUndoEmail. It is empty for other purposes.
	NewEmail string
	// FormerRole is the stored role of the account before it moved, for MailUndoEmail.
	// It is empty for other purposes.
	FormerRole string
	// FormerVerified is whether Email was confirmed, for MailUndoEmail. It is false for
	// other purposes.
	FormerVerified bool
	// SecretHash is the SHA-256 of the secret; zero until a mail is sent.
	SecretHash [32]byte
	CreatedAt  time.Time
	ExpiresAt  time.Time
	// UsedAt is zero while the token has not been redeemed.
	UsedAt time.Time
	// Version counts saves, beginning with 1; see ports.TokenRepository.
	Version int64
}

// IssueToken returns a new token for user's present address. Its life counts from
// acceptedAt, when the request was accepted. For MailChangeEmail, callers use
// IssueEmailChange, and for MailUndoEmail IssueEmailUndo.
func IssueToken(id TokenID, purpose MailKind, user *User, acceptedAt time.Time) *Token {
	return &Token{TokenSnapshot{
		ID:        id,
		UserID:    user.ID(),
		Purpose:   string(purpose),
		Email:     user.Email().String(),
		CreatedAt: acceptedAt,
		ExpiresAt: acceptedAt.Add(purpose.TokenLife()),
		Version:   1,
	}}
}

// IssueEmailChange returns a new token that moves user's account to email.
func IssueEmailChange(id TokenID, user *User, email Email, acceptedAt time.Time) *Token {
	t := IssueToken(id, MailChangeEmail, user, acceptedAt)
	t.s.NewEmail = email.String()
	return t
}

// IssueEmailUndo returns a new token that moves user's account back to its present
// address, which it is about to leave for email.
func IssueEmailUndo(id TokenID, user *User, email Email, now time.Time) *Token {
	t := IssueToken(id, MailUndoEmail, user, now)
	t.s.NewEmail, t.s.FormerRole, t.s.FormerVerified = email.String(), user.GrantedRole().String(), user.EmailVerified()
	return t
}

// RestoreToken rebuilds a stored token. It checks the structure only. Errors:
// an internal error that names the broken field.
func RestoreToken(s TokenSnapshot) (*Token, error) {
	switch {
	case s.ID.IsZero() || s.UserID.IsZero():
		return nil, errors.New("domain: restoring a token: no id")
	case MailKind(s.Purpose).Use() == "":
		return nil, errors.New("domain: restoring a token: unknown purpose")
	case s.Email == "":
		return nil, errors.New("domain: restoring a token: no e-mail address")
	case (s.NewEmail != "") != (MailKind(s.Purpose) == MailChangeEmail || MailKind(s.Purpose) == MailUndoEmail):
		return nil, errors.New("domain: restoring a token: a new address belongs to an address change")
	case (s.FormerRole != "") != (MailKind(s.Purpose) == MailUndoEmail), s.FormerVerified && s.FormerRole == "":
		return nil, errors.New("domain: restoring a token: a former role belongs to the undoing of an address change")
	case s.Version < 1:
		return nil, errors.New("domain: restoring a token: version below 1")
	case s.CreatedAt.IsZero() || s.ExpiresAt.IsZero():
		return nil, errors.New("domain: restoring a token: no time")
	}
	return &Token{s}, nil
}

// Snapshot returns the token's stored form.
func (t *Token) Snapshot() TokenSnapshot { return t.s }

// ID returns the identifier.
func (t *Token) ID() TokenID { return t.s.ID }

// UserID returns the user that the token belongs to.
func (t *Token) UserID() UserID { return t.s.UserID }

// Purpose returns the kind of mail, which decides what the token may do.
func (t *Token) Purpose() MailKind { return MailKind(t.s.Purpose) }

// Email returns the user's address when the token was issued.
func (t *Token) Email() Email { return Email{t.s.Email} }

// NewEmail returns the new address of an address change, also of one to undo. It is
// zero for other purposes.
func (t *Token) NewEmail() Email { return Email{t.s.NewEmail} }

// Recipient returns the address that the token's mail goes to: the new address for
// an address change, else the address that the token was issued for.
func (t *Token) Recipient() Email {
	if t.Purpose() == MailChangeEmail {
		return Email{t.s.NewEmail}
	}
	return Email{t.s.Email}
}

// ExpiresAt returns when the token can no longer be redeemed.
func (t *Token) ExpiresAt() time.Time { return t.s.ExpiresAt }

// HashTokenSecret returns the SHA-256 of a secret, by which repositories store and
// find its token.
func HashTokenSecret(secret Secret) [32]byte { return sha256.Sum256([]byte(secret.Reveal())) }

// CheckUsable returns nil if user can redeem the token at now: it is unused and in
// time, the user still has the address it was issued for, and the account is
// active. A token of MailUndoEmail asks for neither address nor status, because it dies
// by use and expiry alone. Errors: ErrInvalidToken.
func (t *Token) CheckUsable(user *User, now time.Time) error {
	bound := t.Purpose() == MailUndoEmail || t.s.Email == user.Email().String() && user.Status() == StatusActive
	if !t.Open(now) || t.s.UserID != user.ID() || !bound {
		return ErrInvalidToken
	}
	return nil
}

// CreatedAt returns when the request for the token was accepted.
func (t *Token) CreatedAt() time.Time { return t.s.CreatedAt }

// Open reports whether the token is unused and in time at now.
func (t *Token) Open(now time.Time) bool { return t.s.UsedAt.IsZero() && now.Before(t.s.ExpiresAt) }

// Void marks the token as used at now without its effect. It ends the tokens of changes
// that another token has undone.
func (t *Token) Void(now time.Time) { t.s.UsedAt = now }

// IssuedAfter reports whether the token was issued after other. Tokens of the same
// microsecond are ordered by identifier, which rises with time.
func (t *Token) IssuedAfter(other *Token) bool {
	if c := t.s.CreatedAt.Compare(other.s.CreatedAt); c != 0 {
		return c > 0
	}
	return slices.Compare(t.s.ID[:], other.s.ID[:]) > 0
}

// RepeatLife is how long a used token of MailVerifyEmail or MailChangeEmail confirms
// again without effect, so that a link that is followed twice does not report a failure.
const RepeatLife = 10 * time.Second

// Repeats reports whether user redeemed this token to confirm the present address at
// most RepeatLife before now. Such a request succeeds and changes nothing.
func (t *Token) Repeats(user *User, now time.Time) bool {
	confirmed := t.s.Email
	if t.s.NewEmail != "" {
		confirmed = t.s.NewEmail
	}
	return !t.s.UsedAt.IsZero() && now.Before(t.s.UsedAt.Add(RepeatLife)) && t.Purpose().Use() == UseConfirmEmail &&
		t.s.UserID == user.ID() && confirmed == user.Email().String() && user.EmailVerified() && user.Status() == StatusActive
}

// Arm sets the secret that the token's mail is about to carry. A second call, for
// a retry, replaces the secret.
func (t *Token) Arm(secret Secret) { t.s.SecretHash = HashTokenSecret(secret) }

// Redeem marks the token as used by user at now. Errors: ErrInvalidToken, as
// CheckUsable.
func (t *Token) Redeem(user *User, now time.Time) error {
	if err := t.CheckUsable(user, now); err != nil {
		return err
	}
	t.s.UsedAt = now
	return nil
}
