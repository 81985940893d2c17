package domain_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// Parse an address as the service does, and show users the reason for a refusal.
func ExampleParseEmail() {
	email, err := domain.ParseEmail("  Alice.Smith@Example.COM ")
	fmt.Println(email, err)

	_, err = domain.ParseEmail("Alice <alice@example.com>")
	var refusal *domain.Error
	if errors.As(err, &refusal) {
		fmt.Println(refusal.Code, refusal.Field)
		fmt.Println(refusal.Detail)
	}
	// Output:
	// alice.smith@example.com <nil>
	// invalid_email email
	// The part before the @ holds a character that is not allowed there.
}

// Guard a route that only administrators may use. The claims come from an access
// token whose signature was checked before.
func ExampleTokenRules_CheckAccess() {
	rules := domain.TokenRules{Issuer: "auth-service", Audience: "auth-service", Leeway: 30 * time.Second}
	now := time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)
	claims := domain.AccessClaims{
		Issuer:    "auth-service",
		Audience:  []string{"auth-service"},
		Subject:   domain.UserID{1},
		SessionID: domain.SessionID{2},
		Role:      domain.RoleUser,
		IssuedAt:  now.Add(-time.Minute),
		NotBefore: now.Add(-time.Minute),
		ExpiresAt: now.Add(29 * time.Minute),
	}
	guard := func(needed domain.Role, now time.Time) error {
		if err := rules.CheckAccess(claims, now); err != nil {
			return err // answer 401
		}
		return claims.Require(needed) // answer 403
	}
	fmt.Println(guard(domain.RoleUser, now))
	fmt.Println(guard(domain.RoleAdmin, now))
	fmt.Println(guard(domain.RoleUser, now.Add(time.Hour)))
	// Output:
	// <nil>
	// forbidden: Your role does not allow this.
	// token_expired: The token has expired.
}

// Read a stored session and check whether it can be used.
func ExampleSession_State() {
	login := time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)
	session, err := domain.RestoreSession(domain.SessionSnapshot{
		ID:                domain.SessionID{1},
		UserID:            domain.UserID{2},
		Epoch:             1,
		Generation:        1,
		Methods:           "pwd",
		AuthenticatedAt:   login,
		CreatedAt:         login,
		RotatedAt:         login,
		LastSeenAt:        login,
		ExpiresAt:         login.Add(7 * 24 * time.Hour),
		AbsoluteExpiresAt: login.Add(30 * 24 * time.Hour),
		Version:           1,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	const userEpoch = 1 // rises when all sessions of the user end at once
	fmt.Println(session.State(userEpoch, login.Add(time.Hour)))
	fmt.Println(session.State(userEpoch, login.Add(8*24*time.Hour)))
	fmt.Println(session.State(userEpoch+1, login.Add(time.Hour)))
	// Output:
	// active
	// expired
	// revoked
}

// Show users early why the service would refuse a password.
func ExamplePasswordPolicy_Check() {
	policy := domain.PasswordPolicy{MinLength: 15, ServiceName: "Shop"}
	email, err := domain.ParseEmail("alice@example.com")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, text := range []string{"correct horse battery staple", "too short", "alice@example.com!"} {
		password := domain.NewSecret(text)
		fmt.Println(password, policy.Check(password, email))
	}
	// Output:
	// [secret] <nil>
	// [secret] password_too_short: The password must have at least 15 characters.
	// [secret] password_from_context: The password must not be built from your e-mail address or the name of this service.
}

// A refresh token comes again. Within the grace interval it gets the very same
// successor. Later it gets another one if the response was lost, and ends the session
// if a client has used the successor.
func ExampleSession_Refresh() {
	login := time.Date(2026, time.March, 4, 12, 0, 0, 0, time.UTC)
	lives := domain.SessionLives{Idle: 7 * 24 * time.Hour, Absolute: 30 * 24 * time.Hour, Grace: 10 * time.Second, Unseen: time.Hour}
	email, err := domain.ParseEmail("alice@example.com")
	if err != nil {
		fmt.Println(err)
		return
	}
	user := domain.NewUser(domain.UserID{1}, email, domain.PasswordHash{}, domain.RoleUser, login)
	session := domain.StartSession(domain.SessionID{2}, user, domain.Proofs{domain.ProofByPassword(login)}, domain.Client{}, lives, login)
	for _, after := range []time.Duration{time.Minute, time.Minute + time.Second, 10 * time.Minute, time.Hour} {
		if after == time.Hour {
			session.Uses(session.Generation()) // a request with its access token
		}
		outcome, err := session.Refresh(1, domain.Client{}, user.SessionEpoch(), lives, login.Add(after))
		if err != nil {
			fmt.Println(err)
			return
		}
		switch outcome {
		case domain.RefreshRotated:
			fmt.Println("rotated to generation", session.Generation())
		case domain.RefreshReplayed, domain.RefreshReplayedElsewhere:
			fmt.Println("generation", session.Generation(), "again")
		case domain.RefreshReissued:
			fmt.Println("lost, so generation", session.Generation(), "instead")
		case domain.RefreshReused:
			fmt.Println("reused:", session.State(user.SessionEpoch(), login.Add(after)))
		}
	}
	// Output:
	// rotated to generation 2
	// generation 2 again
	// lost, so generation 4 instead
	// reused: revoked
}
