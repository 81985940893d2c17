package domain

import "time"

// Principal is who acts: a user within a live session, or the operator at the
// command line. The zero Principal may do nothing.
type Principal struct {
	user     *User
	session  *Session
	operator bool
}

// Admit lets a user act through a session, if both are good at now. It is the
// check behind every protected request. Errors: ErrSessionEnded.
func Admit(user *User, session *Session, now time.Time) (Principal, error) {
	if session.UserID() != user.ID() || user.Status() != StatusActive ||
		session.State(user.SessionEpoch(), now) != SessionActive {
		return Principal{}, ErrSessionEnded
	}
	return Principal{user: user, session: session}, nil
}

// Operator is whoever runs the command line next to the service: an
// administrator without an account.
func Operator() Principal { return Principal{operator: true} }

// SignedIn returns the acting user and the session acted through. Errors:
// ErrUnauthenticated for the operator and the zero Principal, who have neither.
func (p Principal) SignedIn() (*User, *Session, error) {
	if p.user == nil {
		return nil, nil, ErrUnauthenticated
	}
	return p.user, p.session, nil
}

// Require tells whether the principal may do what needs role. Errors:
// ErrUnauthenticated for the zero Principal, ErrForbidden.
func (p Principal) Require(role Role) error {
	var own Role
	switch {
	case p.operator:
		own = RoleAdmin
	case p.user != nil:
		own = p.user.Role()
	default:
		return ErrUnauthenticated
	}
	if !own.Includes(role) {
		return ErrForbidden
	}
	return nil
}
