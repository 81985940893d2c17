package tokens

import (
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// challengeKeyPurpose names the key of challenges between two steps of a sign-in.
const challengeKeyPurpose = "auth-service: key of sign-in challenges, version 1"

// maxChallengeLength bounds what is decoded, in characters of base64url.
const maxChallengeLength = 4096

// challengeBody is the content of a challenge. Times are microseconds since 1970.
type challengeBody struct {
	UserID    string      `json:"user"`
	Email     string      `json:"email"`
	Epoch     int64       `json:"epoch"`
	Proofs    []proofBody `json:"proofs"`
	ExpiresAt int64       `json:"exp"`
}

type proofBody struct {
	Method      string `json:"method"`
	At          int64  `json:"at"`
	MultiFactor bool   `json:"mfa,omitzero"`
	Source      string `json:"source"`
}

// SignChallenge returns the challenge as base64url of its JSON and a MAC. A key
// that is derived from the current secret, and used for nothing else,
// authenticates it. Times are kept in microseconds.
func (s *Signer) SignChallenge(c domain.Challenge) domain.Secret {
	body := challengeBody{UserID: c.UserID.String(), Email: c.Email, Epoch: c.Epoch, ExpiresAt: c.ExpiresAt.UnixMicro()}
	for _, p := range c.Proofs {
		body.Proofs = append(body.Proofs, proofBody{string(p.Method), p.At.UnixMicro(), p.MultiFactor, p.Source})
	}
	text, _ := json.Marshal(body) // it never fails: the type holds plain values only
	return domain.NewSecret(encode(s.challenges.sign(text)))
}

// ParseChallenge reads such a text. ok is true if it is genuine under the current
// or a previous secret; domain.Challenge.Check reports whether it still counts.
func (s *Signer) ParseChallenge(text domain.Secret) (c domain.Challenge, ok bool) {
	if len(text.Reveal()) > maxChallengeLength {
		return domain.Challenge{}, false
	}
	raw, err := base64.RawURLEncoding.DecodeString(text.Reveal())
	if err != nil || encode(raw) != text.Reveal() { // one spelling only
		return domain.Challenge{}, false
	}
	signed, ok := s.challenges.open(raw)
	if !ok {
		return domain.Challenge{}, false
	}
	var body challengeBody
	if json.Unmarshal(signed, &body) != nil {
		return domain.Challenge{}, false
	}
	user, err := domain.ParseUserID(body.UserID)
	if err != nil {
		return domain.Challenge{}, false
	}
	c = domain.Challenge{UserID: user, Email: body.Email, Epoch: body.Epoch, ExpiresAt: time.UnixMicro(body.ExpiresAt).UTC()}
	for _, p := range body.Proofs {
		c.Proofs = append(c.Proofs, domain.Proof{
			Method: domain.Method(p.Method), At: time.UnixMicro(p.At).UTC(), MultiFactor: p.MultiFactor, Source: p.Source,
		})
	}
	return c, true
}
