package ports

import (
	"slices"

	"github.com/seed543b3b27/auth-service/domain"
)

// Operation names a use case and lists its refusals. Metrics, traces and the
// OpenAPI document use it. Besides the refusals, every use case may return
// domain.ErrUnavailable; it returns no other *domain.Error.
type Operation struct {
	// Name is the name in metrics and traces: the field of UseCases in snake case. A
	// released name never changes, because dashboards and alerts use it.
	Name string
	// Refusals are the errors that the use case returns, each with the input
	// that it points at.
	Refusals []*domain.Error
	// Permission is the permission that the principal needs. It is empty if the use
	// case serves every caller, or the owner of an account.
	Permission domain.Permission
	// Unserved is true for background work and for commands of the operator, which no
	// request reaches.
	Unserved bool
}

// UseCases holds every use case of the service. Each field has its Operation below
// and its line in visit.
type UseCases struct {
	// Accounts.
	Register            UseCase[RegisterCommand, RegisterResult]
	VerifyEmail         UseCase[VerifyEmailCommand, UserResult]
	RequestVerification UseCase[RequestVerificationCommand, None]
	ChangeEmail         UseCase[ChangeEmailCommand, None]
	UndoEmailChange     UseCase[UndoEmailChangeCommand, UserResult]
	CurrentUser         UseCase[CurrentUserCommand, UserResult]
	ChangeProfile       UseCase[ChangeProfileCommand, UserResult]
	DeleteAccount       UseCase[DeleteAccountCommand, None]
	ListActivity        UseCase[ListActivityCommand, EventsResult]
	ExportAccount       UseCase[ExportAccountCommand, ExportAccountResult]

	// Passwords.
	RequestPasswordReset UseCase[RequestPasswordResetCommand, None]
	CheckPasswordReset   UseCase[CheckPasswordResetCommand, CheckPasswordResetResult]
	ConfirmPasswordReset UseCase[ConfirmPasswordResetCommand, DeviceResult]
	ChangePassword       UseCase[ChangePasswordCommand, LoginResult]

	// Second factors.
	ListFactors        UseCase[ListFactorsCommand, FactorsResult]
	AddTOTP            UseCase[AddTOTPCommand, AddTOTPResult]
	ConfirmTOTP        UseCase[ConfirmTOTPCommand, ConfirmTOTPResult]
	RemoveFactor       UseCase[RemoveFactorCommand, None]
	RenewRecoveryCodes UseCase[RenewRecoveryCodesCommand, RecoveryCodesResult]

	// Sessions.
	Login            UseCase[LoginCommand, LoginResult]
	ContinueLogin    UseCase[ContinueLoginCommand, LoginResult]
	ReplacePassword  UseCase[ReplacePasswordCommand, LoginResult]
	Refresh          UseCase[RefreshCommand, RefreshResult]
	Authenticate     UseCase[AuthenticateCommand, AuthenticateResult]
	Logout           UseCase[LogoutCommand, None]
	LogoutEverywhere UseCase[LogoutEverywhereCommand, LogoutEverywhereResult]
	ListSessions     UseCase[ListSessionsCommand, SessionsResult]
	RevokeSession    UseCase[RevokeSessionCommand, None]

	// Administration.
	ListUsers         UseCase[ListUsersCommand, UsersResult]
	GetUser           UseCase[GetUserCommand, UserResult]
	CreateUser        UseCase[CreateUserCommand, UserResult]
	ChangeUser        UseCase[ChangeUserCommand, UserResult]
	DeleteUser        UseCase[DeleteUserCommand, None]
	ListUserSessions  UseCase[ListUserSessionsCommand, SessionsResult]
	EndUserSessions   UseCase[EndUserSessionsCommand, None]
	EndUserSession    UseCase[EndUserSessionCommand, None]
	SendUserMail      UseCase[SendUserMailCommand, None]
	ListUserFactors   UseCase[ListUserFactorsCommand, FactorsResult]
	RemoveUserFactors UseCase[RemoveUserFactorsCommand, None]
	ListLimits        UseCase[ListLimitsCommand, LimitsResult]
	LiftLimits        UseCase[LiftLimitsCommand, LimitsResult]
	ListAudit         UseCase[ListAuditCommand, EventsResult]
	FeedAudit         UseCase[FeedAuditCommand, FeedResult]

	// Moving in and out.
	ImportUsers UseCase[ImportUsersCommand, ImportUsersResult]
	ExportUsers UseCase[ExportUsersCommand, ExportUsersResult]

	// Background work.
	DeliverMail UseCase[MailJob, None]
	CleanUp     UseCase[CleanUpCommand, CleanUpResult]
}

// Operations of accounts.
var (
	OpRegister = operation("register", withNewPassword("password",
		domain.ErrInvalidEmail, domain.ErrEmailTaken, domain.ErrInvalidMetadata, domain.ErrRateLimited, domain.ErrOverloaded)...)
	OpVerifyEmail = operation("verify_email", domain.ErrInvalidToken, domain.ErrConfirmationRequired, domain.ErrWrongPassword.WithField("password"), domain.ErrProofRequired,
		domain.ErrInvalidParameter.WithField("drop_password").WithDetail("Give the password or drop_password, not both."),
		domain.ErrSessionEnded, domain.ErrRateLimited, domain.ErrOverloaded)
	OpRequestVerification = operation("request_verification", domain.ErrInvalidEmail, domain.ErrRateLimited, domain.ErrOverloaded)
	OpChangeEmail         = operation("change_email", domain.ErrInvalidEmail.WithField("new_email"), domain.ErrWrongPassword, domain.ErrCodeRequired, domain.ErrWrongCode, domain.ErrRateLimited, domain.ErrOverloaded,
		domain.ErrUnauthenticated, domain.ErrSessionEnded)
	OpUndoEmailChange = operation("undo_email_change", domain.ErrInvalidToken, domain.ErrRateLimited)
	OpCurrentUser     = operation("current_user", domain.ErrUnauthenticated)
	OpChangeProfile   = operation("change_profile", domain.ErrInvalidMetadata, domain.ErrVersionConflict, domain.ErrRateLimited, domain.ErrUnauthenticated, domain.ErrSessionEnded)
	OpDeleteAccount   = operation("delete_account", domain.ErrWrongPassword.WithField("password"), domain.ErrCodeRequired, domain.ErrWrongCode, domain.ErrLastAdmin, domain.ErrUndoOpen, domain.ErrRateLimited, domain.ErrOverloaded,
		domain.ErrUnauthenticated, domain.ErrSessionEnded)
	OpListActivity  = operation("list_activity", domain.ErrInvalidCursor, domain.ErrInvalidParameter, domain.ErrUnauthenticated)
	OpExportAccount = operation("export_account", domain.ErrUnauthenticated)
)

// Operations of passwords.
var (
	OpRequestPasswordReset = operation("request_password_reset", domain.ErrInvalidEmail, domain.ErrRateLimited, domain.ErrOverloaded)
	OpCheckPasswordReset   = operation("check_password_reset", domain.ErrInvalidToken, domain.ErrRateLimited)
	OpConfirmPasswordReset = operation("confirm_password_reset", withNewPassword("new_password",
		domain.ErrSamePassword, domain.ErrInvalidToken, domain.ErrRateLimited, domain.ErrOverloaded)...)
	OpChangePassword = operation("change_password", withNewPassword("new_password",
		domain.ErrSamePassword, domain.ErrWrongPassword, domain.ErrSecondFactorRequired, domain.ErrRateLimited, domain.ErrOverloaded, domain.ErrUnauthenticated, domain.ErrSessionEnded)...)
)

// Operations of second factors.
var (
	OpListFactors        = operation("list_factors", domain.ErrUnauthenticated)
	OpAddTOTP            = operation("add_totp", withProofAgain(domain.ErrFactorsUnavailable, domain.ErrEmailNotVerified, domain.ErrInvalidParameter.WithField("name"), domain.ErrTooManyFactors)...)
	OpConfirmTOTP        = operation("confirm_totp", domain.ErrFactorNotFound, domain.ErrWrongCode, domain.ErrRateLimited, domain.ErrUnauthenticated, domain.ErrSessionEnded)
	OpRemoveFactor       = operation("remove_factor", withProofAgain(domain.ErrFactorNotFound)...)
	OpRenewRecoveryCodes = operation("renew_recovery_codes", withProofAgain(domain.ErrNoSecondFactor)...)
)

// Operations of sessions.
var (
	OpLogin = operation("login", domain.ErrInvalidEmail, domain.ErrInvalidCredentials, domain.ErrEmailNotVerified, domain.ErrAccountDisabled,
		domain.ErrPasswordChangeRequired, domain.ErrSecondFactorRequired, domain.ErrRateLimited, domain.ErrOverloaded)
	OpContinueLogin = operation("continue_login", domain.ErrInvalidCredentials, domain.ErrInvalidCode, domain.ErrInvalidParameter.WithField("method"), domain.ErrEmailNotVerified,
		domain.ErrAccountDisabled, domain.ErrPasswordChangeRequired, domain.ErrSecondFactorRequired, domain.ErrRateLimited)
	OpReplacePassword = operation("replace_password", withNewPassword("new_password", domain.ErrSamePassword, domain.ErrInvalidCredentials,
		domain.ErrSecondFactorRequired, domain.ErrEmailNotVerified, domain.ErrAccountDisabled, domain.ErrRateLimited, domain.ErrOverloaded)...)
	OpRefresh          = operation("refresh", domain.ErrInvalidRefreshToken, domain.ErrTokenExpired, domain.ErrSessionEnded, domain.ErrRefreshTokenReused, domain.ErrRateLimited)
	OpAuthenticate     = operation("authenticate", domain.ErrUnauthenticated, domain.ErrTokenExpired, domain.ErrSessionEnded)
	OpLogout           = operation("logout", domain.ErrUnauthenticated)
	OpLogoutEverywhere = operation("logout_everywhere", domain.ErrUnauthenticated, domain.ErrSessionEnded)
	OpListSessions     = operation("list_sessions", domain.ErrUnauthenticated)
	OpRevokeSession    = operation("revoke_session", domain.ErrSessionNotFound, domain.ErrUnauthenticated)
)

// Operations of administration.
var (
	OpListUsers = permitted(domain.PermissionReadUsers, operation("list_users",
		domain.ErrInvalidCursor, domain.ErrInvalidParameter, domain.ErrInvalidRole, domain.ErrInvalidStatus, domain.ErrTooBroad))
	OpGetUser    = permitted(domain.PermissionReadUsers, operation("get_user", domain.ErrUserNotFound))
	OpCreateUser = permitted(domain.PermissionManageUsers, operation("create_user", withNewPassword("password",
		domain.ErrInvalidEmail, domain.ErrInvalidRole, domain.ErrInvalidParameter, domain.ErrEmailTaken, domain.ErrInvalidMetadata.WithField(""), domain.ErrRateLimited, domain.ErrOverloaded)...))
	OpChangeUser = permitted(domain.PermissionManageUsers, operation("change_user",
		domain.ErrUserNotFound, domain.ErrInvalidParameter, domain.ErrInvalidRole, domain.ErrInvalidStatus, domain.ErrInvalidEmail, domain.ErrEmailTaken,
		domain.ErrLastAdmin, domain.ErrInvalidMetadata.WithField(""), domain.ErrVersionConflict, domain.ErrRateLimited))
	OpDeleteUser       = permitted(domain.PermissionManageUsers, operation("delete_user", domain.ErrUserNotFound, domain.ErrLastAdmin, domain.ErrUndoOpen, domain.ErrRateLimited))
	OpListUserSessions = permitted(domain.PermissionReadUsers, operation("list_user_sessions", domain.ErrUserNotFound))
	OpEndUserSessions  = permitted(domain.PermissionHelpUsers, operation("end_user_sessions", domain.ErrUserNotFound, domain.ErrRateLimited))
	OpEndUserSession   = permitted(domain.PermissionHelpUsers, operation("end_user_session", domain.ErrUserNotFound, domain.ErrSessionNotFound, domain.ErrRateLimited))
	OpSendUserMail     = permitted(domain.PermissionHelpUsers, operation("send_user_mail",
		domain.ErrUserNotFound, domain.ErrInvalidParameter.WithField("mail"), domain.ErrMailNotDue, domain.ErrRateLimited))
	OpListUserFactors   = permitted(domain.PermissionReadUsers, operation("list_user_factors", domain.ErrUserNotFound))
	OpRemoveUserFactors = permitted(domain.PermissionManageUsers, operation("remove_user_factors", domain.ErrUserNotFound, domain.ErrFactorNotFound, domain.ErrRateLimited))
	OpListLimits        = permitted(domain.PermissionReadUsers, operation("list_limits", domain.ErrUserNotFound, domain.ErrInvalidParameter, domain.ErrInvalidEmail))
	OpLiftLimits        = permitted(domain.PermissionHelpUsers, operation("lift_limits",
		domain.ErrUserNotFound, domain.ErrInvalidParameter, domain.ErrInvalidEmail, domain.ErrRateLimited))
	OpListAudit = permitted(domain.PermissionReadAudit, operation("list_audit", domain.ErrInvalidCursor, domain.ErrInvalidParameter, domain.ErrTooBroad))
	OpFeedAudit = permitted(domain.PermissionReadAudit, operation("feed_audit", domain.ErrInvalidParameter))
)

// Operations of the operator, and background work.
var (
	OpImportUsers = unserved(permitted(domain.PermissionTransferUsers, operation("import_users")))
	OpExportUsers = unserved(permitted(domain.PermissionTransferUsers, operation("export_users")))
	OpDeliverMail = unserved(operation("deliver_mail", domain.ErrInvalidParameter, domain.ErrConflict))
	OpCleanUp     = unserved(operation("clean_up"))
)

// visit puts observers around every use case.
func (u *UseCases) visit(by func(Operation) Observer) {
	u.Register = observe(by, OpRegister, u.Register)
	u.VerifyEmail = observe(by, OpVerifyEmail, u.VerifyEmail)
	u.RequestVerification = observe(by, OpRequestVerification, u.RequestVerification)
	u.ChangeEmail = observe(by, OpChangeEmail, u.ChangeEmail)
	u.UndoEmailChange = observe(by, OpUndoEmailChange, u.UndoEmailChange)
	u.CurrentUser = observe(by, OpCurrentUser, u.CurrentUser)
	u.ChangeProfile = observe(by, OpChangeProfile, u.ChangeProfile)
	u.DeleteAccount = observe(by, OpDeleteAccount, u.DeleteAccount)
	u.ListActivity = observe(by, OpListActivity, u.ListActivity)
	u.ExportAccount = observe(by, OpExportAccount, u.ExportAccount)

	u.RequestPasswordReset = observe(by, OpRequestPasswordReset, u.RequestPasswordReset)
	u.CheckPasswordReset = observe(by, OpCheckPasswordReset, u.CheckPasswordReset)
	u.ConfirmPasswordReset = observe(by, OpConfirmPasswordReset, u.ConfirmPasswordReset)
	u.ChangePassword = observe(by, OpChangePassword, u.ChangePassword)

	u.ListFactors = observe(by, OpListFactors, u.ListFactors)
	u.AddTOTP = observe(by, OpAddTOTP, u.AddTOTP)
	u.ConfirmTOTP = observe(by, OpConfirmTOTP, u.ConfirmTOTP)
	u.RemoveFactor = observe(by, OpRemoveFactor, u.RemoveFactor)
	u.RenewRecoveryCodes = observe(by, OpRenewRecoveryCodes, u.RenewRecoveryCodes)

	u.Login = observe(by, OpLogin, u.Login)
	u.ContinueLogin = observe(by, OpContinueLogin, u.ContinueLogin)
	u.ReplacePassword = observe(by, OpReplacePassword, u.ReplacePassword)
	u.Refresh = observe(by, OpRefresh, u.Refresh)
	u.Authenticate = observe(by, OpAuthenticate, u.Authenticate)
	u.Logout = observe(by, OpLogout, u.Logout)
	u.LogoutEverywhere = observe(by, OpLogoutEverywhere, u.LogoutEverywhere)
	u.ListSessions = observe(by, OpListSessions, u.ListSessions)
	u.RevokeSession = observe(by, OpRevokeSession, u.RevokeSession)

	u.ListUsers = observe(by, OpListUsers, u.ListUsers)
	u.GetUser = observe(by, OpGetUser, u.GetUser)
	u.CreateUser = observe(by, OpCreateUser, u.CreateUser)
	u.ChangeUser = observe(by, OpChangeUser, u.ChangeUser)
	u.DeleteUser = observe(by, OpDeleteUser, u.DeleteUser)
	u.ListUserSessions = observe(by, OpListUserSessions, u.ListUserSessions)
	u.EndUserSessions = observe(by, OpEndUserSessions, u.EndUserSessions)
	u.EndUserSession = observe(by, OpEndUserSession, u.EndUserSession)
	u.SendUserMail = observe(by, OpSendUserMail, u.SendUserMail)
	u.ListUserFactors = observe(by, OpListUserFactors, u.ListUserFactors)
	u.RemoveUserFactors = observe(by, OpRemoveUserFactors, u.RemoveUserFactors)
	u.ListLimits = observe(by, OpListLimits, u.ListLimits)
	u.LiftLimits = observe(by, OpLiftLimits, u.LiftLimits)
	u.ListAudit = observe(by, OpListAudit, u.ListAudit)
	u.FeedAudit = observe(by, OpFeedAudit, u.FeedAudit)

	u.ImportUsers = observe(by, OpImportUsers, u.ImportUsers)
	u.ExportUsers = observe(by, OpExportUsers, u.ExportUsers)
	u.DeliverMail = observe(by, OpDeliverMail, u.DeliverMail)
	u.CleanUp = observe(by, OpCleanUp, u.CleanUp)
}

// operation returns a served operation.
func operation(name string, refusals ...*domain.Error) Operation {
	return Operation{Name: name, Refusals: refusals}
}

// permitted returns op with a permission that it needs.
func permitted(needed domain.Permission, op Operation) Operation {
	op.Permission = needed
	op.Refusals = append(op.Refusals, domain.ErrUnauthenticated, domain.ErrForbidden)
	return op
}

// unserved returns op as an operation that no request reaches.
func unserved(op Operation) Operation {
	op.Unserved = true
	return op
}

// withProofAgain returns the refusals of a change that takes the password again, and a code if
// the account has a second factor, and others.
func withProofAgain(others ...*domain.Error) []*domain.Error {
	return slices.Concat(others, []*domain.Error{
		domain.ErrWrongPassword.WithField("password"), domain.ErrCodeRequired, domain.ErrWrongCode, domain.ErrRateLimited, domain.ErrOverloaded,
		domain.ErrUnauthenticated, domain.ErrSessionEnded,
	})
}

// withNewPassword returns the refusals of a new password that arrives in field
// (by domain.PasswordPolicy and PasswordScreen), and others.
func withNewPassword(field string, others ...*domain.Error) []*domain.Error {
	list := []*domain.Error{
		domain.ErrPasswordTooShort.WithField(field), domain.ErrPasswordTooLong.WithField(field),
		domain.ErrPasswordUnreadable.WithField(field), domain.ErrPasswordCommon.WithField(field),
		domain.ErrPasswordFromContext.WithField(field),
	}
	return slices.Concat(list, others)
}
