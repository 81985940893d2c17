package ports

import "context"

// UseCase is one thing that the service does. C is the command and R the
// result; commands carry input as it arrived, and the use case parses it, so
// that every caller gets the same checks.
type UseCase[C, R any] interface {
	// Execute does it. Errors: *domain.Error for a refusal; any other error
	// is internal.
	Execute(ctx context.Context, cmd C) (R, error)
}

// None is the result of a use case that answers nothing.
type None struct{}

// UseCases is everything the service does.
type UseCases struct {
	// Accounts.
	Register            UseCase[RegisterCommand, RegisterResult]
	VerifyEmail         UseCase[VerifyEmailCommand, UserResult]
	RequestVerification UseCase[RequestVerificationCommand, None]
	ChangeEmail         UseCase[ChangeEmailCommand, None]
	CurrentUser         UseCase[CurrentUserCommand, UserResult]
	DeleteAccount       UseCase[DeleteAccountCommand, None]
	ListActivity        UseCase[ListActivityCommand, EventsResult]
	ExportAccount       UseCase[ExportAccountCommand, ExportAccountResult]

	// Passwords.
	RequestPasswordReset UseCase[RequestPasswordResetCommand, None]
	ConfirmPasswordReset UseCase[ConfirmPasswordResetCommand, DeviceResult]
	ChangePassword       UseCase[ChangePasswordCommand, DeviceResult]

	// Sessions.
	Login            UseCase[LoginCommand, LoginResult]
	Refresh          UseCase[RefreshCommand, RefreshResult]
	Authenticate     UseCase[AuthenticateCommand, AuthenticateResult]
	Logout           UseCase[LogoutCommand, None]
	LogoutEverywhere UseCase[LogoutEverywhereCommand, LogoutEverywhereResult]
	ListSessions     UseCase[ListSessionsCommand, SessionsResult]
	RevokeSession    UseCase[RevokeSessionCommand, None]

	// Administration.
	ListUsers        UseCase[ListUsersCommand, UsersResult]
	GetUser          UseCase[GetUserCommand, UserResult]
	CreateUser       UseCase[CreateUserCommand, UserResult]
	ChangeUser       UseCase[ChangeUserCommand, UserResult]
	DeleteUser       UseCase[DeleteUserCommand, None]
	ListUserSessions UseCase[ListUserSessionsCommand, SessionsResult]
	EndUserSessions  UseCase[EndUserSessionsCommand, None]
	ListAudit        UseCase[ListAuditCommand, EventsResult]

	// Moving in and out.
	ImportUsers UseCase[ImportUsersCommand, ImportUsersResult]
	ExportUsers UseCase[ExportUsersCommand, ExportUsersResult]

	// Background work.
	DeliverMail UseCase[MailJob, None]
	CleanUp     UseCase[CleanUpCommand, CleanUpResult]
}
