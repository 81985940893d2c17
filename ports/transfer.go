package ports

import (
	"context"
	"iter"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// UserTransfer moves users in and out by the hundred. UserRepository would need a
// statement for each user.
type UserTransfer interface {
	// Matching loads the users that have one of the keys. Errors: none.
	Matching(ctx context.Context, keys TransferKeys) ([]TransferUser, error)
	// LastEvents returns the time of the last event of a type about each user, for at
	// most MaxLastEvents identifiers. It leaves out users without such an event in
	// the audit log. Errors: none.
	LastEvents(ctx context.Context, kind domain.EventType, ids []domain.UserID) (map[domain.UserID]time.Time, error)
	// AddAll stores new users, at most MaxTransfer, in one statement, and their metadata in another. Call it inside a
	// unit of work and return its error. Errors: domain.ErrConflict if another caller
	// took an identifier, an address or a legacy identifier since Matching.
	AddAll(ctx context.Context, users []TransferUser) error
	// RecordAll stores events, at most MaxTransfer. Errors: none.
	RecordAll(ctx context.Context, events []domain.Event) error
	// Page returns at most limit users with identifiers greater than after, by
	// ascending identifier. The zero identifier comes before all. Errors: none.
	Page(ctx context.Context, after domain.UserID, limit int) ([]TransferUser, error)
}

// MaxTransfer is how many users or events one call of UserTransfer takes or
// returns, because databases bound the number of values in a statement.
const MaxTransfer = 500

// MaxLastEvents is how many identifiers UserTransfer.LastEvents takes, because one
// row of an import may match up to three users.
const MaxLastEvents = 3 * MaxTransfer

// TransferUser is a user with the data that only imports and exports need.
type TransferUser struct {
	User *domain.User
	// LegacyID is the identifier that the user had in other software, or empty. It is
	// unique among users.
	LegacyID string
	// Metadata is the user's metadata. It is nil if it has none, and in the result of Matching.
	Metadata *domain.Metadata
}

// TransferKeys are keys that are unique among users, at most MaxTransfer of each
// kind.
type TransferKeys struct {
	IDs       []domain.UserID
	Emails    []domain.Email
	LegacyIDs []string
}

// ImportRow is a user as other software describes it. Its fields carry the text as
// it arrived. An empty text means that the row leaves the value out.
type ImportRow struct {
	// Source names the row's input, such as a file, if there are several inputs. A
	// reason that refers to a row of another input names it.
	Source string
	// Line is where the row begins in its source, counted from 1.
	Line int
	// Problem is why the row could not be read; the other fields are then empty.
	Problem string
	// ID is a UUID to keep.
	ID string
	// LegacyID is any other identifier, to find the user by later.
	LegacyID string
	Email    string
	// PasswordHash is an encoded hash. If it is empty or begins with "!", the owner of
	// the account chooses a password by a reset mail.
	PasswordHash string
	Role         string
	Status       string
	// EmailVerified is true or false; false by default.
	EmailVerified string
	// PasswordChangeRequired is true or false; false by default. It has no effect without
	// a password hash.
	PasswordChangeRequired string
	// CreatedAt and UpdatedAt are times with a zone (RFC 3339, or as PostgreSQL prints
	// them). CreatedAt defaults to the time of the import, UpdatedAt to CreatedAt.
	CreatedAt string
	UpdatedAt string
	// Profile and App are JSON objects.
	Profile string
	App     string
	// Username is the name by which the user signs in elsewhere. It is not stored: the
	// refusal of a row without an address names it.
	Username string
	// LeftOut are the kinds of state that the user has elsewhere and the import leaves out:
	// LeftSecondFactor and LeftRequiredAction.
	LeftOut []string
}

// The kinds of state that imports leave out.
const (
	// LeftSecondFactor is a second factor or a passkey.
	LeftSecondFactor = "second_factor"
	// LeftRequiredAction is a step of the next sign-in that does not exist here.
	LeftRequiredAction = "required_action"
)

// ImportUsersCommand moves users in.
type ImportUsersCommand struct {
	Principal domain.Principal
	// Rows are read once, during the import, which keeps MaxTransfer of them in memory.
	Rows iter.Seq[ImportRow]
	// DryRun checks everything and changes nothing.
	DryRun bool
	// DropUnsupportedHashes imports users whose hashes no service could check
	// (HashRefusal.Unsupported) without a password instead of refusing them.
	DropUnsupportedHashes bool
	// Invite mails each imported user without a password an invitation to choose one,
	// unless the user is disabled. The mail is enqueued in the transaction that adds the user. It
	// counts in no limit on mails. Users that are already there get none.
	Invite bool
	// Progress, if set, is called with the fate of every row, in order, once it is
	// certain.
	Progress func(ImportedRow)
}

// ImportedRow is the fate of a row.
type ImportedRow struct {
	Line int
	Fate ImportFate
	// Reason is why the row was refused. It is a sentence that repeats no value but the
	// name and the identifiers of a row without an address.
	Reason string
	// UnsupportedHash is true if the row was refused because of a hash that
	// DropUnsupportedHashes would leave out.
	UnsupportedHash bool
	// PasswordDropped is true if the user was imported without its hash.
	PasswordDropped bool
}

// ImportFate names what the import did with a row.
type ImportFate string

// The fates of rows.
const (
	// ImportAdded is a user that was imported, or that a dry run would import.
	ImportAdded ImportFate = "imported"
	// ImportPresent is a user that an earlier import added.
	ImportPresent ImportFate = "present"
	// ImportRefused is a row that was not imported.
	ImportRefused ImportFate = "refused"
)

// ImportUsersResult counts rows by their fates.
type ImportUsersResult struct {
	Imported, Present, Refused int
	// Administrators is how many of the imported users have the role admin.
	Administrators int
	// RolesWithheld is how many of the imported users have a role above user that holds
	// only once their address is confirmed.
	RolesWithheld int
	// PasswordsDropped is how many of the imported users have no password because
	// the service cannot check their hash.
	PasswordsDropped int
	// WithoutPassword is how many of the imported users have no password, PasswordsDropped
	// included.
	WithoutPassword int
	// Invited is how many of the imported users get an invitation, and RolesInvited how
	// many of those get a role above user by accepting it.
	Invited, RolesInvited int
	// PasswordChanges is how many of the imported users must replace their password at the
	// next sign-in.
	PasswordChanges int
	// SecondFactors and RequiredActions are how many of the imported users have state of
	// the kinds LeftSecondFactor and LeftRequiredAction elsewhere.
	SecondFactors, RequiredActions int
}

// ExportUsersCommand moves users out.
type ExportUsersCommand struct {
	Principal domain.Principal
	// WithPasswordHashes goes into the audit log. The users carry their hashes in
	// either case; if it is false, the caller leaves the hashes out.
	WithPasswordHashes bool
	// Page is called with each page of users, by ascending identifier. Its error ends
	// the export.
	Page func([]TransferUser) error
}

// ExportUsersResult counts the users.
type ExportUsersResult struct {
	Users int
	// At is when the export began.
	At time.Time
}
