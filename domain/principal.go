package domain

import "time"

// Principal is the caller of a use case: a session of a user, or the operator at
// the command line. The zero Principal may do nothing.
type Principal struct {
	user     *User
	session  *Session
	operator bool
}

// SessionPrincipal returns the principal of user acting through session. It is the
// check behind every protected request. Errors: ErrSessionEnded if the user is not
// active, or if the session is another user's or not active at now.
func SessionPrincipal(user *User, session *Session, now time.Time) (Principal, error) {
	if session.UserID() != user.ID() || user.Status() != StatusActive ||
		session.State(user.SessionEpoch(), now) != SessionActive {
		return Principal{}, ErrSessionEnded
	}
	return Principal{user: user, session: session}, nil
}

// Operator returns the principal of the command line next to the service. It has
// every permission and no account.
func Operator() Principal { return Principal{operator: true} }

// Account returns the user that the principal acts for. Errors:
// ErrUnauthenticated for the operator and the zero Principal.
func (p Principal) Account() (*User, error) {
	if p.user == nil {
		return nil, ErrUnauthenticated
	}
	return p.user, nil
}

// SignedIn returns the acting user and the session of the request. Errors:
// ErrUnauthenticated for a principal without a session.
func (p Principal) SignedIn() (*User, *Session, error) {
	if p.session == nil {
		return nil, nil, ErrUnauthenticated
	}
	return p.user, p.session, nil
}

// Allows returns nil if the principal has the permission. Errors:
// ErrUnauthenticated for the zero Principal, else ErrForbidden.
func (p Principal) Allows(needed Permission) error {
	switch {
	case p.operator:
		return nil
	case p.user == nil:
		return ErrUnauthenticated
	case !p.user.Role().Allows(needed):
		return ErrForbidden
	}
	return nil
}

// MayHelp returns nil if the principal may help user: with PermissionHelpUsers a user of the
// role user, and with PermissionManageUsers as well every user. A role that is withheld,
// offered or unknown to this release counts as a role above RoleUser. Errors: as Allows.
func (p Principal) MayHelp(user *User) error {
	if err := p.Allows(PermissionHelpUsers); err != nil {
		return err
	}
	if p.Allows(PermissionManageUsers) == nil || user.GrantedRole() == RoleUser && !user.IsInvitedAbove() {
		return nil
	}
	return ErrForbidden.WithDetail("Your role allows this for users of the role user only.")
}
