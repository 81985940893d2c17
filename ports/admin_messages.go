package ports

import (
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// MaxUserIDs is how many users ListUsersCommand names at most.
const MaxUserIDs = 100

// MaxReasonLength is how long the reason of a disabled account may be, in code points.
const MaxReasonLength = 500

// ListUsersCommand asks for a page of users, or for the users of IDs. Filters are optional and carry the
// text as it arrived. An empty string means no filter.
type ListUsersCommand struct {
	Principal domain.Principal
	// Limit is the size of the page: 1 to 200, zero for 50.
	Limit int
	// Cursor is the NextCursor of the page before. It is valid only with the same
	// filters and order.
	Cursor string
	// IDs are identifiers of users, at most MaxUserIDs. The result has those that exist, in
	// this order. IDs exclude every other member but Principal.
	IDs []string
	// EmailPrefix is matched literally against canonical addresses.
	EmailPrefix string
	// EmailDomain is what follows the @ of the address.
	EmailDomain string
	// EmailPart is a part of the address, taken literally, at least 3 characters.
	EmailPart string
	Role      string
	Status    string
	// Verified is "true" or "false".
	Verified string
	// CreatedAfter (inclusive) and CreatedBefore (exclusive) are RFC 3339 times.
	CreatedAfter  string
	CreatedBefore string
	// Sort is created_at, -created_at (the default), email or -email.
	Sort string
}

// UsersResult is a page of users.
type UsersResult struct {
	Users []*domain.User
	// NextCursor is empty on the last page.
	NextCursor string
}

// GetUserCommand asks for one user.
type GetUserCommand struct {
	Principal domain.Principal
	UserID    string
}

// CreateUserCommand makes an account for another person.
type CreateUserCommand struct {
	Principal domain.Principal
	Email     string
	// Role may be empty for user.
	Role string
	// Password may be empty. A mail then invites the user to choose one.
	Password domain.Secret
	// Verified confirms the address without a mail. It needs a password.
	Verified bool
	// Profile and App are the user's first metadata, JSON objects. They may be empty.
	Profile string
	App     string
	Origin  Origin
}

// ChangeUserCommand changes a user's role, status, address, metadata or the state of its
// password. A nil field leaves the value as it is.
type ChangeUserCommand struct {
	Principal domain.Principal
	UserID    string
	Role      *string
	Status    *string
	Email     *string
	// Reason is why the account is disabled, for staff only: at most MaxReasonLength code
	// points. It goes with the status disabled.
	Reason string
	// PasswordChangeRequired makes the next sign-in by password replace it, and ends all
	// sessions; false takes that back.
	PasswordChangeRequired *bool
	// EmailVerified confirms the new address, or the present one without Email, without a
	// mail.
	EmailVerified bool
	// Recover gives an account back to its owner, together with Email: the password
	// goes, the address that the account leaves cannot undo the change, and the new one
	// gets a mail to choose a password. Only the operator may.
	Recover bool
	// Metadata changes profile and app.
	Metadata domain.MetadataPatch
	Origin   Origin
}

// DeleteUserCommand deletes a user with sessions and tokens.
type DeleteUserCommand struct {
	Principal domain.Principal
	UserID    string
	Origin    Origin
}

// ListUserSessionsCommand asks for a user's live sessions.
type ListUserSessionsCommand struct {
	Principal domain.Principal
	UserID    string
	Origin    Origin
}

// EndUserSessionsCommand ends all sessions of a user.
type EndUserSessionsCommand struct {
	Principal domain.Principal
	UserID    string
	Origin    Origin
}

// EndUserSessionCommand ends one session of a user.
type EndUserSessionCommand struct {
	Principal domain.Principal
	UserID    string
	SessionID string
	Origin    Origin
}

// SendUserMailCommand sends a user a mail with a new link.
type SendUserMailCommand struct {
	Principal domain.Principal
	UserID    string
	// Mail is the domain.MailKind: verify_email, invitation or reset_password.
	Mail   string
	Origin Origin
}

// LimitsOf names what limits count: exactly one of UserID and Email, or neither, and a
// Network. With both, the limits of the account in that network are included.
type LimitsOf struct {
	// UserID is the identifier of a user. Its limits include those of its address.
	UserID string
	// Email is an address, with an account or not.
	Email string
	// Network is an IP address in the network.
	Network string
}

// ListLimitsCommand asks for the limits that hold.
type ListLimitsCommand struct {
	Principal domain.Principal
	Of        LimitsOf
}

// LiftLimitsCommand ends the limits that hold.
type LiftLimitsCommand struct {
	Principal domain.Principal
	Of        LimitsOf
	Origin    Origin
}

// LimitsResult are limits with a use, as they were before LiftLimits lifted them.
type LimitsResult struct {
	Limits []LimitUse
	// ProcessOnly is true if the rate limits count in the memory of this process, and not in
	// a store that all processes share.
	ProcessOnly bool
}

// LimitUse is how much of a limit is used up.
type LimitUse struct {
	// Limit is the name: a Limit, "login_failures", or "code_failures".
	Limit string
	// Of is what counts together: "user", "address", "network", or "address_and_network".
	Of string
	// For is the kind of mail, for LimitMailRecipient; else empty.
	For domain.MailKind
	// Quota is the quota of the limit. Per is zero for a lock without an end.
	Quota domain.Quota
	// Remaining is how many events the limit admits now.
	Remaining int
	// RetryAfter is how long the limit refuses. It is zero if it admits an event.
	RetryAfter time.Duration
}
