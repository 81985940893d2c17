package transfer_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

func TestImportUsers_AgainFindsWhatIsThere(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	hash := b.Hasher.HashOutdated(app.Secret(app.Password)).Encoded()
	rows := numbered(
		ports.ImportRow{ID: someID, Email: app.Ada, PasswordHash: hash, Role: "user", Status: "active", EmailVerified: "true", CreatedAt: "2020-01-02T03:04:05Z"},
		ports.ImportRow{Email: app.Bob},
		ports.ImportRow{Email: "c@example.com", LegacyID: "7", UpdatedAt: "2020-01-02T03:04:05Z"},
	)
	result, _ := importRows(b, rows)
	assert.Equal(t, 3, result.Imported)
	b.Clock.Advance(time.Hour)
	before := transferAll(b)
	for _, edit := range []func(*ports.ImportUsersCommand){dryRun, func(*ports.ImportUsersCommand) {}} {
		result, _ = importRows(b, rows, edit)
		assert.Equal(t, ports.ImportUsersResult{Present: 3}, result)
		assert.Empty(t, b.Recorded(func() { importRows(b, rows, edit) }))
	}
	assert.Equal(t, before, transferAll(b))

	b.Login(app.Ada, app.Password) // which replaces the hash
	result, _ = importRows(b, rows)
	assert.Equal(t, 3, result.Present, "a user with the row's address counts as present")
}

// A second import changes no user whose address changed meanwhile, and restores no
// deleted user.
func TestImportUsers_AgainAfterPeopleMovedOrLeft(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	hash := b.Hasher.HashOutdated(app.Secret(app.Password)).Encoded()
	rows := numbered(
		ports.ImportRow{ID: someID, Email: app.Ada, PasswordHash: hash, EmailVerified: "true"},
		ports.ImportRow{Email: app.Bob, PasswordHash: hash, Role: "admin", EmailVerified: "true"},
		ports.ImportRow{Email: "c@example.com", LegacyID: "7", PasswordHash: hash, EmailVerified: "true"},
		ports.ImportRow{Email: "d@example.com", LegacyID: "8", PasswordHash: hash, EmailVerified: "true"},
	)
	result, _ := importRows(b, rows, dryRun)
	assert.Equal(t, ports.ImportUsersResult{Imported: 4, Administrators: 1}, result, "a dry run counts administrators, too")
	importRows(b, rows)

	moves(b, app.Ada, "moved@example.com")
	b.Clock.Advance(24 * time.Hour)
	_, err := b.UseCases.DeleteUser.Execute(t.Context(), ports.DeleteUserCommand{Principal: domain.Operator(), UserID: b.User("c@example.com").ID().String()})
	require.NoError(t, err)
	_, err = b.UseCases.DeleteAccount.Execute(t.Context(), ports.DeleteAccountCommand{Principal: b.SignIn("d@example.com", app.Password), Confirmation: ports.Confirmation{Password: app.Secret(app.Password)}})
	require.NoError(t, err)

	before := transferAll(b)
	gone := "The user was deleted here on " + b.Clock.Now().UTC().Format(time.DateOnly) + "; remove the row."
	for _, edit := range []func(*ports.ImportUsersCommand){dryRun, func(*ports.ImportUsersCommand) {}} {
		result, fates := importRows(b, rows, edit)
		assert.Equal(t, ports.ImportUsersResult{Present: 2, Refused: 2}, result)
		for i, reason := range []string{"", "", gone, gone} {
			assert.Equal(t, reason, fates[i].Reason, i)
		}
	}
	assert.Equal(t, before, transferAll(b))
}

// moves changes the address of a user.
func moves(b *app.Bundle, from, to string) {
	b.Helper()
	b.Mailed(func() { require.NoError(b, b.ChangeEmail(b.SignIn(from, app.Password), to, app.Password)) })
	require.NoError(b, b.Confirm(b.LastSecret(to), app.Password))
}

// Two applications count their users from 1. A row with the identifier of another user
// is refused, and does not count as imported, whatever that user did since.
func TestImportUsers_RefusesTheIdentifierOfAnotherUser(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	hash := b.Hasher.HashOutdated(app.Secret(app.Password)).Encoded()
	const created = "2020-01-02T03:04:05Z"
	rows := numbered(
		ports.ImportRow{LegacyID: "1", Email: app.Ada, PasswordHash: hash, EmailVerified: "true", CreatedAt: created},
		ports.ImportRow{LegacyID: "2", Email: app.Bob, PasswordHash: hash, EmailVerified: "true", CreatedAt: created},
		ports.ImportRow{ID: someID, Email: "c@example.com", PasswordHash: hash, EmailVerified: "true"},
		ports.ImportRow{Email: "d@example.com", PasswordHash: hash, EmailVerified: "true"},
	)
	importRows(b, rows)
	b.Login(app.Ada, app.Password) // which changes the user
	b.Login("c@example.com", app.Password)
	moves(b, app.Bob, "moved@example.com")
	moves(b, "d@example.com", "elsewhere@example.com")

	for name, row := range map[string]struct {
		row     ports.ImportRow
		refused bool
	}{
		"another's address, after a login":                  {ports.ImportRow{LegacyID: "1", Email: "x@example.org"}, true},
		"another's address, after a login, by id":           {ports.ImportRow{ID: someID, Email: "x@example.org"}, true},
		"another's address, after a move, made at one time": {ports.ImportRow{LegacyID: "2", Email: "x@example.org", CreatedAt: "2020-01-02T03:04:06Z"}, true},
		"the address before a move":                         {rows[1], false},
		"the address before a move, alone":                  {rows[3], false},
		"the same address":                                  {rows[0], false},
	} {
		for _, edit := range []func(*ports.ImportUsersCommand){dryRun, func(*ports.ImportUsersCommand) {}} {
			result, fates := importRows(b, numbered(row.row), edit)
			if !row.refused {
				assert.Equal(t, ports.ImportUsersResult{Present: 1}, result, name)
				continue
			}
			assert.Equal(t, ports.ImportUsersResult{Refused: 1}, result, name)
			assert.Equal(t, "The identifier belongs to an account with another e-mail address here.", fates[0].Reason, name)
		}
	}

	_, err := b.Ports.Store.Audit.DeleteBefore(t.Context(), b.Clock.Now().Add(time.Hour), 1000)
	require.NoError(t, err)
	result, _ := importRows(b, rows)
	assert.Equal(t, ports.ImportUsersResult{Present: 3, Refused: 1}, result, "the audit log forgot the move, and only an identifier made of the address shows it")
}

// A file that names users by other columns than the file before restores no deleted
// user.
func TestImportUsers_RestoresNoDeletedUserByAnotherColumn(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		before, again ports.ImportRow
		back          bool
	}{
		"by legacy_id, then an id, too":      {ports.ImportRow{LegacyID: "7", Email: app.Ada}, ports.ImportRow{ID: someID, LegacyID: "7", Email: app.Ada}, false},
		"by address, then a legacy_id, too":  {ports.ImportRow{Email: app.Ada}, ports.ImportRow{LegacyID: "7", Email: app.Ada}, false},
		"by address, then an id, too":        {ports.ImportRow{Email: app.Ada}, ports.ImportRow{ID: someID, Email: app.Ada}, false},
		"by id, then the same":               {ports.ImportRow{ID: someID, LegacyID: "7", Email: app.Ada}, ports.ImportRow{ID: someID, Email: app.Bob}, false},
		"by id, then the address: not known": {ports.ImportRow{ID: someID, LegacyID: "7", Email: app.Ada}, ports.ImportRow{LegacyID: "7", Email: app.Ada}, true},
		"by address, then another one":       {ports.ImportRow{Email: app.Ada}, ports.ImportRow{ID: someID, Email: app.Bob}, true},
	} {
		b := app.New(t)
		result, _ := importRows(b, numbered(row.before))
		require.Equal(t, 1, result.Imported, name)
		_, err := b.UseCases.DeleteUser.Execute(t.Context(), ports.DeleteUserCommand{Principal: domain.Operator(), UserID: b.User(app.Ada).ID().String()})
		require.NoError(t, err)
		for _, edit := range []func(*ports.ImportUsersCommand){dryRun, func(*ports.ImportUsersCommand) {}} {
			result, fates := importRows(b, numbered(row.again), edit)
			if row.back {
				assert.Equal(t, 1, result.Imported, name)
				continue
			}
			assert.Equal(t, ports.ImportUsersResult{Refused: 1}, result, name)
			assert.Contains(t, fates[0].Reason, "was deleted here on", name)
		}
	}
}

func TestImportUsers_NeverChangesAUser(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	hash := b.Hasher.HashOutdated(app.Secret(app.Password)).Encoded()
	importRows(b, numbered(ports.ImportRow{ID: someID, Email: app.Ada, PasswordHash: hash}, ports.ImportRow{Email: app.Bob, LegacyID: "7"}))
	b.Account("here@example.com", app.Password)
	before := b.State()
	otherID := strings.Replace(someID, "1111", "2222", 1)
	for says, row := range map[string]ports.ImportRow{
		"another password_hash, role, status, email_verified, created_at, updated_at.": {
			ID: someID, Email: app.Ada, PasswordHash: b.Hasher.HashOutdated(app.Secret(app.Another)).Encoded(), Role: "admin", Status: "disabled",
			EmailVerified: "true", CreatedAt: "2020-01-02T03:04:05Z", UpdatedAt: "2020-01-02T03:04:05Z",
		},
		"with another legacy_id.":                  {ID: someID, Email: app.Ada, LegacyID: "8"},
		"an account with another e-mail address":   {ID: someID, Email: "new@example.com"},
		"an account with another e-mail address ":  {LegacyID: "7", Email: "new@example.com"},
		"The legacy_id belongs to another account": {ID: otherID, LegacyID: "7", Email: "new@example.com"},
		"address belongs to another account":       {ID: otherID, Email: app.Ada},
		"address belongs to another account ":      {Email: "here@example.com"},
	} {
		result, fates := importRows(b, numbered(row))
		assert.Equal(t, ports.ImportUsersResult{Refused: 1}, result, says)
		assert.Contains(t, fates[0].Reason, strings.TrimSpace(says))
	}
	assert.Equal(t, before, b.State())
}

// F-M6: an address that an account has left stays reserved while that can be undone.
func TestImportUsers_RefusesAReservedAddress(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	moves(b, app.Ada, app.Moved)
	row := ports.ImportRow{LegacyID: "1", Email: app.Ada, EmailVerified: "true"}
	for _, edit := range []func(*ports.ImportUsersCommand){dryRun, func(*ports.ImportUsersCommand) {}} {
		result, fates := importRows(b, numbered(row), edit)
		assert.Equal(t, ports.ImportUsersResult{Refused: 1}, result)
		assert.Contains(t, fates[0].Reason, "reserved")
	}
	b.Clock.Advance(72 * time.Hour)
	result, _ := importRows(b, numbered(row))
	assert.Equal(t, ports.ImportUsersResult{Imported: 1, WithoutPassword: 1}, result)
}
