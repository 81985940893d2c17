package ports

import "github.com/seed543b3b27/auth-service/domain"

// UserResult carries a user.
type UserResult struct {
	User *domain.User
	// Metadata is the user's metadata, if the use case shows or changes it; else nil.
	Metadata *domain.Metadata
}

// Confirmation is the proof that a signed-in user gives again before a change that
// a stolen token must not make. A recent sign-in does not replace it.
type Confirmation struct {
	// Password is the account's present password.
	Password domain.Secret
	// Code is a one-time code or a recovery code, for an account with a second factor. A change
	// of the password alone takes none.
	Code domain.Secret
}

// RegisterCommand asks for an account.
type RegisterCommand struct {
	Email    string
	Password domain.Secret
	// Profile is the user's first profile, a JSON object. It may be empty.
	Profile string
	Origin  Origin
}

// RegisterResult is the result of a registration.
type RegisterResult struct {
	// User is the new account if verification is optional. It is nil if verification
	// is required, because the result must not reveal whether the address was taken.
	User *domain.User
	// Metadata is the new account's, if User is not nil.
	Metadata *domain.Metadata
	// BrowserSecret is for the browser that registered, in VerifyEmailCommand. Every
	// registration that is not refused has one. It proves only that this browser chose
	// the password that stands, and nothing if the address was taken.
	BrowserSecret domain.Secret
}

// VerifyEmailCommand confirms an address (the first one, or a changed one) by
// the secret from its mail.
type VerifyEmailCommand struct {
	// TokenSecret is the secret of the one-time token.
	TokenSecret domain.Secret
	// Principal is the caller, if it is signed in to any account. Its user's address may
	// be unconfirmed.
	Principal domain.Principal
	// Confirmation is the password of the account, if the caller gave one, else nil. A
	// changed address needs it, or a session of the account as Principal.
	Confirmation *Confirmation
	// BrowserSecret is the one that a registration gave to the caller's browser, or
	// empty.
	BrowserSecret domain.Secret
	// DropPassword says that the caller does not know the password. It excludes
	// Confirmation, and is not for a changed address.
	DropPassword bool
	// RequireProof refuses the confirmation if a password stands and nothing proves
	// that the caller chose it.
	RequireProof bool
	Origin       Origin
}

// UndoEmailChangeCommand moves an account back to a former address by the secret from
// the mail to it.
type UndoEmailChangeCommand struct {
	// TokenSecret is the secret of the one-time token.
	TokenSecret domain.Secret
	Origin      Origin
}

// RequestVerificationCommand asks for the verification mail again.
type RequestVerificationCommand struct {
	Email  string
	Origin Origin
}

// ChangeEmailCommand asks to move the caller's account to another address.
type ChangeEmailCommand struct {
	Principal    domain.Principal
	NewEmail     string
	Confirmation Confirmation
	Origin       Origin
}

// CurrentUserCommand asks for the caller's own user.
type CurrentUserCommand struct {
	Principal domain.Principal
	// Metadata is the metadata that the check of the request read with the user. If it is
	// nil, the use case reads it.
	Metadata *domain.Metadata
}

// ChangeProfileCommand changes the caller's own profile.
type ChangeProfileCommand struct {
	Principal domain.Principal
	// Profile is a JSON Merge Patch (RFC 7396), as domain.MetadataPatch describes it.
	Profile string
	// Version is the version of the metadata that the patch was made for; nil for the newest.
	Version *int64
	Origin  Origin
}

// DeleteAccountCommand deletes the caller's own account.
type DeleteAccountCommand struct {
	Principal    domain.Principal
	Confirmation Confirmation
	Origin       Origin
}

// RequestPasswordResetCommand asks for a reset mail.
type RequestPasswordResetCommand struct {
	Email  string
	Origin Origin
}

// CheckPasswordResetCommand asks whose password the secret from a reset or invitation
// mail sets. It changes nothing.
type CheckPasswordResetCommand struct {
	// TokenSecret is the secret of the one-time token.
	TokenSecret domain.Secret
	Origin      Origin
}

// CheckPasswordResetResult names the account and the kind of the mail:
// domain.MailResetPassword or domain.MailInvitation.
type CheckPasswordResetResult struct {
	Email   domain.Email
	Purpose domain.MailKind
}

// ConfirmPasswordResetCommand sets a password by the secret from a reset or
// invitation mail.
type ConfirmPasswordResetCommand struct {
	// TokenSecret is the secret of the one-time token.
	TokenSecret domain.Secret
	NewPassword domain.Secret
	Origin      Origin
}

// ChangePasswordCommand replaces the caller's password. It ends the caller's session,
// and its result is as of a login.
type ChangePasswordCommand struct {
	Principal    domain.Principal
	Confirmation Confirmation
	NewPassword  domain.Secret
	Origin       Origin
}
