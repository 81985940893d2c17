package ports

import "github.com/seed543b3b27/auth-service/domain"

// ChallengeSigner signs the challenges that carry a sign-in from step to step.
type ChallengeSigner interface {
	// SignChallenge returns the challenge as a signed text. It has a key of its own,
	// so that a challenge never passes for another token. Errors: none.
	SignChallenge(challenge domain.Challenge) domain.Secret
	// ParseChallenge reads a signed challenge; ok is false for any other text.
	// domain.Challenge.Check decides whether it still holds. Errors: none.
	ParseChallenge(text domain.Secret) (challenge domain.Challenge, ok bool)
}
