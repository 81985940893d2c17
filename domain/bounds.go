package domain

import "time"

// Bounds are the numbers that the detail of a refusal names, for clients that say them in
// other words or languages. Zero means that the refusal has no such number.
type Bounds struct {
	// MinLength and MaxLength bound a text, in code points.
	MinLength, MaxLength int
	// MaxLocalLength bounds the part of an e-mail address before the @, and
	// MaxLabelLength each label of its domain, in characters.
	MaxLocalLength, MaxLabelLength int
	// Minimum and Maximum bound a number.
	Minimum, Maximum int
	// MaxBytes bounds a part of a request, in bytes.
	MaxBytes int
	// UndoPeriod is how long a change of address can be undone.
	UndoPeriod time.Duration
}

// WithBounds returns a copy with the numbers of its detail.
func (e *Error) WithBounds(b Bounds) *Error {
	c := *e
	c.Bounds = b
	return &c
}
