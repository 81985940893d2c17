package domain

import (
	"errors"
	"time"
)

// Kind is the sort of a refusal. A transport maps each kind to a status of its own.
type Kind int

// The kinds of refusal.
const (
	// KindInvalid is input that breaks a rule. Field names the input.
	KindInvalid Kind = iota + 1
	// KindUnauthenticated is a missing, wrong or ended proof of identity.
	KindUnauthenticated
	// KindForbidden is an operation that the caller's rights do not cover.
	KindForbidden
	// KindNotFound is something that does not exist for this caller.
	KindNotFound
	// KindConflict is a change that contradicts the stored state.
	KindConflict
	// KindExpired is a one-time token or cursor that is not usable: never
	// issued, used, replaced by a change, or past its time.
	KindExpired
	// KindUnavailable is a lack of a resource. The caller may try again after
	// RetryAfter.
	KindUnavailable
	// KindThrottled is a request beyond a rate limit. The caller may try again
	// after RetryAfter.
	KindThrottled
	// KindProtocol is a request that breaks a rule of its transport and so
	// reaches no use case.
	KindProtocol
	// KindInternal is an unexpected error, as callers see it.
	KindInternal
)

// Error is a refusal by a rule of the service. Any other error is unexpected:
// its text must not reach a client, which gets ErrInternal instead.
type Error struct {
	// Kind is the sort of refusal.
	Kind Kind
	// Code is the stable, machine-readable name, such as "email_taken".
	Code string
	// Detail is one sentence for people. It never repeats a secret.
	Detail string
	// Field is the plain name of the refused input, such as "new_password". It
	// is empty if no single input is at fault. Transports have their own ways to
	// point at an input.
	Field string
	// RetryAfter is how long to wait before the next attempt. It is zero if
	// waiting does not help.
	RetryAfter time.Duration
	// Exceeded is the rate limit that refused. It is nil for other refusals.
	Exceeded *Exceeded
	// Bounds are the numbers that Detail names.
	Bounds Bounds
}

// Error returns the code and the detail.
func (e *Error) Error() string { return e.Code + ": " + e.Detail }

// Is reports whether target is an *Error of the same code. Therefore
// errors.Is(err, ErrEmailTaken) holds for every detail and field.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// WithDetail returns a copy with another detail.
func (e *Error) WithDetail(detail string) *Error {
	c := *e
	c.Detail = detail
	return &c
}

// WithField returns a copy for the input named field.
func (e *Error) WithField(field string) *Error {
	c := *e
	c.Field = field
	return &c
}

// WithRetryAfter returns a copy that asks the caller to wait for d.
func (e *Error) WithRetryAfter(d time.Duration) *Error {
	c := *e
	c.RetryAfter = d
	return &c
}

// WithExceeded returns a copy that names the rate limit that refused.
func (e *Error) WithExceeded(x Exceeded) *Error {
	c := *e
	c.Exceeded = &x
	return &c
}

// AtField returns a copy of a domain error for the input named field. It returns
// every other error unchanged. Interactors use it where one rule serves several
// inputs.
func AtField(err error, field string) error {
	var e *Error
	if errors.As(err, &e) {
		return e.WithField(field)
	}
	return err
}

func newError(kind Kind, code, detail string) *Error {
	return &Error{Kind: kind, Code: code, Detail: detail}
}

// These sentinels and those of errors_protocol.go are the complete list of error
// codes. A released code never changes its meaning.
var (
	// ErrInvalidEmail is an address that the service does not accept.
	ErrInvalidEmail = newError(KindInvalid, "invalid_email", "The e-mail address is not valid.").WithField("email")
	// ErrPasswordTooShort is a password below the policy's minimum.
	ErrPasswordTooShort = newError(KindInvalid, "password_too_short", "The password is too short.").WithField("password")
	// ErrPasswordTooLong is a password above the policy's maximum.
	ErrPasswordTooLong = newError(KindInvalid, "password_too_long", "The password is too long.").WithField("password")
	// ErrPasswordUnreadable is a password that holds NUL or is not valid UTF-8.
	ErrPasswordUnreadable = newError(KindInvalid, "password_unreadable", "The password must be valid UTF-8 text without NUL characters.").WithField("password")
	// ErrPasswordCommon is a password that attackers try first.
	ErrPasswordCommon = newError(KindInvalid, "password_common", "This password is among the most commonly used ones. Choose another.").WithField("password")
	// ErrPasswordFromContext is a password built from the account's own e-mail
	// address or the name of the service.
	ErrPasswordFromContext = newError(KindInvalid, "password_from_context", "The password must not be built from your e-mail address or the name of this service.").WithField("password")
	// ErrSamePassword is a new password equal to the one that it was to replace.
	ErrSamePassword = newError(KindInvalid, "same_password", "The new password is the same as the current one. Choose another.").WithField("new_password")
	// ErrWrongPassword is a wrong current password given inside a session.
	ErrWrongPassword = newError(KindInvalid, "wrong_password", "The current password is not right.").WithField("current_password")
	// ErrProofRequired is a confirmation of an address that the caller wants refused
	// unless it is proven.
	ErrProofRequired = newError(KindInvalid, "proof_required", "Give the password that was chosen for this account, or say that you do not know it.").WithField("password")
	// ErrWrongCode is a one-time code or recovery code that is not right, or was used before,
	// inside a session.
	ErrWrongCode = newError(KindInvalid, "wrong_code", "This code is not right, or was used before. Check it, or give the next one.").WithField("code")
	// ErrCodeRequired is a change that takes a code as well, because the account has a second factor.
	ErrCodeRequired = newError(KindInvalid, "code_required", "This account has a second factor. Give one of its codes, or a recovery code, as well.").WithField("code")
	// ErrInvalidRole is a role that does not exist.
	ErrInvalidRole = newError(KindInvalid, "invalid_role", "The role must be \"user\", \"support\" or \"admin\".").WithField("role")
	// ErrInvalidStatus is a status that does not exist.
	ErrInvalidStatus = newError(KindInvalid, "invalid_status", "The status must be \"active\" or \"disabled\".").WithField("status")
	// ErrInvalidParameter is any other parameter that breaks its rule.
	ErrInvalidParameter = newError(KindInvalid, "invalid_parameter", "A parameter is not valid.")

	// ErrInvalidMetadata is a profile or an app object that breaks its rules.
	ErrInvalidMetadata = newError(KindInvalid, "invalid_metadata", "This must be a JSON object of at most 8 KiB.").WithField("profile")

	// ErrTooBroad is a list whose filters and order no index serves together, with too many
	// rows between those that it asks for.
	ErrTooBroad = newError(KindInvalid, "too_broad", "These filters in this order would read too many rows. Give a shorter time range, a longer beginning of the address, or fewer filters, or sort by creation time.")

	// ErrInvalidCursor is a page cursor that the service did not issue for this
	// query.
	ErrInvalidCursor = newError(KindExpired, "invalid_cursor", "The cursor does not belong to this query. Start again without a cursor.")
	// ErrInvalidToken is a one-time token that cannot be redeemed. All causes
	// share the code, so that it reveals nothing about the account.
	ErrInvalidToken = newError(KindExpired, "invalid_or_expired_token", "The link is not valid any more. Request a new one.")

	// ErrInvalidCredentials is a refused login. An unknown address, a wrong
	// password and an account without a password share the code.
	ErrInvalidCredentials = newError(KindUnauthenticated, "invalid_credentials", "The e-mail address or the password is not right.")
	// ErrInvalidCode is a code that is not right, or was used before, in a sign-in.
	ErrInvalidCode = newError(KindUnauthenticated, "invalid_code", "This code is not right, or was used before. Check it, give the next one, or use a recovery code.").WithField("code")
	// ErrUnauthenticated is a protected request without a usable access token.
	ErrUnauthenticated = newError(KindUnauthenticated, "unauthenticated", "This request needs a valid access token.")
	// ErrInsufficientAuthentication is a session whose sign-in is too old, or had too few factors,
	// for what is asked of it (RFC 9470).
	ErrInsufficientAuthentication = newError(KindUnauthenticated, "insufficient_user_authentication", "This needs a more recent sign-in, or one with a second factor. Sign in again.")
	// ErrTokenExpired is a genuine token whose time is over.
	ErrTokenExpired = newError(KindUnauthenticated, "token_expired", "The token has expired.")
	// ErrSessionEnded is a genuine token whose session is over.
	ErrSessionEnded = newError(KindUnauthenticated, "session_ended", "The session has ended. Sign in again.")
	// ErrInvalidRefreshToken is a refresh token that the service does not accept.
	ErrInvalidRefreshToken = newError(KindUnauthenticated, "invalid_refresh_token", "The refresh token is not valid. Sign in again.")
	// ErrRefreshTokenReused is a refresh token that was used before. Its session
	// has been revoked (RFC 9700 section 4.14.2).
	ErrRefreshTokenReused = newError(KindUnauthenticated, "refresh_token_reused", "This refresh token was used before. The session has been ended for safety; sign in again.")

	// ErrEmailNotVerified is a right password for an unconfirmed address.
	ErrEmailNotVerified = newError(KindForbidden, "email_not_verified", "Confirm your e-mail address first: follow the link in the mail, or request another.")
	// ErrAccountDisabled is a right password for a disabled account.
	ErrAccountDisabled = newError(KindForbidden, "account_disabled", "This account is disabled.")
	// ErrPasswordChangeRequired is a right password that must be replaced before the session
	// opens.
	ErrPasswordChangeRequired = newError(KindForbidden, "password_change_required", "Choose a new password to sign in.")
	// ErrSecondFactorRequired is a sign-in whose password was right, and that needs a second factor.
	ErrSecondFactorRequired = newError(KindForbidden, "second_factor_required", "This sign-in needs a second factor.")
	// ErrFactorsUnavailable is an attempt to set up a factor where the operator set no key to keep it.
	ErrFactorsUnavailable = newError(KindForbidden, "factors_unavailable", "This service keeps no second factors, because its operator has not set DATA_ENCRYPTION_KEYS.")
	// ErrConfirmationRequired is a change of address that is confirmed without a proof
	// of the account that asked for it. The token stays usable.
	ErrConfirmationRequired = newError(KindForbidden, "confirmation_required", "Only the account that asked for this change can confirm it: give its password, or its access token.")
	// ErrForbidden is a caller whose role does not allow the operation.
	ErrForbidden = newError(KindForbidden, "forbidden", "Your role does not allow this.")

	// ErrUserNotFound is an unknown user.
	ErrUserNotFound = newError(KindNotFound, "user_not_found", "There is no such user.")
	// ErrSessionNotFound is an unknown or ended session, or one of another user.
	ErrSessionNotFound = newError(KindNotFound, "session_not_found", "There is no such session.")
	// ErrFactorNotFound is a second factor that does not exist, or whose time to confirm it is over.
	ErrFactorNotFound = newError(KindNotFound, "factor_not_found", "There is no such second factor, or it was not confirmed in time.")
	// ErrTokenNotFound is an unknown one-time token. Only repositories return it;
	// interactors return ErrInvalidToken instead.
	ErrTokenNotFound = newError(KindNotFound, "token_not_found", "There is no such token.")

	// ErrNoSecondFactor is a request for recovery codes of an account without a second factor.
	ErrNoSecondFactor = newError(KindConflict, "no_second_factor", "This account has no second factor. Recovery codes come with the first one.")
	// ErrTooManyFactors is a further factor of an account that has as many as it may have.
	ErrTooManyFactors = newError(KindConflict, "too_many_factors", "This account has 10 second factors, and may not have more. Remove one first.")
	// ErrEmailTaken is an address that belongs to another account.
	ErrEmailTaken = newError(KindConflict, "email_taken", "An account with this e-mail address exists.").WithField("email")
	// ErrLastAdmin protects the last active administrator.
	ErrLastAdmin = newError(KindConflict, "last_admin", "The last active administrator cannot be demoted, disabled, deleted or moved to an unconfirmed address.")
	// ErrMailNotDue is a mail that the account is in no state for.
	ErrMailNotDue = newError(KindConflict, "mail_not_due", "This mail does not fit the account.")
	// ErrUndoOpen protects an account while a change of its address can be undone.
	ErrUndoOpen = newError(KindConflict, "undo_open", "The address of this account changed in the last 72 hours, and the owner of the former address can still undo that. Delete the account after that time.").WithBounds(Bounds{UndoPeriod: MailUndoEmail.TokenLife()})
	// ErrVersionConflict is a change of metadata that was made for another version than the
	// present one.
	ErrVersionConflict = newError(KindConflict, "version_conflict", "The profile or app of this user has changed since that version. Read it again, then repeat the change.").WithField("version")
	// ErrConflict is a save of a stale version, because another caller saved a
	// newer one first.
	ErrConflict = newError(KindConflict, "conflict", "Another request changed this at the same moment. Try again.")

	// ErrUnavailable is a dependency that does not respond.
	ErrUnavailable = newError(KindUnavailable, "unavailable", "The service is temporarily unavailable. Try again shortly.").WithRetryAfter(time.Second)
	// ErrOverloaded is a request that is refused because too many are waiting.
	ErrOverloaded = newError(KindUnavailable, "overloaded", "The service is busy. Try again shortly.").WithRetryAfter(time.Second)

	// ErrRateLimited is a request beyond a rate limit.
	ErrRateLimited = newError(KindThrottled, "rate_limited", "Too many requests. Wait a while and try again.").WithRetryAfter(time.Second)
)
