package signin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// colourFactor is a made-up second factor: users prove it by their favourite
// colour. A real one reads its enrolment from a port of its own.
type colourFactor struct{ colours map[domain.UserID]string }

func (colourFactor) Method() domain.Method { return "colour" }

func (f colourFactor) IsEnrolled(_ context.Context, _ ports.Repositories, user *domain.User) (bool, error) {
	return f.colours[user.ID()] != "", nil
}

// proveColour is the second step. It resumes the sign-in of a challenge, which counts
// the step against the limits, checks the evidence, and hands the attempt on with one
// more proof.
func (f colourFactor) proveColour(ctx context.Context, flow *Flow, challenge domain.Secret, colour string) (ports.LoginResult, error) {
	a, err := flow.resume(ctx, challenge, domain.Secret{}, ports.Origin{})
	if err != nil {
		return ports.LoginResult{}, err
	}
	if f.colours[a.user.ID()] != colour {
		return ports.LoginResult{}, flow.recorded(ctx, a, domain.ErrInvalidCredentials)
	}
	a.proofs = a.proofs.With(domain.Proof{Method: f.Method(), At: flow.p.Clock.Now(), Source: "colour"})
	return flow.proceed(ctx, a)
}

// A further way to prove an identity costs one file. This one walks both steps of a
// sign-in on memory.
func Example_secondFactor() {
	ctx := context.Background()
	clock := memory.NewClock(time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC))
	store := memory.NewStore(memory.NewQueue(clock))
	p := Ports{
		Store:  store.Port(),
		Hasher: memory.PasswordHasher{}, Signer: memory.NewTokenSigner(),
		Limiter: memory.NewRateLimiter(clock, nil), Clock: clock, IDs: memory.NewIDs(),
	}
	email, _ := domain.ParseEmail("ada@example.com")
	hash, _ := memory.PasswordHasher{}.Hash(ctx, domain.NewSecret("correct horse battery"))
	user := domain.NewUser(p.IDs.NewUserID(), email, hash, domain.RoleUser, clock.Now())
	_ = p.Store.Users.Add(ctx, user)
	factor := colourFactor{map[domain.UserID]string{user.ID(): "green"}}
	flow := NewFlow(p, Settings{
		Lives:              domain.SessionLives{Idle: time.Hour, Absolute: time.Hour},
		Tokens:             domain.TokenRules{Issuer: "issuer", Audience: "audience", AccessLife: time.Minute},
		MaxSessionsPerUser: 10,
	}, factor)

	first, err := NewLogin(flow).Execute(ctx, ports.LoginCommand{Email: "ada@example.com", Password: domain.NewSecret("correct horse battery")})
	fmt.Println(err, first.Next.Methods)

	_, err = factor.proveColour(ctx, flow, first.Next.Challenge, "red")
	fmt.Println(errors.Is(err, domain.ErrInvalidCredentials))

	result, err := factor.proveColour(ctx, flow, first.Next.Challenge, "green")
	claims, _ := p.Signer.ParseAccess(result.AccessToken)
	fmt.Println(err, claims.Methods)
	// Output:
	// <nil> [colour]
	// true
	// <nil> [pwd colour mfa]
}
