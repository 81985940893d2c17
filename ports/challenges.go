package ports

import "github.com/seed543b3b27/auth-service/domain"

// ChallengeSigner signs what lies between two steps of a sign-in.
type ChallengeSigner interface {
	// SignChallenge returns the challenge as a signed text. Its key is not that of
	// other tokens, so none is ever taken for another. Errors: none.
	SignChallenge(challenge domain.Challenge) domain.Secret
	// ParseChallenge reads a signed challenge; ok is false for any other text.
	// domain.Challenge.Check reports whether it still counts. Errors: none.
	ParseChallenge(text domain.Secret) (challenge domain.Challenge, ok bool)
}
