package ports

import (
	"context"
	"iter"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// UserTransfer moves users in and out by the hundred, where UserRepository
// would need a statement for each.
type UserTransfer interface {
	// Matching loads the users that have one of the keys. Errors: none.
	Matching(ctx context.Context, keys TransferKeys) ([]TransferUser, error)
	// LastEvents returns when an event of a type last befell users, of those of at most
	// MaxLastEvents identifiers that the audit log still has one of. Errors: none.
	LastEvents(ctx context.Context, kind domain.EventType, ids []domain.UserID) (map[domain.UserID]time.Time, error)
	// AddAll stores new users, at most MaxTransfer, in one statement. Call it inside
	// a unit of work and return its error. Errors: domain.ErrConflict if an identifier, an
	// address or a legacy identifier was taken since it was looked for.
	AddAll(ctx context.Context, users []TransferUser) error
	// RecordAll stores one event for each of them. Errors: none.
	RecordAll(ctx context.Context, events []domain.Event) error
	// Page returns at most limit users whose identifiers follow after, by
	// ascending identifier; the zero identifier is before all. Errors: none.
	Page(ctx context.Context, after domain.UserID, limit int) ([]TransferUser, error)
}

// MaxTransfer is how many users or events one call of UserTransfer takes or gives:
// databases bound the number of values in a statement.
const MaxTransfer = 500

// MaxLastEvents is how many identifiers UserTransfer.LastEvents takes: a row of an import
// may have come under three.
const MaxLastEvents = 3 * MaxTransfer

// TransferUser is a user with what only its move is about.
type TransferUser struct {
	User *domain.User
	// LegacyID is the identifier that the user had in other software; empty for
	// none. No two users have the same.
	LegacyID string
}

// TransferKeys are what no two users share; at most MaxTransfer of each kind.
type TransferKeys struct {
	IDs       []domain.UserID
	Emails    []domain.Email
	LegacyIDs []string
}

// ImportRow is a user as other software describes it: text as it arrived. An
// empty text means that nothing is said.
type ImportRow struct {
	// Source names the file or so that the row is from, where there are several: a
	// reason that refers to a row of another one says which.
	Source string
	// Line is where the row begins in its source, counted from 1.
	Line int
	// Problem says why the row could not be read; the other fields are then empty.
	Problem string
	// ID is a UUID to keep.
	ID string
	// LegacyID is any other identifier, to find the user by later.
	LegacyID string
	Email    string
	// PasswordHash is an encoded hash; none, or one that begins with "!", makes an account
	// whose owner chooses a password by a reset mail.
	PasswordHash string
	Role         string
	Status       string
	// EmailVerified is true or false; false by default.
	EmailVerified string
	// CreatedAt and UpdatedAt are times with a zone (RFC 3339, or as PostgreSQL prints
	// them). The first is by default the time of the import, the second the first.
	CreatedAt string
	UpdatedAt string
}

// ImportUsersCommand moves users in.
type ImportUsersCommand struct {
	Principal domain.Principal
	// Rows are read once, as the import goes on, and MaxTransfer of them are kept.
	Rows iter.Seq[ImportRow]
	// DryRun checks everything and changes nothing.
	DryRun bool
	// DropUnsupportedHashes imports users whose hashes no service could check
	// (HashRefusal.Unsupported) without a password instead of refusing them.
	DropUnsupportedHashes bool
	// Progress, if set, is told the fate of every row, in order, once it is certain.
	Progress func(ImportedRow)
}

// ImportedRow is what became of a row.
type ImportedRow struct {
	Line int
	Fate ImportFate
	// Reason is why the row was refused, a sentence that repeats no value.
	Reason string
	// UnsupportedHash is whether the row was refused for a hash that
	// DropUnsupportedHashes would leave behind.
	UnsupportedHash bool
	// PasswordDropped is whether the user was imported without its hash.
	PasswordDropped bool
}

// ImportFate says what became of a row.
type ImportFate string

// The fates of rows.
const (
	// ImportAdded is a user that was imported, or that a dry run would import.
	ImportAdded ImportFate = "imported"
	// ImportPresent is a user that an import before this one has brought.
	ImportPresent ImportFate = "present"
	// ImportRefused is a row that was not imported.
	ImportRefused ImportFate = "refused"
)

// ImportUsersResult counts rows by their fates.
type ImportUsersResult struct {
	Imported, Present, Refused int
	// Administrators is how many of the imported have the role admin.
	Administrators int
	// PasswordsDropped is how many of the imported have no password since theirs
	// could not be checked.
	PasswordsDropped int
}

// ExportUsersCommand moves users out.
type ExportUsersCommand struct {
	Principal domain.Principal
	// WithPasswordHashes is recorded; the hashes are in the users either way, and the
	// caller leaves them out.
	WithPasswordHashes bool
	// Page is given the users page by page, by ascending identifier. Its error ends
	// the export.
	Page func([]TransferUser) error
}

// ExportUsersResult counts the users.
type ExportUsersResult struct {
	Users int
	// At is when the export began.
	At time.Time
}
