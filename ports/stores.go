package ports

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// Repositories are the stores as one sees them: outside of a unit of work each
// call stands alone, inside of one they share its transaction.
//
// Aggregates are loaded, changed by their verbs and saved once. A save is
// conditional on the version that was loaded and stores the next one; after it
// the aggregate in hand is spent, load it again to change it again.
//
// Every method returns domain.ErrUnavailable when the store cannot be reached,
// is read-only or does not answer in time.
type Repositories struct {
	Users    UserRepository
	Sessions SessionRepository
	Tokens   TokenRepository
	Audit    AuditLog
	Jobs     Jobs
	Transfer UserTransfer
}

// UnitOfWork groups writes that must happen together.
type UnitOfWork interface {
	// Do runs fn in one transaction: it commits if fn returns nil and rolls
	// back if fn returns an error or panics. fn uses only the repositories and
	// the context it is given, and has no other side effects, since Do runs
	// it again after domain.ErrConflict, a serialization failure or a deadlock
	// (a bounded number of times, with jitter). To refuse and still keep what
	// was written, return nil and carry the verdict out in a variable; but once
	// a write was refused by ErrEmailTaken or ErrUserNotFound, fn returns that
	// error, since some databases can't go on in the same transaction.
	// Errors: fn's error; domain.ErrUnavailable when the conflicts do not end.
	Do(ctx context.Context, fn func(ctx context.Context, r Repositories) error) error
	// DoSerializable is Do for rules that span rows: what fn reads stays true
	// until it commits. Errors: as Do.
	DoSerializable(ctx context.Context, fn func(ctx context.Context, r Repositories) error) error
}

// UserRepository stores users.
type UserRepository interface {
	// ByID loads a user. Errors: domain.ErrUserNotFound.
	ByID(ctx context.Context, id domain.UserID) (*domain.User, error)
	// ByEmail loads the user of an address, compared byte by byte. Errors:
	// domain.ErrUserNotFound.
	ByEmail(ctx context.Context, email domain.Email) (*domain.User, error)
	// Add stores a new user. Errors: domain.ErrEmailTaken.
	Add(ctx context.Context, user *domain.User) error
	// Save stores a changed user. Errors: domain.ErrConflict if it was changed
	// or deleted since it was loaded, domain.ErrEmailTaken.
	Save(ctx context.Context, user *domain.User) error
	// Delete removes a user with its sessions and tokens. Errors:
	// domain.ErrConflict if it was changed or deleted since it was loaded.
	Delete(ctx context.Context, user *domain.User) error
	// List returns the users of a page, at most q.Limit. Errors: none.
	List(ctx context.Context, q UserQuery) ([]*domain.User, error)
	// HasOtherActiveAdmin tells whether an active administrator besides id
	// exists. Ask inside DoSerializable. Errors: none.
	HasOtherActiveAdmin(ctx context.Context, id domain.UserID) (bool, error)
}

// UserQuery selects a page of users. Zero values do not filter.
type UserQuery struct {
	Limit       int
	EmailPrefix string
	Role        domain.Role
	Status      domain.Status
	Verified    *bool
	// CreatedAfter and CreatedBefore are exclusive.
	CreatedAfter  time.Time
	CreatedBefore time.Time
	Order         UserOrder
	// After is the last user of the page before; nil for the first page.
	After *UserKey
}

// UserOrder is the order of a list of users; equal times are ordered by id.
type UserOrder string

// The orders.
const (
	NewestFirst UserOrder = "-created_at"
	OldestFirst UserOrder = "created_at"
	EmailUp     UserOrder = "email"
	EmailDown   UserOrder = "-email"
)

// UserKey is a user's place in every order.
type UserKey struct {
	ID        domain.UserID
	Email     string
	CreatedAt time.Time
}

// SessionRepository stores sessions.
type SessionRepository interface {
	// WithUser loads a session and its user in one query. Errors:
	// domain.ErrSessionNotFound.
	WithUser(ctx context.Context, id domain.SessionID) (*domain.Session, *domain.User, error)
	// LiveByUser loads the sessions that are active at now for a user whose
	// session epoch is epoch, the newest login first. Errors: none.
	LiveByUser(ctx context.Context, id domain.UserID, epoch int64, now time.Time) ([]*domain.Session, error)
	// ByUser loads every stored session of a user, ended ones too, the newest
	// login first. Errors: none.
	ByUser(ctx context.Context, id domain.UserID) ([]*domain.Session, error)
	// Add stores a new session. Errors: domain.ErrUserNotFound.
	Add(ctx context.Context, session *domain.Session) error
	// Save stores a changed session. Errors: domain.ErrConflict if it was
	// changed or deleted since it was loaded.
	Save(ctx context.Context, session *domain.Session) error
	// DeleteEnded removes at most limit sessions that were over before t:
	// expired, revoked, or of an older epoch than their user's and not used
	// since t. It returns how many. Errors: none.
	DeleteEnded(ctx context.Context, t time.Time, limit int) (int, error)
}

// TokenRepository stores one-time tokens.
type TokenRepository interface {
	// ByID loads a token. Errors: domain.ErrTokenNotFound.
	ByID(ctx context.Context, use domain.TokenUse, id domain.TokenID) (*domain.Token, error)
	// BySecretHash loads the token whose secret has the SHA-256 hash. Errors:
	// domain.ErrTokenNotFound.
	BySecretHash(ctx context.Context, use domain.TokenUse, hash [32]byte) (*domain.Token, error)
	// ByUser loads every stored token of a user for a use, the newest first.
	// Errors: none.
	ByUser(ctx context.Context, use domain.TokenUse, id domain.UserID) ([]*domain.Token, error)
	// Add stores a new token. Errors: domain.ErrUserNotFound.
	Add(ctx context.Context, token *domain.Token) error
	// Save stores a changed token. Errors: domain.ErrConflict if it was changed
	// or deleted since it was loaded.
	Save(ctx context.Context, token *domain.Token) error
	// DeleteByUser removes the tokens of a user for a use that are not used yet.
	// Used ones stay until DeleteEnded removes them, since the notice of an
	// address change looks up its token after it. Errors: none.
	DeleteByUser(ctx context.Context, use domain.TokenUse, id domain.UserID) error
	// DeleteEnded removes at most limit tokens that were used or expired before
	// t and returns how many. Errors: none.
	DeleteEnded(ctx context.Context, t time.Time, limit int) (int, error)
}

// Store is the database as one port: the repositories for calls that stand alone,
// and the unit of work for those that belong together.
type Store struct {
	Repositories
	UnitOfWork
}
