package ports

import "github.com/seed543b3b27/auth-service/domain"

// ListUsersCommand asks for a page of users. Filters are optional and carry the
// text as it arrived. An empty string means no filter.
type ListUsersCommand struct {
	Principal domain.Principal
	// Limit is the size of the page: 1 to 200, zero for 50.
	Limit int
	// Cursor is the NextCursor of the page before. It is valid only with the same
	// filters and order.
	Cursor string
	// EmailPrefix is matched literally against canonical addresses.
	EmailPrefix string
	Role        string
	Status      string
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
	Origin   Origin
}

// ChangeUserCommand changes a user's role, status or address. A nil field leaves the
// value as it is.
type ChangeUserCommand struct {
	Principal domain.Principal
	UserID    string
	Role      *string
	Status    *string
	Email     *string
	// EmailVerified confirms the new address without a mail. Only the operator may.
	EmailVerified bool
	// Recover gives an account back to its owner, together with Email: the password
	// goes, the address that the account leaves cannot undo the change, and the new one
	// gets a mail to choose a password. Only the operator may.
	Recover bool
	Origin  Origin
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
