package domain

import (
	"crypto/sha256"
	"errors"
	"time"
)

// Token is a single-use permission that travels by mail, bound to a user and
// the address the user had. Its secret is made when its mail is sent; only the
// SHA-256 of it is kept.
type Token struct{ s TokenSnapshot }

// TokenSnapshot is a token's stored form.
type TokenSnapshot struct {
	ID      TokenID
	UserID  UserID
	Purpose string
	// Email is the user's address when the token was issued; a token of
	// another address is dead.
	Email string
	// NewEmail is the address that MailChangeEmail confirms, else empty.
	NewEmail string
	// SecretHash is the SHA-256 of the secret; zero until a mail is sent.
	SecretHash [32]byte
	CreatedAt  time.Time
	ExpiresAt  time.Time
	// UsedAt is zero while the token has not been redeemed.
	UsedAt time.Time
	// Version counts saves, beginning with 1; see ports.TokenRepository.
	Version int64
}

// IssueToken makes a token for user's present address, of any purpose but
// MailChangeEmail, for which there is IssueEmailChange. Its life counts from
// acceptedAt, when the request was accepted.
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

// IssueEmailChange makes a token that moves user's account to email.
func IssueEmailChange(id TokenID, user *User, email Email, acceptedAt time.Time) *Token {
	t := IssueToken(id, MailChangeEmail, user, acceptedAt)
	t.s.NewEmail = email.String()
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
	case (s.NewEmail != "") != (MailKind(s.Purpose) == MailChangeEmail):
		return nil, errors.New("domain: restoring a token: a new address belongs to an address change")
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

// UserID returns whose token it is.
func (t *Token) UserID() UserID { return t.s.UserID }

// Purpose returns what the token may do.
func (t *Token) Purpose() MailKind { return MailKind(t.s.Purpose) }

// Email returns the address the user had when the token was issued.
func (t *Token) Email() Email { return Email{t.s.Email} }

// NewEmail returns the address an address change leads to; zero otherwise.
func (t *Token) NewEmail() Email { return Email{t.s.NewEmail} }

// Recipient returns where the token's mail goes: the new address for an address
// change, else the address it was issued for.
func (t *Token) Recipient() Email {
	if t.s.NewEmail != "" {
		return Email{t.s.NewEmail}
	}
	return Email{t.s.Email}
}

// ExpiresAt returns when the token can no longer be redeemed.
func (t *Token) ExpiresAt() time.Time { return t.s.ExpiresAt }

// HashTokenSecret returns what is stored of a secret and what it is found by.
func HashTokenSecret(secret Secret) [32]byte { return sha256.Sum256([]byte(secret.Reveal())) }

// CheckUsable tells whether the token could be redeemed by user at now: unused,
// in time, issued for the address the user still has, and the account not
// disabled. Errors: ErrInvalidToken.
func (t *Token) CheckUsable(user *User, now time.Time) error {
	if !t.s.UsedAt.IsZero() || !now.Before(t.s.ExpiresAt) ||
		t.s.UserID != user.ID() || t.s.Email != user.Email().String() || user.Status() != StatusActive {
		return ErrInvalidToken
	}
	return nil
}

// Arm gives the token the secret that its mail is about to carry. Arming again,
// for a retry, replaces the secret.
func (t *Token) Arm(secret Secret) { t.s.SecretHash = HashTokenSecret(secret) }

// Redeem uses the token up for user. Errors: ErrInvalidToken, as CheckUsable.
func (t *Token) Redeem(user *User, now time.Time) error {
	if err := t.CheckUsable(user, now); err != nil {
		return err
	}
	t.s.UsedAt = now
	return nil
}
