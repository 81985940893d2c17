// Package assembly builds the use cases on any set of driven ports. It is the one
// place where interactors are made: the service, the command line and tests use it.
package assembly

import (
	"time"

	"github.com/seed543b3b27/auth-service/application/account"
	"github.com/seed543b3b27/auth-service/application/admin"
	"github.com/seed543b3b27/auth-service/application/audit"
	"github.com/seed543b3b27/auth-service/application/factors"
	"github.com/seed543b3b27/auth-service/application/mailing"
	"github.com/seed543b3b27/auth-service/application/password"
	"github.com/seed543b3b27/auth-service/application/signin"
	"github.com/seed543b3b27/auth-service/application/transfer"
	"github.com/seed543b3b27/auth-service/application/upkeep"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Settings are the operator's choices that change what use cases do.
type Settings struct {
	// EmailVerificationRequired refuses sign-ins until the address is confirmed,
	// and makes registrations reveal nothing about an address.
	EmailVerificationRequired bool
	// EmailVerifyUnproven is what becomes of the password if an address is confirmed and
	// nothing proves that the user who confirms chose it: domain.UnprovenKeep, as does
	// the zero value, or domain.UnprovenDrop.
	EmailVerifyUnproven domain.Unproven
	// PasswordPolicy admits new passwords.
	PasswordPolicy domain.PasswordPolicy
	// SessionLives are how long sessions last.
	SessionLives domain.SessionLives
	// TokenRules are the rules of access and refresh tokens.
	TokenRules domain.TokenRules
	// MaxSessionsPerUser is how many live sessions a user may have. One more ends
	// the oldest.
	MaxSessionsPerUser int
	// AuditRetention is how long events are kept in the audit log.
	AuditRetention time.Duration
	// UnconfirmedRetention is how long a registration may stay unconfirmed; 0 keeps it
	// for ever. It counts only if EmailVerificationRequired is true.
	UnconfirmedRetention time.Duration
	// LoginFailures is how many wrong passwords in a row lock an address.
	LoginFailures domain.FailureLimit
	// AccessTokenClaims are the further claims of access tokens.
	AccessTokenClaims domain.ClaimMap
	// NewDeviceMail is whether owners hear of sign-ins from devices that their accounts do
	// not know.
	NewDeviceMail bool
	// Product names the service in authenticator applications.
	Product string
}

// Ports are all driven ports of the service.
type Ports struct {
	Store     ports.Store
	Hasher    ports.PasswordHasher
	Screen    ports.PasswordScreen
	Signer    ports.TokenSigner
	DataKeys  ports.DataKeys
	Admission ports.Admission
	Limiter   ports.RateLimiter
	Mailer    ports.Mailer
	Clock     ports.Clock
	IDs       ports.IDs
	Random    ports.Random
}

// UseCases returns every use case on the ports.
func UseCases(p Ports, s Settings) ports.UseCases {
	var u ports.UseCases
	codes := factors.NewCodes(factors.Ports{Store: p.Store, Keys: p.DataKeys, Random: p.Random, Limiter: p.Limiter, Clock: p.Clock, IDs: p.IDs})
	accounts(&u, p, s, codes)
	passwords(&u, p, s, signIn(&u, p, s, codes))
	secondFactors(&u, p, s, codes)
	administration(&u, p, s)
	background(&u, p, s)
	return u
}

// signIn adds the use cases of sessions, and returns the flow that opens them.
func signIn(u *ports.UseCases, p Ports, s Settings, codes *factors.Codes) *signin.Flow {
	own := signin.Ports{Store: p.Store, Hasher: p.Hasher, Signer: p.Signer, Limiter: p.Limiter, Clock: p.Clock, IDs: p.IDs}
	settings := signin.Settings{
		Policy:             domain.SignInPolicy{VerificationRequired: s.EmailVerificationRequired},
		Lives:              s.SessionLives,
		Tokens:             s.TokenRules,
		MaxSessionsPerUser: s.MaxSessionsPerUser,
		Failures:           s.LoginFailures,
		Claims:             s.AccessTokenClaims,
		NewDeviceMail:      s.NewDeviceMail,
	}
	flow := signin.NewFlow(own, settings, codes)
	u.Login = signin.NewLogin(flow)
	u.ContinueLogin = signin.NewContinueLogin(flow)
	u.ReplacePassword = signin.NewReplacePassword(flow, s.PasswordPolicy, p.Screen)
	u.Refresh = signin.NewRefresh(own, settings)
	u.Authenticate = signin.NewAuthenticate(own, settings)
	u.Logout = signin.NewLogout(own, settings)
	u.LogoutEverywhere = signin.NewLogoutEverywhere(own)
	u.ListSessions = signin.NewListSessions(own, settings)
	u.RevokeSession = signin.NewRevokeSession(own)
	return flow
}

func accounts(u *ports.UseCases, p Ports, s Settings, codes *factors.Codes) {
	own := account.Ports{Store: p.Store, Hasher: p.Hasher, Screen: p.Screen, Limiter: p.Limiter, Clock: p.Clock, IDs: p.IDs}
	settings := account.Settings{VerificationRequired: s.EmailVerificationRequired, Unproven: s.EmailVerifyUnproven, PasswordPolicy: s.PasswordPolicy, Claims: s.AccessTokenClaims}
	u.Register = account.NewRegister(own, settings, p.Random)
	u.VerifyEmail = account.NewVerifyEmail(own, settings)
	u.RequestVerification = account.NewRequestVerification(own, p.Admission)
	u.ChangeEmail = account.NewChangeEmail(own, codes)
	u.UndoEmailChange = account.NewUndoEmailChange(own)
	u.CurrentUser = account.NewCurrentUser(own)
	u.ChangeProfile = account.NewChangeProfile(own, settings)
	u.DeleteAccount = account.NewDeleteAccount(own, codes)
}

func secondFactors(u *ports.UseCases, p Ports, s Settings, codes *factors.Codes) {
	own := account.Ports{Store: p.Store, Hasher: p.Hasher, Screen: p.Screen, Limiter: p.Limiter, Clock: p.Clock, IDs: p.IDs}
	u.ListFactors = factors.NewListFactors(codes)
	u.AddTOTP = factors.NewAddTOTP(codes, own, s.Product)
	u.ConfirmTOTP = factors.NewConfirmTOTP(codes)
	u.RemoveFactor = factors.NewRemoveFactor(codes, own)
	u.RenewRecoveryCodes = factors.NewRenewRecoveryCodes(codes, own)
	u.ListUserFactors = factors.NewListUserFactors(codes)
	u.RemoveUserFactors = factors.NewRemoveUserFactors(codes)
}

func passwords(u *ports.UseCases, p Ports, s Settings, flow *signin.Flow) {
	own := password.Ports{Store: p.Store, Hasher: p.Hasher, Screen: p.Screen, Limiter: p.Limiter, Clock: p.Clock, IDs: p.IDs}
	u.RequestPasswordReset = password.NewRequestPasswordReset(own, p.Admission)
	u.CheckPasswordReset = password.NewCheckPasswordReset(own)
	u.ConfirmPasswordReset = password.NewConfirmPasswordReset(own, s.PasswordPolicy, p.Signer)
	u.ChangePassword = password.NewChangePassword(own, s.PasswordPolicy, flow)
}

func administration(u *ports.UseCases, p Ports, s Settings) {
	own := admin.Ports{Store: p.Store, Hasher: p.Hasher, Screen: p.Screen, Limiter: p.Limiter, Clock: p.Clock, IDs: p.IDs}
	u.ListUsers = admin.NewListUsers(own)
	u.GetUser = admin.NewGetUser(own)
	u.CreateUser = admin.NewCreateUser(own, admin.Settings{VerificationRequired: s.EmailVerificationRequired, PasswordPolicy: s.PasswordPolicy, Claims: s.AccessTokenClaims})
	u.ChangeUser = admin.NewChangeUser(own, s.EmailVerifyUnproven, s.AccessTokenClaims)
	u.DeleteUser = admin.NewDeleteUser(own)
	u.ListUserSessions = admin.NewListUserSessions(own, s.SessionLives)
	u.EndUserSessions = admin.NewEndUserSessions(own)
	u.EndUserSession = admin.NewEndUserSession(own)
	u.SendUserMail = admin.NewSendUserMail(own)
	u.ListLimits = admin.NewListLimits(own, s.LoginFailures)
	u.LiftLimits = admin.NewLiftLimits(own, s.LoginFailures)

	log := audit.Ports{Store: p.Store, Clock: p.Clock, IDs: p.IDs}
	u.ListAudit = audit.NewListAudit(log, s.SessionLives)
	u.FeedAudit = audit.NewFeedAudit(log, s.SessionLives)
	u.ListActivity = audit.NewListActivity(log, s.SessionLives)
	u.ExportAccount = audit.NewExportAccount(log, s.SessionLives)
}

func background(u *ports.UseCases, p Ports, s Settings) {
	users := transfer.Ports{Store: p.Store, Hasher: p.Hasher, Clock: p.Clock, IDs: p.IDs}
	u.ImportUsers = transfer.NewImportUsers(users, s.AccessTokenClaims)
	u.ExportUsers = transfer.NewExportUsers(users)
	u.DeliverMail = mailing.NewDeliverMail(mailing.Ports{Store: p.Store, Mailer: p.Mailer, Random: p.Random, Clock: p.Clock, IDs: p.IDs})
	u.CleanUp = upkeep.NewCleanUp(upkeep.Ports{Store: p.Store, Keys: p.DataKeys, Limiter: p.Limiter, Clock: p.Clock, IDs: p.IDs}, upkeep.Settings{
		AuditRetention:       s.AuditRetention,
		UnconfirmedRetention: s.UnconfirmedRetention,
		VerificationRequired: s.EmailVerificationRequired,
		Failures:             s.LoginFailures,
	})
}
