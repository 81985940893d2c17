package application

import (
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Settings are the choices of whoever runs the service.
type Settings struct {
	// EmailVerificationRequired refuses logins until the address is confirmed,
	// and lets a registration tell nothing about an address.
	EmailVerificationRequired bool
	// Policy admits new passwords.
	Policy domain.PasswordPolicy
	// Limits are how long sessions last.
	Limits domain.SessionLimits
	// Rules are what access and refresh tokens carry.
	Rules domain.TokenRules
	// MaxSessionsPerUser is how many live sessions a user may have; one more
	// ends the oldest.
	MaxSessionsPerUser int
	// AuditRetention is how long events are kept in the audit log.
	AuditRetention time.Duration
}

// Dependencies are the driven ports that the use cases stand on.
type Dependencies struct {
	// Stores are for calls that stand alone, Work for those that belong
	// together.
	Stores   ports.Repositories
	Work     ports.UnitOfWork
	Hasher   ports.PasswordHasher
	Screen   ports.PasswordScreen
	Signer   ports.TokenSigner
	Limiter  ports.RateLimiter
	Mailer   ports.Mailer
	Clock    ports.Clock
	IDs      ports.IDs
	Random   ports.Random
	Settings Settings
}

// NewUseCases builds every use case.
func NewUseCases(d Dependencies) ports.UseCases {
	return ports.UseCases{
		Register:            NewRegister(d),
		VerifyEmail:         NewVerifyEmail(d),
		RequestVerification: NewRequestVerification(d),
		ChangeEmail:         NewChangeEmail(d),
		CurrentUser:         NewCurrentUser(),
		DeleteAccount:       NewDeleteAccount(d),
		ListActivity:        NewListActivity(d),
		ExportAccount:       NewExportAccount(d),

		RequestPasswordReset: NewRequestPasswordReset(d),
		ConfirmPasswordReset: NewConfirmPasswordReset(d),
		ChangePassword:       NewChangePassword(d),

		Login:            NewLogin(d),
		Refresh:          NewRefresh(d),
		Authenticate:     NewAuthenticate(d),
		Logout:           NewLogout(d),
		LogoutEverywhere: NewLogoutEverywhere(d),
		ListSessions:     NewListSessions(d),
		RevokeSession:    NewRevokeSession(d),

		ListUsers:        NewListUsers(d),
		GetUser:          NewGetUser(d),
		CreateUser:       NewCreateUser(d),
		ChangeUser:       NewChangeUser(d),
		DeleteUser:       NewDeleteUser(d),
		ListUserSessions: NewListUserSessions(d),
		EndUserSessions:  NewEndUserSessions(d),
		ListAudit:        NewListAudit(d),

		ImportUsers: NewImportUsers(d),
		ExportUsers: NewExportUsers(d),

		DeliverMail: NewDeliverMail(d),
		CleanUp:     NewCleanUp(d),
	}
}
