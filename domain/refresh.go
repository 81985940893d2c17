package domain

import "time"

// RefreshOutcome is the outcome of presenting a refresh token.
type RefreshOutcome int

// The outcomes.
const (
	// RefreshRotated means that the session advanced. The caller saves the session,
	// then returns its tokens.
	RefreshRotated RefreshOutcome = iota + 1
	// RefreshReplayed means that the client lost a response or has a second tab.
	// Nothing changed. The caller returns the same tokens again.
	RefreshReplayed
	// RefreshReused means that a client presented an old token, and that the session
	// is now revoked. The caller saves the session, then returns
	// ErrRefreshTokenReused.
	RefreshReused
)

// Refresh presents the refresh token of the given generation. The newest token
// advances the session. Its predecessor returns the same newest token within the
// grace interval. An older token counts as stolen and ends the session (RFC 9700
// section 4.14.2). So at most one successor of a token is ever live. Errors:
// ErrSessionEnded if the session was over already, ErrInvalidRefreshToken for a
// generation that was never issued; the session does not change then.
func (s *Session) Refresh(generation, userEpoch int64, lives SessionLives, now time.Time) (RefreshOutcome, error) {
	if s.State(userEpoch, now) != SessionActive {
		return 0, ErrSessionEnded
	}
	switch {
	case generation < 1 || generation > s.s.Generation:
		return 0, ErrInvalidRefreshToken
	case generation == s.s.Generation:
		s.s.Generation++
		s.issue(lives, now)
		return RefreshRotated, nil
	case generation == s.s.Generation-1 && lives.Grace > 0 && now.Sub(s.s.RotatedAt) <= lives.Grace:
		return RefreshReplayed, nil
	default:
		s.Revoke(RevokedByReuse, now)
		return RefreshReused, nil
	}
}
