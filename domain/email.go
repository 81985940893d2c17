package domain

import "strings"

// Limits of an e-mail address in bytes (RFC 5321 section 4.5.3.1, with the
// erratum that caps a forward path at 254).
const (
	MaxEmailLength      = 254
	MaxEmailLocalLength = 64
	maxEmailLabelLength = 63
)

// Email is an e-mail address in its one canonical form: lower-case ASCII,
// dot-atom local part, host name of at least two labels. Two spellings of an
// address are the same account exactly when their Emails are equal.
type Email struct{ value string }

// ParseEmail reads an address as a person types it. It trims ASCII white space
// around the address and lower-cases letters. It accepts only a plain
// local@domain, with an internationalised domain as A-labels (xn--…). It refuses
// non-ASCII text, quoted local parts, comments, display names, domain literals,
// control characters and a second @. It checks for non-ASCII text before it folds
// case, so that a look-alike never becomes a real address.
//
// It finds accounts. An address that an account is to get comes by ParseNewEmail, whose
// rule of the top label is younger than some accounts.
//
// Errors: ErrInvalidEmail with the reason as its detail.
func ParseEmail(raw string) (Email, error) {
	s := strings.Trim(raw, " \t\r\n")
	if s == "" {
		return Email{}, ErrInvalidEmail.WithDetail("The e-mail address is missing.")
	}
	if len(s) > MaxEmailLength {
		return Email{}, ErrInvalidEmail.WithDetail("The e-mail address is longer than 254 characters.").WithBounds(Bounds{MaxLength: MaxEmailLength})
	}
	for i := range len(s) {
		if s[i] >= 0x80 {
			return Email{}, ErrInvalidEmail.WithDetail("The e-mail address may hold ASCII characters only; write an internationalised domain as xn--….")
		}
		if s[i] < 0x20 || s[i] == 0x7f {
			return Email{}, ErrInvalidEmail.WithDetail("The e-mail address must not hold control characters.")
		}
	}
	local, host, found := strings.Cut(s, "@")
	if !found {
		return Email{}, ErrInvalidEmail.WithDetail("The e-mail address has no @.")
	}
	if strings.Contains(host, "@") {
		return Email{}, ErrInvalidEmail.WithDetail("The e-mail address has more than one @.")
	}
	if err := checkLocalPart(local); err != nil {
		return Email{}, err
	}
	if err := checkHost(host); err != nil {
		return Email{}, err
	}
	return Email{strings.ToLower(s)}, nil
}

// ParseNewEmail reads an address that an account is to get. It is ParseEmail with one
// rule more: the top label of the domain is a name, either letters (RFC 1123 section 2.1)
// or an A-label (RFC 5890). Mail systems may read another one as a number of an IP address,
// such as 0x7f.0x0.0x0.0x1. Errors: ErrInvalidEmail with the reason as its detail.
func ParseNewEmail(raw string) (Email, error) {
	e, err := ParseEmail(raw)
	if err != nil {
		return Email{}, err
	}
	top := e.value[strings.LastIndexByte(e.value, '.')+1:]
	if strings.HasPrefix(top, "xn--") {
		return e, nil
	}
	for i := range len(top) {
		if top[i] < 'a' || top[i] > 'z' {
			return Email{}, ErrInvalidEmail.WithDetail("The domain must end in a name of letters, such as com.")
		}
	}
	return e, nil
}

// String returns the canonical form.
func (e Email) String() string { return e.value }

// IsZero reports whether the address is unset.
func (e Email) IsZero() bool { return e.value == "" }

// Local returns the part before the @.
func (e Email) Local() string {
	local, _, _ := strings.Cut(e.value, "@")
	return local
}

// Domain returns the part after the @.
func (e Email) Domain() string {
	_, host, _ := strings.Cut(e.value, "@")
	return host
}

// Mailbox returns the address without the detail that many mail systems let users add to
// the local part after a plus sign (RFC 5233): name+1@… and name+2@… usually reach one
// person. They are different accounts all the same.
func (e Email) Mailbox() Email {
	local, host, _ := strings.Cut(e.value, "@")
	if name, _, found := strings.Cut(local, "+"); found && name != "" {
		return Email{name + "@" + host}
	}
	return e
}

// Masked returns the address with its local part shortened to the first character, as
// in "a***@example.com": enough for the owner to recognise it, too little for a
// stranger to write to it.
func (e Email) Masked() string {
	if e.IsZero() {
		return ""
	}
	return e.value[:1] + "***@" + e.Domain()
}

// checkLocalPart returns nil if local is a dot-atom (RFC 5322 section 3.2.3). Errors:
// ErrInvalidEmail with the reason as its detail.
func checkLocalPart(local string) error {
	if local == "" {
		return ErrInvalidEmail.WithDetail("The part before the @ is missing.")
	}
	if len(local) > MaxEmailLocalLength {
		return ErrInvalidEmail.WithDetail("The part before the @ is longer than 64 characters.").WithBounds(Bounds{MaxLocalLength: MaxEmailLocalLength})
	}
	for atom := range strings.SplitSeq(local, ".") {
		if atom == "" {
			return ErrInvalidEmail.WithDetail("The part before the @ must not begin or end with a dot or hold two in a row.")
		}
		for i := range len(atom) {
			if !isAtext(atom[i]) {
				return ErrInvalidEmail.WithDetail("The part before the @ holds a character that is not allowed there.")
			}
		}
	}
	return nil
}

// checkHost returns nil if host is a host name of two labels or more (RFC 1123
// section 2.1). Errors: ErrInvalidEmail with the reason as its detail.
func checkHost(host string) error {
	labels := strings.Split(host, ".")
	if host == "" || len(labels) < 2 {
		return ErrInvalidEmail.WithDetail("The part after the @ must be a full domain name, such as example.com.")
	}
	for _, label := range labels {
		if label == "" {
			return ErrInvalidEmail.WithDetail("The domain must not begin or end with a dot or hold two in a row.")
		}
		if len(label) > maxEmailLabelLength {
			return ErrInvalidEmail.WithDetail("A label of the domain is longer than 63 characters.").WithBounds(Bounds{MaxLabelLength: maxEmailLabelLength})
		}
		if label[0] == '-' || label[len(label)-1] == '-' {
			return ErrInvalidEmail.WithDetail("A label of the domain must not begin or end with a hyphen.")
		}
		for i := range len(label) {
			if !isAlphanumeric(label[i]) && label[i] != '-' {
				return ErrInvalidEmail.WithDetail("The domain holds a character that is not allowed there.")
			}
		}
	}
	if strings.Trim(labels[len(labels)-1], "0123456789") == "" {
		return ErrInvalidEmail.WithDetail("The domain must be a name, not an IP address.")
	}
	return nil
}

func isAtext(c byte) bool {
	return isAlphanumeric(c) || strings.IndexByte("!#$%&'*+-/=?^_`{|}~", c) >= 0
}

func isAlphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
