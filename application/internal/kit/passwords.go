package kit

import (
	"context"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Passwords admits and hashes new passwords.
type Passwords struct {
	Policy domain.PasswordPolicy
	Screen ports.PasswordScreen
}

// Admit applies the policy and the screen of common passwords to a new password
// for the account of email. A refusal names the input field. Errors: the refusals
// of domain.PasswordPolicy and ports.PasswordScreen.
func (p Passwords) Admit(password domain.Secret, email domain.Email, field string) error {
	if err := p.Policy.Check(password, email); err != nil {
		return domain.AtField(err, field)
	}
	return domain.AtField(p.Screen.Screen(password), field)
}

// Hash admits and hashes a new password in a place. Errors: as Admit, domain.ErrOverloaded.
func (p Passwords) Hash(ctx context.Context, place ports.HashPlace, password domain.Secret, email domain.Email, field string) (domain.PasswordHash, error) {
	if err := p.Admit(password, email, field); err != nil {
		return domain.PasswordHash{}, err
	}
	return place.Hash(ctx, password)
}
