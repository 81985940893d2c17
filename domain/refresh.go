package domain

import "time"

// RefreshOutcome is the outcome of presenting a refresh token.
type RefreshOutcome int

// The outcomes.
const (
	// RefreshRotated means that the session advanced. The caller saves the session,
	// then returns its tokens.
	RefreshRotated RefreshOutcome = iota + 1
	// RefreshReplayed means that the client retried or has a second tab. Nothing
	// changed. The caller returns the same tokens again.
	RefreshReplayed
	// RefreshReplayedElsewhere is RefreshReplayed from another network or with
	// another user agent than the rotation. The caller also records it.
	RefreshReplayedElsewhere
	// RefreshReissued means that the response with the newest tokens was lost. The
	// session has another newest generation, and the lost one is void. The caller
	// saves the session, records it, then returns its tokens.
	RefreshReissued
	// RefreshReused means that the token has two holders, and that the session is now
	// revoked. The caller saves the session, then returns ErrRefreshTokenReused.
	RefreshReused
)

// Refresh presents the refresh token of the given generation, in a request of client.
//
//   - The newest token advances the session.
//   - Its predecessor returns the same newest token within the grace interval, unless
//     both the network and the user agent differ from those of the rotation.
//   - Later, its predecessor gets a new generation as long as no client has used the
//     newest one, at most SessionLives.Unseen after that one was issued and at most
//     maxReissues times: the response was lost.
//   - Every other token counts as copied and ends the session (RFC 9700 section
//     4.14.2).
//
// So at most one successor of a token is ever live. Errors: ErrSessionEnded if the
// session was over already, ErrInvalidRefreshToken for a generation that was never
// issued; the session does not change then.
func (s *Session) Refresh(generation int64, client Client, userEpoch int64, lives SessionLives, now time.Time) (RefreshOutcome, error) {
	if s.State(userEpoch, now) != SessionActive {
		return 0, ErrSessionEnded
	}
	age := now.Sub(s.s.RotatedAt)
	switch {
	case generation < 1 || generation > s.s.Generation:
		return 0, ErrInvalidRefreshToken
	case generation == s.s.Generation:
		s.s.Predecessor = s.s.Generation
		s.s.Generation++
		s.issue(client, lives, now)
		return RefreshRotated, nil
	case generation == s.s.Predecessor && lives.Grace > 0 && age <= lives.Grace:
		switch rotated := s.Client(); {
		case rotated.sharesNetwork(client) && rotated.sharesUserAgent(client):
			return RefreshReplayed, nil
		case rotated.sharesNetwork(client) || rotated.sharesUserAgent(client):
			return RefreshReplayedElsewhere, nil
		}
	case generation == s.s.Predecessor && !s.s.Seen && s.reissues() < maxReissues && age <= lives.Unseen && lives.Unseen > 0:
		s.s.Generation += reissueStep
		s.issue(client, lives, now)
		return RefreshReissued, nil
	}
	s.Revoke(RevokedByReuse, now)
	return RefreshReused, nil
}

const (
	// maxReissues is how often one refresh token gets a new generation. The bound
	// keeps the holder of a copied token from keeping the grace open for ever.
	maxReissues = 4
	// reissueStep is how far a new generation is from the void one. The number between
	// them is never issued, so releases that take the number before the newest
	// generation for its predecessor do not accept the void one.
	reissueStep = 2
)

// reissues returns how many generations since the last rotation are void.
func (s *Session) reissues() int64 {
	return (s.s.Generation - s.s.Predecessor - 1) / reissueStep
}

// Uses records that a client used an access token of the given generation, and
// reports whether that is the first use of the newest generation. The caller then
// stores the mark. The generation of the login needs none, because it has no
// predecessor. Generation 0 means that the token does not name its generation.
func (s *Session) Uses(generation int64) (first bool) {
	first = generation == s.s.Generation && s.s.Predecessor > 0 && !s.s.Seen
	s.s.Seen = s.s.Seen || first
	return first
}

// IsVoid reports whether the generation was replaced because its response counted as
// lost. A client that uses one of its tokens has received the response after all, so
// the session has two holders.
func (s *Session) IsVoid(generation int64) bool {
	return s.s.Predecessor < generation && generation < s.s.Generation
}
