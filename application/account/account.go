// Package account holds the use cases of users on their own account: register it,
// confirm and change its address, read it and delete it.
package account

import (
	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
)

// Ports are the driven ports of the package.
type Ports = kit.Ports

// Settings are the operator's choices for accounts.
type Settings struct {
	// VerificationRequired makes a user confirm the address by mail. A registration
	// then does not reveal whether the address has an account.
	VerificationRequired bool
	// Unproven is what becomes of the password if the address is confirmed and nothing
	// proves that the user who confirms chose it: domain.UnprovenKeep or
	// domain.UnprovenDrop.
	Unproven domain.Unproven
	// PasswordPolicy is the policy for the password of a new account.
	PasswordPolicy domain.PasswordPolicy
	// Claims are the claims whose rules profiles keep.
	Claims domain.ClaimMap
}
