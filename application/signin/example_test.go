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

// colour is the method of colourFactor.
const colour domain.Method = "colour"

func (f colourFactor) Enrolled(_ context.Context, _ ports.Repositories, user *domain.User) ([]domain.Method, error) {
	if f.colours[user.ID()] == "" {
		return nil, nil
	}
	return []domain.Method{colour}, nil
}

func (f colourFactor) Prove(_ context.Context, user *domain.User, _ domain.Method, code domain.Secret, _ ports.Origin) (domain.Proof, error) {
	if f.colours[user.ID()] != code.Reveal() {
		return domain.Proof{}, domain.ErrInvalidCode
	}
	return domain.Proof{Method: colour, At: time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC), Source: "colour"}, nil
}

// proveColour is the second step.
func (f colourFactor) proveColour(ctx context.Context, flow *Flow, challenge domain.Secret, favourite string) (ports.LoginResult, error) {
	return NewContinueLogin(flow).Execute(ctx, ports.ContinueLoginCommand{Challenge: challenge, Method: string(colour), Code: domain.NewSecret(favourite)})
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
	fmt.Println(errors.Is(err, domain.ErrSecondFactorRequired), first.Next.Methods)

	_, err = factor.proveColour(ctx, flow, first.Next.Challenge, "red")
	fmt.Println(errors.Is(err, domain.ErrInvalidCode))

	result, err := factor.proveColour(ctx, flow, first.Next.Challenge, "green")
	claims, _ := p.Signer.ParseAccess(result.AccessToken)
	fmt.Println(err, claims.Methods)
	// Output:
	// true [colour]
	// true
	// <nil> [pwd colour mfa]
}
