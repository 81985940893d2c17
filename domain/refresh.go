package domain

import "time"

// RefreshOutcome is what became of a refresh token.
type RefreshOutcome int

// The outcomes.
const (
	// RefreshRotated: the session advanced; save it, then answer its tokens.
	RefreshRotated RefreshOutcome = iota + 1
	// RefreshReplayed: a lost answer or a second tab; nothing changed, answer
	// the same tokens again.
	RefreshReplayed
	// RefreshReused: an old token came back; the session is now revoked. Save
	// it, then refuse with ErrRefreshTokenReused.
	RefreshReused
)

// Refresh presents the refresh token of the given generation. At most one child
// of a token is ever live: the newest token advances the session, its
// predecessor gets the same newest one again within the grace interval, and an
// older one is taken as stolen and ends the session (RFC 9700 section 4.14.2).
// Errors: ErrSessionEnded if the session was over already, ErrInvalidRefreshToken
// for a generation that was never issued; nothing changes then.
func (s *Session) Refresh(generation, userEpoch int64, limits SessionLimits, now time.Time) (RefreshOutcome, error) {
	if s.State(userEpoch, now) != SessionActive {
		return 0, ErrSessionEnded
	}
	switch {
	case generation < 1 || generation > s.s.Generation:
		return 0, ErrInvalidRefreshToken
	case generation == s.s.Generation:
		s.s.Generation++
		s.issue(limits, now)
		return RefreshRotated, nil
	case generation == s.s.Generation-1 && limits.Grace > 0 && now.Sub(s.s.RotatedAt) <= limits.Grace:
		return RefreshReplayed, nil
	default:
		s.Revoke(RevokedByReuse, now)
		return RefreshReused, nil
	}
}
