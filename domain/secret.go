package domain

import (
	"crypto/subtle"
	"errors"
	"fmt"
)

const redacted = "[secret]"

// errSecretMarshal is an internal error, because marshalling a secret is a bug.
var errSecretMarshal = errors.New("domain: a Secret must not be marshalled; call Reveal where it is really needed")

// Secret holds a password, a token or a key. Reveal is the only way to its text,
// so that a search for that name finds every use. Printing, logging and marshalling
// do not show the text. Compare secrets with Equal, because == compares pointers.
// The zero Secret is empty.
type Secret struct {
	// text is a pointer, so that fmt prints an address even for an unexported field
	// of another struct, where it cannot call methods.
	text *string
}

// NewSecret wraps text.
func NewSecret(text string) Secret { return Secret{&text} }

// Reveal returns the text.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsEmpty reports whether there is no text.
func (s Secret) IsEmpty() bool { return s.Reveal() == "" }

// Equal reports whether two secrets have the same text. Its time depends on their
// lengths only.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// String returns a placeholder.
func (s Secret) String() string { return redacted }

// GoString returns a placeholder.
func (s Secret) GoString() string { return redacted }

// Format prints a placeholder for every verb and flag.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalText returns an error, also for all encodings built on it (JSON, XML, slog).
func (s Secret) MarshalText() ([]byte, error) { return nil, errSecretMarshal }

// MarshalBinary returns an error (gob).
func (s Secret) MarshalBinary() ([]byte, error) { return nil, errSecretMarshal }
