package domain

// Role is what a user may do. An admin may do everything a user may.
type Role string

// The roles.
const (
	RoleUser  Role = "user"
	RoleAdmin Role = "admin"
)

// ParseRole reads a role by its exact name. Errors: ErrInvalidRole.
func ParseRole(s string) (Role, error) {
	switch r := Role(s); r {
	case RoleUser, RoleAdmin:
		return r, nil
	}
	return "", ErrInvalidRole
}

// Includes reports whether r may do what needed may. An unknown role includes
// nothing and is included by none.
func (r Role) Includes(needed Role) bool {
	switch needed {
	case RoleUser:
		return r == RoleUser || r == RoleAdmin
	case RoleAdmin:
		return r == RoleAdmin
	}
	return false
}

// String returns the name.
func (r Role) String() string { return string(r) }

// Status says whether an account can be used.
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
