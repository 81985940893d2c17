package domain

import "slices"

// SignInPolicy decides what a user must prove before a session opens.
type SignInPolicy struct {
	// VerificationRequired makes Next refuse users whose address is not confirmed.
	VerificationRequired bool
	// TwoFactorRoles are the roles whose users must prove two factors. Users
	// with a second factor must use it in every role.
	TwoFactorRoles []Role
}

// SignInStep is what a sign-in needs next.
type SignInStep struct {
	// Done is true if the session may open.
	Done bool
	// Methods are the methods that the user may prove next; empty if Done.
	Methods []Method
}

// Next returns what a sign-in needs after proofs, at least one. enrolled are the
// second factors that the user has set up. Every way to sign in asks Next. Errors:
// ErrAccountDisabled, ErrEmailNotVerified, ErrForbidden if the role needs two
// factors and the user has no second one, ErrInvalidCredentials without a proof.
func (p SignInPolicy) Next(user *User, enrolled []Method, proofs Proofs) (SignInStep, error) {
	switch {
	case proofs.Factors() == 0:
		return SignInStep{}, ErrInvalidCredentials
	case user.Status() == StatusDisabled:
		return SignInStep{}, ErrAccountDisabled
	case p.VerificationRequired && !user.EmailVerified():
		return SignInStep{}, ErrEmailNotVerified
	case proofs.Factors() > 1:
		return SignInStep{Done: true}, nil
	case len(enrolled) == 0 && !slices.Contains(p.TwoFactorRoles, user.Role()):
		return SignInStep{Done: true}, nil
	}
	var left []Method
	for _, method := range enrolled {
		if !slices.Contains(proofs.Methods(), method) {
			left = append(left, method)
		}
	}
	if len(left) == 0 {
		return SignInStep{}, ErrForbidden.WithDetail("Your role needs a second factor, and your account has none. Ask an administrator.")
	}
	return SignInStep{Methods: left}, nil
}
