package domain

import "slices"

// Role names what an account may do: it is a fixed set of permissions. Each role includes
// those before it.
type Role string

// The roles.
const (
	RoleUser Role = "user"
	// RoleSupport reads everything, and helps users of the role user.
	RoleSupport Role = "support"
	RoleAdmin   Role = "admin"
)

// Roles lists every role. Each includes those before it.
func Roles() []Role { return []Role{RoleUser, RoleSupport, RoleAdmin} }

// ParseRole reads a role by its exact name. Errors: ErrInvalidRole.
func ParseRole(s string) (Role, error) {
	if r := Role(s); slices.Contains(Roles(), r) {
		return r, nil
	}
	return "", ErrInvalidRole
}

// KnownRole returns the role of the name s, and RoleUser for a name that this release
// does not know. Stored users and tokens of a newer release therefore work, with the
// least permissions.
func KnownRole(s string) Role {
	if r, err := ParseRole(s); err == nil {
		return r
	}
	return RoleUser
}

// AboveUser reports whether r is a known role that may do more than RoleUser.
func (r Role) AboveUser() bool { return r != RoleUser && r.Includes(RoleUser) }

// Includes reports whether r may do everything that needed may. It is false if
// either role is unknown.
func (r Role) Includes(needed Role) bool {
	roles := Roles()
	least := slices.Index(roles, needed)
	return least >= 0 && slices.Index(roles, r) >= least
}

// String returns the name.
func (r Role) String() string { return string(r) }

// Status is whether an account can be used.
type Status string

// The statuses.
const (
	StatusActive   Status = "active"
	StatusDisabled Status = "disabled"
)

// ParseStatus reads a status by its exact name. Errors: ErrInvalidStatus.
func ParseStatus(s string) (Status, error) {
	switch st := Status(s); st {
	case StatusActive, StatusDisabled:
		return st, nil
	}
	return "", ErrInvalidStatus
}

// String returns the name.
func (s Status) String() string { return string(s) }
