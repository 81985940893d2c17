package ports

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// Repositories are the stores. Inside a unit of work, all calls share its
// transaction. Outside, each call stands alone.
//
// A caller loads an aggregate, changes it by its verbs and saves it once. A save
// succeeds only if the stored version is the one that was loaded, and stores the
// next version. To change the aggregate again, the caller loads it again.
//
// Every method returns domain.ErrUnavailable if the store cannot be reached, is
// read-only or does not respond in time.
type Repositories struct {
	Users    UserRepository
	Sessions SessionRepository
	Tokens   TokenRepository
	Audit    AuditLog
	Jobs     Jobs
	Transfer UserTransfer
	Failures FailureCounts
	Metadata MetadataRepository
	Factors  FactorRepository
	Recovery RecoveryCodes
}

// UnitOfWork groups writes that must happen together.
type UnitOfWork interface {
	// Do runs fn in one transaction. It commits if fn returns nil, and rolls back if
	// fn returns an error or panics. Do runs fn again after domain.ErrConflict, a
	// serialization failure or a deadlock (a bounded number of times, with jitter).
	// Therefore fn uses only the repositories and the context it is given, and has no
	// other side effects. To refuse and still keep its writes, fn returns nil and
	// carries the refusal out in a variable. After a write returned ErrEmailTaken or
	// ErrUserNotFound, fn must return that error, because some databases cannot go on
	// in the same transaction.
	// Errors: fn's error; domain.ErrUnavailable if the conflicts do not end.
	Do(ctx context.Context, fn func(ctx context.Context, r Repositories) error) error
	// DoSerializable runs fn as Do does, for rules that span rows: the rows that fn
	// reads do not change until it commits. Errors: as Do.
	DoSerializable(ctx context.Context, fn func(ctx context.Context, r Repositories) error) error
}

// UserRepository stores users.
type UserRepository interface {
	// ByID loads a user. Errors: domain.ErrUserNotFound.
	ByID(ctx context.Context, id domain.UserID) (*domain.User, error)
	// WithMetadata loads a user and its metadata in one query. Errors:
	// domain.ErrUserNotFound.
	WithMetadata(ctx context.Context, id domain.UserID) (*domain.User, *domain.Metadata, error)
	// ByIDs loads the users of ids that exist, in no order. Errors: none.
	ByIDs(ctx context.Context, ids []domain.UserID) ([]*domain.User, error)
	// ByEmail loads the user of an address, compared byte by byte. Errors:
	// domain.ErrUserNotFound.
	ByEmail(ctx context.Context, email domain.Email) (*domain.User, error)
	// Add stores a new user. Errors: domain.ErrEmailTaken.
	Add(ctx context.Context, user *domain.User) error
	// Save stores a changed user, and empties its profile if domain.User.DropsProfile
	// is true: a concurrent MetadataRepository.Save of the version before then conflicts. Call
	// it inside a unit of work if the change takes a password. Errors: domain.ErrConflict if it was changed
	// or deleted since it was loaded, domain.ErrEmailTaken.
	Save(ctx context.Context, user *domain.User) error
	// Delete removes a user with its sessions, tokens, metadata, second factors and recovery codes. Errors:
	// domain.ErrConflict if it was changed or deleted since it was loaded.
	Delete(ctx context.Context, user *domain.User) error
	// List returns the users of a page, at most q.Limit, or fewer as MaxCandidates says.
	// Errors: none.
	List(ctx context.Context, q UserQuery) (UserPage, error)
	// PendingRegistrations loads at most limit accounts that may be removed, the oldest
	// first: active, domain.User.RegistrationPending, created before t, without a stored
	// session, and without a one-time token that is live at now. Errors: none.
	PendingRegistrations(ctx context.Context, t, now time.Time, limit int) ([]*domain.User, error)
	// HasOtherAdmin reports whether a user besides id can sign in as an administrator
	// (domain.User.CanAdminister). Call it inside DoSerializable. Errors: none.
	HasOtherAdmin(ctx context.Context, id domain.UserID) (bool, error)
}

// UserQuery selects a page of users. Zero values do not filter.
type UserQuery struct {
	Limit       int
	EmailPrefix string
	// EmailDomain is what follows the @ of the address, in its canonical form.
	EmailDomain string
	// EmailPart is a part of the address, in lower case, at least three characters. Errors of a
	// list with it: ErrNoEmailParts.
	EmailPart string
	// Role is the role that users act with (domain.User.Role).
	Role     domain.Role
	Status   domain.Status
	Verified *bool
	// CreatedAfter is inclusive and CreatedBefore exclusive, so that neighbouring ranges
	// share no user and miss none.
	CreatedAfter  time.Time
	CreatedBefore time.Time
	Order         UserOrder
	// After is the last user of the page before, or the place where its search stopped. It
	// is nil for the first page.
	After *UserKey
}

// ErrNoEmailParts refuses a UserQuery with EmailPart where the database has no index of the
// parts of addresses, which PostgreSQL makes with the extension pg_trgm.
var ErrNoEmailParts = domain.ErrInvalidParameter.WithField("contains").WithDetail(
	"This database has no index of the parts of addresses, because PostgreSQL's extension pg_trgm was missing when the schema was made. " +
		"Search by q or domain, or ask the operator to make the index: docs/postgresql.md says how.")

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

// Superseded is how far back SessionRepository.DeleteEnded looks for users with a new epoch.
// Without a bound, each run would look at all users who ever had one.
const Superseded = 24 * time.Hour

// SessionRepository stores sessions.
type SessionRepository interface {
	// WithUser loads a session and its user in one query. Errors:
	// domain.ErrSessionNotFound.
	WithUser(ctx context.Context, id domain.SessionID) (*domain.Session, *domain.User, error)
	// WithUserAndMetadata does as WithUser does, and loads the user's metadata in the same
	// query. Errors: domain.ErrSessionNotFound.
	WithUserAndMetadata(ctx context.Context, id domain.SessionID) (*domain.Session, *domain.User, *domain.Metadata, error)
	// LiveByUser loads the sessions that are active at now for a user whose
	// session epoch is epoch, the newest login first. Errors: none.
	LiveByUser(ctx context.Context, id domain.UserID, epoch int64, now time.Time) ([]*domain.Session, error)
	// ByUser loads every stored session of a user, ended ones too, the newest
	// login first. Errors: none.
	ByUser(ctx context.Context, id domain.UserID) ([]*domain.Session, error)
	// Add stores a new session, unless its user has as many live sessions as most or more:
	// those of the session's epoch that are active when it begins. It reports whether
	// there was room. Only a serializable unit of work keeps concurrent calls from
	// exceeding most. Errors: domain.ErrUserNotFound.
	Add(ctx context.Context, session *domain.Session, most int) (added bool, err error)
	// Save stores a changed session. Errors: domain.ErrConflict if it was
	// changed or deleted since it was loaded.
	Save(ctx context.Context, session *domain.Session) error
	// DeleteEnded removes at most limit sessions that ended before t: revoked, or of an
	// older epoch than their user's and not used since t. Of the latter it removes those of
	// users who changed within Superseded before t or since; the others expire. It returns
	// their number. Errors: none.
	DeleteEnded(ctx context.Context, t time.Time, limit int) (int, error)
	// DeleteExpired looks at the limit sessions that follow after in the order of their
	// identifiers, and removes those that expired before t. It returns how many it removed
	// and the last session that it looked at, which is zero if fewer than limit follow.
	// Errors: none.
	DeleteExpired(ctx context.Context, after domain.SessionID, t time.Time, limit int) (removed int, last domain.SessionID, err error)
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
	// OpenUndos loads the tokens of domain.MailUndoEmail that are open at now for one of
	// the addresses (domain.Token.Email), at most MaxTransfer, in no order. Each of these
	// addresses is reserved. Errors: none.
	OpenUndos(ctx context.Context, emails []domain.Email, now time.Time) ([]*domain.Token, error)
	// Add stores a new token. Errors: domain.ErrUserNotFound.
	Add(ctx context.Context, token *domain.Token) error
	// Save stores a changed token. Errors: domain.ErrConflict if it was changed
	// or deleted since it was loaded.
	Save(ctx context.Context, token *domain.Token) error
	// DeleteByUser removes the unused tokens of a user for a use. Used tokens stay
	// until DeleteEnded removes them, because the notice of an address change looks
	// its token up after the change. Errors: none.
	DeleteByUser(ctx context.Context, use domain.TokenUse, id domain.UserID) error
	// DeleteEnded removes at most limit tokens that were used or expired before
	// t and returns their number. Errors: none.
	DeleteEnded(ctx context.Context, t time.Time, limit int) (int, error)
}

// MetadataRepository stores what applications keep with users.
type MetadataRepository interface {
	// ByUser loads the metadata of a user; it is domain.NewMetadata if nothing is stored, also for
	// an unknown user. Errors: none.
	ByUser(ctx context.Context, id domain.UserID) (*domain.Metadata, error)
	// Save stores changed metadata. Errors: domain.ErrConflict if it was changed since it was
	// loaded, domain.ErrUserNotFound.
	Save(ctx context.Context, metadata *domain.Metadata) error
}

// FactorRepository stores second factors.
type FactorRepository interface {
	// ByUser loads the factors of a user, the oldest first, also those that wait for their first
	// code. Errors: none.
	ByUser(ctx context.Context, id domain.UserID) ([]*domain.Factor, error)
	// Add stores a new factor. Errors: domain.ErrUserNotFound.
	Add(ctx context.Context, factor *domain.Factor) error
	// Save stores a changed factor. Errors: domain.ErrConflict if it was changed or removed
	// since it was loaded.
	Save(ctx context.Context, factor *domain.Factor) error
	// Delete removes a factor. Errors: domain.ErrConflict if it was changed or removed since it
	// was loaded.
	Delete(ctx context.Context, factor *domain.Factor) error
	// DeletePending removes at most limit unconfirmed factors that were made before t, and
	// returns their number. Errors: none.
	DeletePending(ctx context.Context, t time.Time, limit int) (int, error)
	// NotSealedBy loads at most limit factors whose secret another key than keyID sealed and whose
	// ids come after an id, in the order of their ids. All ids come after the zero one. Errors: none.
	NotSealedBy(ctx context.Context, keyID string, after domain.FactorID, limit int) ([]*domain.Factor, error)
	// KeyIDs returns the ids of the keys that rows of factors and unused recovery codes name, in
	// order, each once. A code that was used needs no key. Errors: none.
	KeyIDs(ctx context.Context) ([]string, error)
}

// RecoveryCodes stores the keyed hashes of recovery codes.
type RecoveryCodes interface {
	// Replace removes the codes of a user and stores new ones; without any it only removes. Of
	// concurrent calls, the codes of one remain. Call it inside a unit of work, because it is more
	// than one write. Errors: domain.ErrUserNotFound, if there are new ones.
	Replace(ctx context.Context, id domain.UserID, codes []KeyedHash, now time.Time) error
	// Use marks the unused code of a user that has one of the hashes, made by the same key, as
	// used, in one conditional update, and reports whether there was one. Of concurrent calls with one code, one reports
	// true. Errors: none.
	Use(ctx context.Context, id domain.UserID, hashes []KeyedHash, now time.Time) (bool, error)
	// Left counts the unused codes of a user. Errors: none.
	Left(ctx context.Context, id domain.UserID) (int, error)
}

// Sightings stores the first use of each generation of a session's tokens in the
// background, so that requests do not wait for it.
type Sightings interface {
	// NoteSeen marks the session as seen (domain.SessionSnapshot.Seen) within a
	// second, if generation is still its newest generation then. The mark is a save:
	// it stores the next version. NoteSeen returns at once. A mark that cannot be
	// stored is tried again until it can be; a crash loses the marks of the last
	// second, and the next request with the token notes them again. Errors: none.
	NoteSeen(id domain.SessionID, generation int64)
}

// Store is the database as one port: the repositories for calls that stand alone,
// the unit of work for calls that belong together, and the marks that may come later.
type Store struct {
	Repositories
	UnitOfWork
	Sightings
}
