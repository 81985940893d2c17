package domain

import "slices"

// SignInPolicy decides what a user must prove before a session opens.
type SignInPolicy struct {
	// VerificationRequired makes Admit refuse users whose address is not confirmed.
	VerificationRequired bool
	// TwoFactorRoles are the roles whose users must prove two factors. Users
	// with a second factor must use it in every role.
	TwoFactorRoles []Role
}

// SignInStep is what a sign-in needs next.
type SignInStep struct {
	// Done is true if the session may open.
	Done bool
	// PasswordChange is true if nothing is left to prove, and the password must be replaced
	// before the session may open.
	PasswordChange bool
	// Methods are the methods that the user may prove next; empty if Done or PasswordChange.
	Methods []Method
}

// Next returns what a sign-in needs after proofs, at least one. enrolled are the
// second factors that the user has set up. Every way to sign in asks Next. Errors:
// ErrAccountDisabled, ErrEmailNotVerified, ErrForbidden if the user needs two
// factors and has no further one, ErrInvalidCredentials without a proof.
func (p SignInPolicy) Next(user *User, enrolled []Method, proofs Proofs) (SignInStep, error) {
	if proofs.Factors() == 0 {
		return SignInStep{}, ErrInvalidCredentials
	}
	if err := p.Admit(user); err != nil {
		return SignInStep{}, err
	}
	switch {
	case len(enrolled) == 0 && !slices.Contains(p.TwoFactorRoles, user.Role()),
		proofs.Factors() > 1 && usesOneOf(enrolled, proofs):
		// The change comes last, so that only a complete sign-in makes it.
		change := user.PasswordChangeRequired() && slices.Contains(proofs.Methods(), MethodPassword)
		return SignInStep{Done: !change, PasswordChange: change}, nil
	}
	var left []Method
	offered := enrolled
	if user.PasswordState() == PasswordSet && usesOneOf(enrolled, proofs) {
		offered = append(slices.Clone(enrolled), MethodPassword) // the second factor came first
	}
	for _, method := range offered {
		if !slices.Contains(proofs.Methods(), method) {
			left = append(left, method)
		}
	}
	if len(left) == 0 {
		return SignInStep{}, ErrForbidden.WithDetail("Your account needs one more way to prove who you are, and has none. Ask an administrator.")
	}
	return SignInStep{Methods: left}, nil
}

// Admit returns nil if the account of user may be used at all, whatever the user
// proves. Next asks it for every sign-in, and Continue for every open session. Errors:
// ErrAccountDisabled, ErrEmailNotVerified.
func (p SignInPolicy) Admit(user *User) error {
	switch {
	case user.Status() != StatusActive:
		return ErrAccountDisabled
	case p.VerificationRequired && !user.EmailVerified():
		return ErrEmailNotVerified
	}
	return nil
}

// Continue returns nil if user may go on in the sessions that are open. A client can
// only sign in again, and that sign-in names the reason. Errors: ErrSessionEnded.
func (p SignInPolicy) Continue(user *User) error {
	if p.Admit(user) != nil {
		return ErrSessionEnded
	}
	return nil
}

// usesOneOf reports whether one of the proofs is by an enrolled method, or makes up
// two factors alone. It is true if nothing is enrolled.
func usesOneOf(enrolled []Method, proofs Proofs) bool {
	return len(enrolled) == 0 || slices.ContainsFunc(proofs, func(proof Proof) bool {
		return proof.MultiFactor || slices.Contains(enrolled, proof.Method)
	})
}
