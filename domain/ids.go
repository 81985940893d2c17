package domain

import "encoding/hex"

// UserID identifies a user: 16 bytes, in text a lower-case UUID (RFC 9562). New
// identifiers are version 7. Identifiers of imported users may have any version.
type UserID [16]byte

// SessionID identifies a session, in the form of a UserID.
type SessionID [16]byte

// TokenID identifies a one-time token, in the form of a UserID.
type TokenID [16]byte

// DeviceID identifies a known device, in the form of a UserID.
type DeviceID [16]byte

// EventID identifies an entry of the audit log, in the form of a UserID.
type EventID [16]byte

// ParseUserID reads the canonical text form: 36 lower-case characters. Errors:
// ErrUserNotFound, because a malformed identifier names no user.
func ParseUserID(s string) (UserID, error) {
	id, ok := parseID(s)
	if !ok {
		return UserID{}, ErrUserNotFound
	}
	return id, nil
}

// ParseSessionID reads the canonical text form. Errors: ErrSessionNotFound.
func ParseSessionID(s string) (SessionID, error) {
	id, ok := parseID(s)
	if !ok {
		return SessionID{}, ErrSessionNotFound
	}
	return id, nil
}

// ParseTokenID reads the canonical text form. Errors: ErrTokenNotFound.
func ParseTokenID(s string) (TokenID, error) {
	id, ok := parseID(s)
	if !ok {
		return TokenID{}, ErrTokenNotFound
	}
	return id, nil
}

// ParseID reads the canonical text form of any identifier; ok is false for any
// other text.
func ParseID[T ~[16]byte](s string) (id T, ok bool) {
	raw, ok := parseID(s)
	return T(raw), ok
}

// String returns the canonical text form.
func (id UserID) String() string { return formatID(id) }

// IsZero reports whether the identifier is unset.
func (id UserID) IsZero() bool { return id == UserID{} }

// String returns the canonical text form.
func (id SessionID) String() string { return formatID(id) }

// IsZero reports whether the identifier is unset.
func (id SessionID) IsZero() bool { return id == SessionID{} }

// String returns the canonical text form.
func (id TokenID) String() string { return formatID(id) }

// IsZero reports whether the identifier is unset.
func (id TokenID) IsZero() bool { return id == TokenID{} }

// String returns the canonical text form.
func (id DeviceID) String() string { return formatID(id) }

// IsZero reports whether the identifier is unset.
func (id DeviceID) IsZero() bool { return id == DeviceID{} }

// String returns the canonical text form.
func (id EventID) String() string { return formatID(id) }

// IsZero reports whether the identifier is unset.
func (id EventID) IsZero() bool { return id == EventID{} }

// idGroups are the bounds, in characters, of a UUID's five groups.
var idGroups = [5][2]int{{0, 8}, {9, 13}, {14, 18}, {19, 23}, {24, 36}}

func parseID(s string) (id [16]byte, ok bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return id, false
	}
	n := 0
	for _, g := range idGroups {
		part := s[g[0]:g[1]]
		for i := range len(part) {
			if c := part[i]; c >= 'A' && c <= 'F' {
				return [16]byte{}, false // one spelling per identifier
			}
		}
		k, err := hex.Decode(id[n:], []byte(part))
		if err != nil {
			return [16]byte{}, false
		}
		n += k
	}
	return id, id != [16]byte{}
}

func formatID(id [16]byte) string {
	var b [36]byte
	n := 0
	for i, g := range idGroups {
		if i > 0 {
			b[g[0]-1] = '-'
		}
		size := (g[1] - g[0]) / 2
		hex.Encode(b[g[0]:g[1]], id[n:n+size])
		n += size
	}
	return string(b[:])
}
