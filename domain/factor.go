package domain

import (
	"errors"
	"strings"
	"time"
	"unicode/utf8"
)

// FactorID identifies a second factor, in the form of a UserID.
type FactorID [16]byte

// ParseFactorID reads the canonical text form. Errors: ErrFactorNotFound.
func ParseFactorID(s string) (FactorID, error) {
	id, ok := parseID(s)
	if !ok {
		return FactorID{}, ErrFactorNotFound
	}
	return id, nil
}

// String returns the canonical text form.
func (id FactorID) String() string { return formatID(id) }

// IsZero reports whether the identifier is unset.
func (id FactorID) IsZero() bool { return id == FactorID{} }

// The bounds of second factors.
const (
	// FactorPendingLife is how long a user has to confirm a factor with its first code.
	FactorPendingLife = 10 * time.Minute
	// MaxFactors is how many factors an account may have, unconfirmed ones included.
	MaxFactors = 10
	// maxFactorName is how long a name may be, in code points.
	maxFactorName = 64
)

// FactorContext is what seals the secret of a factor to its row; see ports.DataKeys.
func FactorContext(id FactorID) string { return "user_factors/" + id.String() }

// Factor is an authenticator application that shows one-time codes, which a user has set up.
// It counts once its first code has confirmed it.
type Factor struct{ s FactorSnapshot }

// FactorSnapshot is the stored form of a Factor.
type FactorSnapshot struct {
	ID     FactorID
	UserID UserID
	// Name is what the user calls it.
	Name string
	// KeyID names the key that sealed Secret, the encrypted secret.
	KeyID  string
	Secret string
	// Algorithm, Digits and Period are those of TOTP.
	Algorithm string
	Digits    int
	Period    time.Duration
	// LastStep is the newest step whose code was accepted. No code of it or an earlier one is
	// accepted again. It is -1 before the first.
	LastStep  int64
	CreatedAt time.Time
	// ConfirmedAt is zero until the first code has confirmed the factor.
	ConfirmedAt time.Time
	// LastUsedAt is zero until a code was used after that.
	LastUsedAt time.Time
	// Version counts saves, beginning with 1; see ports.FactorRepository.
	Version int64
}

// NewFactor returns a factor that waits for its first code. secret is encrypted with the key
// that keyID names.
func NewFactor(id FactorID, user UserID, name string, keyID, secret string, now time.Time) *Factor {
	t := NewTOTP()
	return &Factor{FactorSnapshot{
		ID: id, UserID: user, Name: name, KeyID: keyID, Secret: secret,
		Algorithm: t.Algorithm, Digits: t.Digits, Period: t.Period, LastStep: -1, CreatedAt: now, Version: 1,
	}}
}

// ParseFactorName reads the name of a factor: up to 64 characters without control characters.
// Blanks at its ends are cut off, and an empty name is fallback. Errors: ErrInvalidParameter at
// name.
func ParseFactorName(text, fallback string) (string, error) {
	name := strings.TrimSpace(text)
	if name == "" {
		return fallback, nil
	}
	if !utf8.ValidString(name) || utf8.RuneCountInString(name) > maxFactorName || printable(name, len(name)) != name {
		return "", ErrInvalidParameter.WithField("name").WithDetail("The name must have at most 64 characters, and no control characters.")
	}
	return name, nil
}

// RestoreFactor rebuilds a stored factor. It checks the structure only. Errors: an internal
// error that names the broken field.
func RestoreFactor(s FactorSnapshot) (*Factor, error) {
	switch {
	case s.ID.IsZero():
		return nil, errors.New("domain: restoring a factor: no id")
	case s.UserID.IsZero():
		return nil, errors.New("domain: restoring a factor: no user")
	case s.KeyID == "" || s.Secret == "":
		return nil, errors.New("domain: restoring a factor: no secret")
	case !(TOTP{s.Algorithm, s.Digits, s.Period}).IsValid():
		return nil, errors.New("domain: restoring a factor: parameters out of bounds")
	case s.LastStep < -1:
		return nil, errors.New("domain: restoring a factor: step below -1")
	case s.CreatedAt.IsZero():
		return nil, errors.New("domain: restoring a factor: no time")
	case s.Version < 1:
		return nil, errors.New("domain: restoring a factor: version below 1")
	}
	return &Factor{s}, nil
}

// Snapshot returns the stored form.
func (f *Factor) Snapshot() FactorSnapshot { return f.s }

// ID returns the identifier.
func (f *Factor) ID() FactorID { return f.s.ID }

// UserID returns the user that the factor belongs to.
func (f *Factor) UserID() UserID { return f.s.UserID }

// Name returns what the user calls it.
func (f *Factor) Name() string { return f.s.Name }

// TOTP returns the parameters of its codes.
func (f *Factor) TOTP() TOTP { return TOTP{f.s.Algorithm, f.s.Digits, f.s.Period} }

// Sealed returns the encrypted secret and the id of its key.
func (f *Factor) Sealed() (keyID, secret string) { return f.s.KeyID, f.s.Secret }

// CreatedAt returns when the user began to set it up.
func (f *Factor) CreatedAt() time.Time { return f.s.CreatedAt }

// ConfirmedAt returns when its first code confirmed it; zero before that.
func (f *Factor) ConfirmedAt() time.Time { return f.s.ConfirmedAt }

// LastUsedAt returns when its last code was used; zero if none was.
func (f *Factor) LastUsedAt() time.Time { return f.s.LastUsedAt }

// IsConfirmed reports whether the factor counts.
func (f *Factor) IsConfirmed() bool { return !f.s.ConfirmedAt.IsZero() }

// IsPending reports whether the factor waits for its first code at now.
func (f *Factor) IsPending(now time.Time) bool {
	return !f.IsConfirmed() && now.Before(f.s.CreatedAt.Add(FactorPendingLife))
}

// Confirm makes the factor count, by its first code. secret is the decrypted secret. Errors:
// ErrFactorNotFound if it does not wait for a code, ErrWrongCode.
func (f *Factor) Confirm(secret []byte, code Secret, now time.Time) error {
	if !f.IsPending(now) {
		return ErrFactorNotFound
	}
	step, ok := f.TOTP().Match(secret, code, now, f.s.LastStep)
	if !ok {
		return ErrWrongCode
	}
	f.s.LastStep, f.s.ConfirmedAt = step, now
	return nil
}

// Use accepts a code once. secret is the decrypted secret. Errors: ErrWrongCode, also for a
// code that was accepted before.
func (f *Factor) Use(secret []byte, code Secret, now time.Time) error {
	step, ok := f.TOTP().Match(secret, code, now, f.s.LastStep)
	if !ok || !f.IsConfirmed() {
		return ErrWrongCode
	}
	f.s.LastStep, f.s.LastUsedAt = step, now
	return nil
}

// Reseal replaces the encrypted secret by the same secret under another key.
func (f *Factor) Reseal(keyID, secret string) { f.s.KeyID, f.s.Secret = keyID, secret }

// Proof returns the proof of a user whose code of the factor was accepted at at.
func (f *Factor) Proof(at time.Time) Proof {
	return Proof{Method: MethodOneTimeCode, At: at, Source: "totp:" + f.s.ID.String()}
}
