package httpapi

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// does makes a use case of a function.
type does[C, R any] func(ctx context.Context, cmd C) (R, error)

func (f does[C, R]) Execute(ctx context.Context, cmd C) (R, error) { return f(ctx, cmd) }

// says returns a use case with the same result each time.
func says[C, R any](result R, err error) ports.UseCase[C, R] {
	return does[C, R](func(context.Context, C) (R, error) { return result, err })
}

var (
	testTime  = time.Date(2026, 1, 15, 9, 30, 0, 123456000, time.UTC)
	userID    = mustUserID("01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e10")
	sessionID = mustSessionID("01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e11")
)

const (
	userToken  = "user.access.token"
	adminToken = "admin.access.token"

	supportToken = "support.access.token"

	// factorsToken is an administrator's, who signed in with two factors five minutes ago. All
	// others signed in by password an hour ago.
	factorsToken = "factors.access.token"

	unconfirmedToken = "unconfirmed.access.token"

	loginBody = `{"email":"ada@example.com","password":"hunter2hunter2"}`
)

func mustUserID(s string) domain.UserID {
	id, err := domain.ParseUserID(s)
	if err != nil {
		panic(err)
	}
	return id
}

func mustSessionID(s string) domain.SessionID {
	id, err := domain.ParseSessionID(s)
	if err != nil {
		panic(err)
	}
	return id
}

func testUser(role domain.Role) *domain.User {
	email, err := domain.ParseEmail("ada@example.com")
	if err != nil {
		panic(err)
	}
	user := domain.NewUser(userID, email, domain.NewPasswordHash("hash"), role, testTime)
	user.VerifyEmail(testTime)
	return user
}

// testSession returns a session that began by password, and by further proofs.
func testSession(user *domain.User, further ...domain.Proof) *domain.Session {
	lives := domain.SessionLives{Idle: 7 * 24 * time.Hour, Absolute: 30 * 24 * time.Hour}
	client := domain.Client{IP: "203.0.113.7", UserAgent: "Mozilla/5.0"}
	return domain.StartSession(sessionID, user, append(domain.Proofs{domain.ProofByPassword(testTime)}, further...), client, lives, testTime)
}

func testMetadata() *domain.Metadata {
	m, err := domain.RestoreMetadata(domain.MetadataSnapshot{UserID: userID, Profile: `{"name":"Ada"}`, App: `{"tenant":"acme"}`, Version: 3, UpdatedAt: testTime})
	if err != nil {
		panic(err)
	}
	return m
}

func testEvent() domain.Event {
	return domain.Event{
		ID: domain.EventID(mustUserID("01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e12")), Type: domain.EventLoginRefused, Outcome: domain.OutcomeRefused, At: testTime,
		SubjectID: userID, Client: domain.Client{IP: "203.0.113.7", UserAgent: "Mozilla/5.0"}, RequestID: "request", Detail: "invalid_credentials",
	}
}

// testTokens are an address change that was confirmed and a reset that is open.
func testTokens(user *domain.User) []*domain.Token {
	email, err := domain.ParseEmail("ada@example.org")
	if err != nil {
		panic(err)
	}
	change := domain.IssueEmailChange(domain.TokenID{1}, user, email, testTime)
	if err := change.Redeem(user, testTime.Add(time.Minute)); err != nil {
		panic(err)
	}
	return []*domain.Token{change, domain.IssueToken(domain.TokenID{2}, domain.MailResetPassword, user, testTime)}
}

func principal(role domain.Role) domain.Principal { return principalOf(testUser(role)) }

// unconfirmed is a user whose address is not confirmed.
func unconfirmed() *domain.User {
	s := testUser(domain.RoleUser).Snapshot()
	s.EmailVerified = false
	user, err := domain.RestoreUser(s)
	if err != nil {
		panic(err)
	}
	return user
}

func principalOf(user *domain.User, further ...domain.Proof) domain.Principal {
	p, err := domain.SessionPrincipal(user, testSession(user, further...), testTime)
	if err != nil {
		panic(err)
	}
	return p
}

// byCode is the proof of a user who sent the code of an authenticator application.
func byCode() domain.Proof {
	return domain.Proof{Method: domain.MethodOneTimeCode, At: testTime, Source: "totp"}
}

// authenticate knows the tokens of the tests.
func authenticate(_ context.Context, cmd ports.AuthenticateCommand) (ports.AuthenticateResult, error) {
	by := func(p domain.Principal, signedInFor time.Duration) (ports.AuthenticateResult, error) {
		return ports.AuthenticateResult{Principal: p, SignedInFor: signedInFor}, nil
	}
	switch cmd.AccessToken.Reveal() {
	case userToken:
		return by(principal(domain.RoleUser), time.Hour)
	case adminToken:
		return by(principal(domain.RoleAdmin), time.Hour)
	case supportToken:
		return by(principal(domain.RoleSupport), time.Hour)
	case unconfirmedToken:
		return by(principalOf(unconfirmed()), time.Hour)
	case factorsToken:
		return by(principalOf(testUser(domain.RoleAdmin), byCode()), 5*time.Minute)
	case "expired":
		return ports.AuthenticateResult{}, domain.ErrTokenExpired
	}
	return ports.AuthenticateResult{}, domain.ErrUnauthenticated
}

// goodUseCases all succeed.
func goodUseCases() ports.UseCases {
	user := ports.UserResult{User: testUser(domain.RoleUser), Metadata: testMetadata()}
	sessions := ports.SessionsResult{Sessions: []*domain.Session{testSession(user.User)}, Current: sessionID}
	tokens := ports.TokensResult{
		AccessToken:      domain.NewSecret("new.access.token"),
		RefreshToken:     domain.NewSecret("new.refresh.token"),
		ExpiresIn:        30 * time.Minute,
		RefreshExpiresIn: 7 * 24 * time.Hour,
		SessionID:        sessionID,
	}
	limits := ports.LimitsResult{Limits: []ports.LimitUse{{
		Limit: string(ports.LimitMailRecipient), Of: "address", For: domain.MailResetPassword,
		Quota: domain.Quota{Events: 5, Per: time.Hour}, RetryAfter: 90*time.Second + time.Millisecond,
	}}}
	factors := ports.FactorsResult{Factors: []*domain.Factor{testFactor()}, RecoveryCodesLeft: 9}
	recovery := []domain.Secret{domain.NewSecret(recoveryCode)}
	events := ports.EventsResult{Events: []domain.Event{testEvent()}, NextCursor: "next"}
	return ports.UseCases{
		Register:             says[ports.RegisterCommand](ports.RegisterResult{}, nil),
		VerifyEmail:          says[ports.VerifyEmailCommand](user, nil),
		RequestVerification:  says[ports.RequestVerificationCommand](ports.None{}, nil),
		UndoEmailChange:      says[ports.UndoEmailChangeCommand](user, nil),
		ChangeEmail:          says[ports.ChangeEmailCommand](ports.None{}, nil),
		CurrentUser:          says[ports.CurrentUserCommand](user, nil),
		ChangeProfile:        says[ports.ChangeProfileCommand](user, nil),
		DeleteAccount:        says[ports.DeleteAccountCommand](ports.None{}, nil),
		RequestPasswordReset: says[ports.RequestPasswordResetCommand](ports.None{}, nil),
		CheckPasswordReset:   says[ports.CheckPasswordResetCommand](ports.CheckPasswordResetResult{Email: user.User.Email(), Purpose: domain.MailInvitation}, nil),
		ConfirmPasswordReset: says[ports.ConfirmPasswordResetCommand](ports.DeviceResult{DeviceToken: domain.NewSecret("device-1")}, nil),
		ChangePassword:       says[ports.ChangePasswordCommand](ports.LoginResult{TokensResult: tokens, DeviceToken: domain.NewSecret("device-2")}, nil),
		Login:                says[ports.LoginCommand](ports.LoginResult{TokensResult: tokens, DeviceToken: domain.NewSecret("new.device-token")}, nil),
		ContinueLogin:        says[ports.ContinueLoginCommand](ports.LoginResult{TokensResult: tokens, DeviceToken: domain.NewSecret("device-4")}, nil),
		ListFactors:          says[ports.ListFactorsCommand](factors, nil),
		AddTOTP: says[ports.AddTOTPCommand](ports.AddTOTPResult{
			Factor: testFactor(), Secret: domain.NewSecret(totpSecret), URI: domain.NewSecret(totpURI),
		}, nil),
		ConfirmTOTP:        says[ports.ConfirmTOTPCommand](ports.ConfirmTOTPResult{Factor: testFactor(), RecoveryCodes: recovery}, nil),
		RemoveFactor:       says[ports.RemoveFactorCommand](ports.None{}, nil),
		RenewRecoveryCodes: says[ports.RenewRecoveryCodesCommand](ports.RecoveryCodesResult{Codes: recovery}, nil),
		ListUserFactors:    says[ports.ListUserFactorsCommand](factors, nil),
		RemoveUserFactors:  says[ports.RemoveUserFactorsCommand](ports.None{}, nil),
		Refresh:            says[ports.RefreshCommand](ports.RefreshResult{TokensResult: tokens}, nil),
		Authenticate:       does[ports.AuthenticateCommand, ports.AuthenticateResult](authenticate),
		Logout:             says[ports.LogoutCommand](ports.None{}, nil),
		LogoutEverywhere:   says[ports.LogoutEverywhereCommand](ports.LogoutEverywhereResult{Revoked: 3}, nil),
		ListSessions:       says[ports.ListSessionsCommand](sessions, nil),
		RevokeSession:      says[ports.RevokeSessionCommand](ports.None{}, nil),
		ReplacePassword:    says[ports.ReplacePasswordCommand](ports.LoginResult{TokensResult: tokens, DeviceToken: domain.NewSecret("device-3")}, nil),
		EndUserSession:     says[ports.EndUserSessionCommand](ports.None{}, nil),
		SendUserMail:       says[ports.SendUserMailCommand](ports.None{}, nil),
		ListLimits:         says[ports.ListLimitsCommand](limits, nil),
		LiftLimits:         says[ports.LiftLimitsCommand](limits, nil),
		ListUsers:          says[ports.ListUsersCommand](ports.UsersResult{Users: []*domain.User{user.User}, NextCursor: "next"}, nil),
		GetUser:            says[ports.GetUserCommand](user, nil),
		CreateUser:         says[ports.CreateUserCommand](user, nil),
		ChangeUser:         says[ports.ChangeUserCommand](user, nil),
		DeleteUser:         says[ports.DeleteUserCommand](ports.None{}, nil),
		ListUserSessions:   says[ports.ListUserSessionsCommand](sessions, nil),
		ListAudit:          says[ports.ListAuditCommand](events, nil),
		FeedAudit: says[ports.FeedAuditCommand](ports.FeedResult{
			Events: []ports.FeedEvent{{Position: 4711, Event: events.Events[0]}}, Position: 4711, More: true,
		}, nil),
		ListActivity: says[ports.ListActivityCommand](events, nil),
		ExportAccount: says[ports.ExportAccountCommand](ports.ExportAccountResult{
			User: user.User, Sessions: sessions.Sessions, Tokens: testTokens(user.User), Factors: factors, Events: events.Events,
		}, nil),
		EndUserSessions: says[ports.EndUserSessionsCommand](ports.None{}, nil),
	}
}
