package domain

import (
	"slices"
	"time"
)

// ChallengeLife is how long a sign-in may take from its first proof to its last.
const ChallengeLife = 5 * time.Minute

// Challenge carries a sign-in from one step to the next: the user, and what the
// user has proved so far. The service signs it and hands it to the client; it does
// not store it. The client may use it again within its time, because each step
// needs a fresh proof.
type Challenge struct {
	UserID UserID
	// Email is the address that the user had at the first step.
	Email string
	// Epoch is the user's session epoch at the first step. A change that ends all
	// sessions therefore ends the sign-ins that are under way.
	Epoch     int64
	Proofs    Proofs
	ExpiresAt time.Time
}

// NewChallenge returns the challenge of a sign-in that has proved proofs at now.
// The caller must have loaded user before it checked the first proof.
func NewChallenge(user *User, proofs Proofs, now time.Time) Challenge {
	return Challenge{
		UserID:    user.ID(),
		Email:     user.Email().String(),
		Epoch:     user.SessionEpoch(),
		Proofs:    proofs,
		ExpiresAt: now.Add(ChallengeLife),
	}
}

// Check returns nil if user may go on with the challenge at now. Errors:
// ErrInvalidCredentials if it belongs to another user, if its time is over, if it
// has no proof, if the address or the session epoch changed since the first step, or if the
// password that the user proved was dropped.
func (c Challenge) Check(user *User, now time.Time) error {
	if c.UserID != user.ID() || c.Email != user.Email().String() || c.Epoch != user.SessionEpoch() ||
		!now.Before(c.ExpiresAt) || len(c.Proofs) == 0 ||
		slices.Contains(c.Proofs.Methods(), MethodPassword) && user.PasswordState() != PasswordSet {
		return ErrInvalidCredentials.WithDetail("This sign-in is over. Begin again with the first step.")
	}
	return nil
}
