package domain

import "time"

// ChallengeLife is how long a sign-in may take from its first proof to its last.
const ChallengeLife = 5 * time.Minute

// Challenge is what lies between two steps of a sign-in: whose it is, and what
// was proved so far. It is signed and handed to the client, not stored. It may be
// used again within its time, because a step proves nothing without a fresh proof.
type Challenge struct {
	UserID UserID
	// Email is the address that the user had at the first step.
	Email string
	// Epoch is the user's session epoch at the first step: whatever ends all
	// sessions ends the sign-ins that are under way.
	Epoch     int64
	Proofs    Proofs
	ExpiresAt time.Time
}

// NewChallenge returns the challenge of a sign-in that has proved proofs at now.
// The user must be as read before the first of them was checked.
func NewChallenge(user *User, proofs Proofs, now time.Time) Challenge {
	return Challenge{
		UserID:    user.ID(),
		Email:     user.Email().String(),
		Epoch:     user.SessionEpoch(),
		Proofs:    proofs,
		ExpiresAt: now.Add(ChallengeLife),
	}
}

// With returns the challenge with one more proof. Its time does not begin anew.
func (c Challenge) With(proof Proof) Challenge {
	c.Proofs = c.Proofs.With(proof)
	return c
}

// Check reports whether user may go on with the challenge at now. Errors:
// ErrInvalidCredentials if it belongs to another user, if its time is over, or
// if the address or the session epoch changed since the first step.
func (c Challenge) Check(user *User, now time.Time) error {
	if c.UserID != user.ID() || c.Email != user.Email().String() || c.Epoch != user.SessionEpoch() ||
		!now.Before(c.ExpiresAt) || len(c.Proofs) == 0 {
		return ErrInvalidCredentials.WithDetail("This sign-in is over. Begin again with the first step.")
	}
	return nil
}
