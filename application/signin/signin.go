// Package signin holds every way to sign in and out. A sign-in is a flow of proofs:
// each check of an identity yields a domain.Proof, the policy decides what is still
// needed, and only the end of the flow opens a session.
//
// A new way to sign in is one file here: it checks its own evidence, adds its proof
// to the attempt, and passes the attempt to Flow.proceed. SecondFactors are what the policy asks
// of every user that has set one up.
package signin

import (
	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Ports are the driven ports of the package.
type Ports struct {
	Store   ports.Store
	Hasher  ports.PasswordHasher
	Signer  ports.TokenSigner
	Limiter ports.RateLimiter
	Clock   ports.Clock
	IDs     ports.IDs
}

// Settings are the operator's choices for sign-ins and sessions.
type Settings struct {
	Policy domain.SignInPolicy
	// Lives are how long sessions last.
	Lives domain.SessionLives
	// Tokens are the rules of access and refresh tokens.
	Tokens domain.TokenRules
	// MaxSessionsPerUser is how many live sessions a user may have. A further login
	// ends the oldest session.
	MaxSessionsPerUser int
	// Failures is how many wrong passwords in a row lock an address.
	Failures domain.FailureLimit
	// Claims are the further claims of access tokens.
	Claims domain.ClaimMap
	// NewDeviceMail is whether owners hear of sign-ins from devices that their accounts
	// do not know, at most daily.
	NewDeviceMail bool
}

func (p Ports) limits() kit.Limits {
	return kit.Limits{Limiter: p.Limiter, Audit: p.Store.Audit, Clock: p.Clock, IDs: p.IDs}
}
