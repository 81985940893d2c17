package httpapi

import "github.com/seed543b3b27/auth-service/domain"

// catalogued is a refusal with advice for front ends.
type catalogued struct {
	err *domain.Error
	// advice says what a front end does.
	advice string
	// members are the members of the problem with the numbers that details of this code
	// may name.
	members []string
}

// catalogueGroup is a section of docs/errors.md.
type catalogueGroup struct {
	title    string
	refusals []catalogued
}

const showAtField = "Show it beside the input that `errors[].pointer` names."

// catalogue holds every refusal of the domain. The document and docs/errors.md are made
// from it.
var catalogue = []catalogueGroup{
	{"Input", []catalogued{
		{domain.ErrInvalidEmail, showAtField, []string{"max_length", "max_local_length", "max_label_length"}},
		{domain.ErrPasswordTooShort, showAtField, []string{"min_length"}},
		{domain.ErrPasswordTooLong, showAtField, []string{"max_length"}},
		{domain.ErrPasswordUnreadable, showAtField, nil},
		{domain.ErrPasswordCommon, "Ask for another password.", nil},
		{domain.ErrPasswordFromContext, "Ask for another password.", nil},
		{domain.ErrSamePassword, "Ask for another password.", nil},
		{domain.ErrWrongPassword, "Ask for the password again. The session is still good.", nil},
		{domain.ErrWrongCode, "Ask for the next code. The session is still good.", nil},
		{domain.ErrCodeRequired, "Ask for a code as well, and repeat the request with `code`.", nil},
		{domain.ErrProofRequired, "Ask for the password of the account, and offer `drop_password` to users who do not know it.", nil},
		{domain.ErrInvalidRole, "Fix the program: choose a role of the API document.", nil},
		{domain.ErrInvalidStatus, "Fix the program: choose a status of the API document.", nil},
		{domain.ErrInvalidParameter, showAtField, []string{"max_length", "minimum", "maximum"}},
		{domain.ErrValidationFailed, "Fix the program. `errors` names each input.", []string{"errors[].min_length", "errors[].max_length", "errors[].minimum", "errors[].maximum"}},
		{domain.ErrTooBroad, "Ask for a shorter time or fewer filters.", nil},
		{domain.ErrInvalidMetadata, showAtField, nil},
		{domain.ErrInvalidCursor, "Begin again with the first page.", nil},
	}},
	{"Signing in and sessions", []catalogued{
		{domain.ErrInvalidCredentials, "Show one message for address and password; offer a reset of the password.", nil},
		{domain.ErrSecondFactorRequired, "Ask for a code by one of `methods`, and send it with `challenge` to `POST /login/continue`.", []string{"challenge", "methods", "expires_in"}},
		{domain.ErrInvalidCode, "Ask for the next code, with the same `challenge`. Offer the recovery codes.", nil},
		{domain.ErrEmailNotVerified, "Offer to send the mail again (`POST /email/verify/request`).", nil},
		{domain.ErrPasswordChangeRequired, "Ask for a new password, and send it with `challenge` to `POST /login/password`.", []string{"challenge", "expires_in"}},
		{domain.ErrAccountDisabled, "Tell the user how to reach your support.", nil},
		{domain.ErrUnauthenticated, "Refresh once if there is a refresh token; else show the login.", nil},
		{domain.ErrInsufficientAuthentication, "Show the login, and repeat the request with the new session.", nil},
		{domain.ErrTokenExpired, "Refresh once and repeat the request. After a refresh, show the login.", nil},
		{domain.ErrSessionEnded, "Drop the tokens and show the login.", nil},
		{domain.ErrInvalidRefreshToken, "Drop the tokens and show the login.", nil},
		{domain.ErrRefreshTokenReused, "Drop the tokens and show the login. Another client may have a copy of the token.", nil},
		{domain.ErrInvalidToken, "Say that the link does not work any more, and offer to send a new mail.", nil},
		{domain.ErrConfirmationRequired, "Ask for the password of the account, or send its access token. The link stays good.", nil},
	}},
	{"Rights and state", []catalogued{
		{domain.ErrForbidden, "Hide the operation from users without the role.", nil},
		{domain.ErrUserNotFound, "Say that the user is gone; load the list again.", nil},
		{domain.ErrSessionNotFound, "Load the list of sessions again.", nil},
		{domain.ErrFactorNotFound, "Load the list of second factors again.", nil},
		{domain.ErrFactorsUnavailable, "Hide second factors.", nil},
		{domain.ErrTooManyFactors, "Offer to remove a factor.", nil},
		{domain.ErrNoSecondFactor, "Offer to add a second factor.", nil},
		{domain.ErrNotFound, "Fix the address.", nil},
		{domain.ErrTokenNotFound, "No operation returns this today. Treat it as any other 404.", nil},
		{domain.ErrEmailTaken, showAtField + " Offer the login.", []string{"undo_period"}},
		{domain.ErrLastAdmin, "Say that another administrator must be named first.", nil},
		{domain.ErrMailNotDue, "Load the user again: the account needs another mail, or none.", nil},
		{domain.ErrVersionConflict, "Load the user again, and repeat the change on the loaded version.", nil},
		{domain.ErrUndoOpen, "Say when it can be tried again.", []string{"undo_period"}},
		{domain.ErrConflict, "Load the object again, then repeat.", nil},
	}},
	{"Limits and outages", []catalogued{
		{domain.ErrRateLimited, "Wait for `retry_after` seconds; disable the button until then.", []string{"retry_after"}},
		{domain.ErrOverloaded, "Repeat after `retry_after` seconds, with a bound on the number of attempts.", []string{"retry_after"}},
		{domain.ErrUnavailable, "Repeat after `retry_after` seconds, with a bound on the number of attempts.", []string{"retry_after"}},
		{domain.ErrInternal, "Show `request_id`: operators find the cause by it.", nil},
	}},
	{"The form of requests", []catalogued{
		{domain.ErrMalformedRequest, "Fix the program or the proxy.", nil},
		{domain.ErrInvalidJSON, "Fix the program.", []string{"offset"}},
		{domain.ErrBodyMissing, "Fix the program.", nil},
		{domain.ErrUnsupportedMediaType, "Fix the program.", nil},
		{domain.ErrMethodNotAllowed, "Fix the program.", nil},
		{domain.ErrRequestTimeout, "Repeat once: the connection was slow.", nil},
		{domain.ErrBodyTooLarge, "Send less.", []string{"max_bytes"}},
		{domain.ErrURITooLong, "Send less.", []string{"max_bytes"}},
		{domain.ErrHeadersTooLarge, "Delete cookies of the site; send fewer headers.", []string{"max_bytes"}},
		{domain.ErrExpectationFailed, "Fix the program.", nil},
		{domain.ErrHTTPVersion, "Fix the program or the proxy.", nil},
	}},
}

// allCodes returns the code of each refusal that clients may get.
func allCodes() (codes []any) {
	for _, group := range catalogue {
		for _, r := range group.refusals {
			codes = append(codes, r.err.Code)
		}
	}
	return codes
}

// adviceOf returns the advice for a code. It is empty for a code without an entry.
func adviceOf(code string) string {
	for _, group := range catalogue {
		for _, r := range group.refusals {
			if r.err.Code == code {
				return r.advice
			}
		}
	}
	return ""
}
