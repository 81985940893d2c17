package application_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func TestImportUsers_AgainFindsWhatIsThere(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	hash := b.hasher.HashOutdated(secret(password)).Encoded()
	rows := numbered(
		ports.ImportRow{ID: someID, Email: ada, PasswordHash: hash, Role: "user", Status: "active", EmailVerified: "true", CreatedAt: "2020-01-02T03:04:05Z"},
		ports.ImportRow{Email: bob},
		ports.ImportRow{Email: "c@example.com", LegacyID: "7", UpdatedAt: "2020-01-02T03:04:05Z"},
	)
	result, _ := b.importRows(rows)
	assert.Equal(t, 3, result.Imported)
	b.clock.Advance(time.Hour)
	before := b.transferAll()
	for _, edit := range []func(*ports.ImportUsersCommand){dryRun, func(*ports.ImportUsersCommand) {}} {
		result, _ = b.importRows(rows, edit)
		assert.Equal(t, ports.ImportUsersResult{Present: 3}, result)
		assert.Empty(t, b.recorded(func() { b.importRows(rows, edit) }))
	}
	assert.Equal(t, before, b.transferAll())

	b.login(ada, password) // which replaces the hash
	result, _ = b.importRows(rows)
	assert.Equal(t, 3, result.Present, "whoever was here since is not held against the row")
}

// Running an import again leaves alone who has another address by now, and brings
// nobody back who was deleted.
func TestImportUsers_AgainAfterPeopleMovedOrLeft(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	hash := b.hasher.HashOutdated(secret(password)).Encoded()
	rows := numbered(
		ports.ImportRow{ID: someID, Email: ada, PasswordHash: hash, EmailVerified: "true"},
		ports.ImportRow{Email: bob, PasswordHash: hash, Role: "admin", EmailVerified: "true"},
		ports.ImportRow{Email: "c@example.com", LegacyID: "7", PasswordHash: hash, EmailVerified: "true"},
		ports.ImportRow{Email: "d@example.com", LegacyID: "8", PasswordHash: hash, EmailVerified: "true"},
	)
	result, _ := b.importRows(rows, dryRun)
	assert.Equal(t, ports.ImportUsersResult{Imported: 4, Administrators: 1}, result, "a dry run counts administrators, too")
	b.importRows(rows)

	b.moves(ada, "moved@example.com")
	b.clock.Advance(24 * time.Hour)
	_, err := b.DeleteUser.Execute(t.Context(), ports.DeleteUserCommand{Principal: domain.Operator(), UserID: b.user("c@example.com").ID().String()})
	require.NoError(t, err)
	_, err = b.DeleteAccount.Execute(t.Context(), ports.DeleteAccountCommand{Principal: b.signIn("d@example.com", password), Confirmation: ports.Confirmation{Password: secret(password)}})
	require.NoError(t, err)

	before := b.transferAll()
	gone := "The user was deleted here on " + b.clock.Now().UTC().Format(time.DateOnly) + "; remove the row."
	for _, edit := range []func(*ports.ImportUsersCommand){dryRun, func(*ports.ImportUsersCommand) {}} {
		result, fates := b.importRows(rows, edit)
		assert.Equal(t, ports.ImportUsersResult{Present: 2, Refused: 2}, result)
		for i, reason := range []string{"", "", gone, gone} {
			assert.Equal(t, reason, fates[i].Reason, i)
		}
	}
	assert.Equal(t, before, b.transferAll())
}

// moves changes somebody's address.
func (b *bundle) moves(from, to string) {
	b.t.Helper()
	b.mailed(func() { require.NoError(b.t, b.changeEmail(b.signIn(from, password), to, password)) })
	require.NoError(b.t, b.verify(b.lastSecret(to)))
}

// Two applications count their users from 1: who has the identifier of somebody else is
// refused, not taken for imported, whatever the other one did since.
func TestImportUsers_TellsPeopleApartWhoShareAnIdentifier(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	hash := b.hasher.HashOutdated(secret(password)).Encoded()
	const created = "2020-01-02T03:04:05Z"
	rows := numbered(
		ports.ImportRow{LegacyID: "1", Email: ada, PasswordHash: hash, EmailVerified: "true", CreatedAt: created},
		ports.ImportRow{LegacyID: "2", Email: bob, PasswordHash: hash, EmailVerified: "true", CreatedAt: created},
		ports.ImportRow{ID: someID, Email: "c@example.com", PasswordHash: hash, EmailVerified: "true"},
		ports.ImportRow{Email: "d@example.com", PasswordHash: hash, EmailVerified: "true"},
	)
	b.importRows(rows)
	b.login(ada, password) // which changes the user
	b.login("c@example.com", password)
	b.moves(bob, "moved@example.com")
	b.moves("d@example.com", "elsewhere@example.com")

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
			result, fates := b.importRows(numbered(row.row), edit)
			if !row.refused {
				assert.Equal(t, ports.ImportUsersResult{Present: 1}, result, name)
				continue
			}
			assert.Equal(t, ports.ImportUsersResult{Refused: 1}, result, name)
			assert.Equal(t, "The identifier belongs to an account with another e-mail address here.", fates[0].Reason, name)
		}
	}

	_, err := b.deps.Store.Audit.DeleteBefore(t.Context(), b.clock.Now().Add(time.Hour), 1000)
	require.NoError(t, err)
	result, _ := b.importRows(rows)
	assert.Equal(t, ports.ImportUsersResult{Present: 3, Refused: 1}, result, "of a move that the audit log forgot, only an identifier made of the address tells")
}

// Whoever was deleted here is not brought back by a file that names people by other
// columns than the one before.
func TestImportUsers_BringsNobodyBackByAnotherColumn(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		before, again ports.ImportRow
		back          bool
	}{
		"by legacy_id, then an id, too":      {ports.ImportRow{LegacyID: "7", Email: ada}, ports.ImportRow{ID: someID, LegacyID: "7", Email: ada}, false},
		"by address, then a legacy_id, too":  {ports.ImportRow{Email: ada}, ports.ImportRow{LegacyID: "7", Email: ada}, false},
		"by address, then an id, too":        {ports.ImportRow{Email: ada}, ports.ImportRow{ID: someID, Email: ada}, false},
		"by id, then the same":               {ports.ImportRow{ID: someID, LegacyID: "7", Email: ada}, ports.ImportRow{ID: someID, Email: bob}, false},
		"by id, then the address: not known": {ports.ImportRow{ID: someID, LegacyID: "7", Email: ada}, ports.ImportRow{LegacyID: "7", Email: ada}, true},
		"by address, then another one":       {ports.ImportRow{Email: ada}, ports.ImportRow{ID: someID, Email: bob}, true},
	} {
		b := newBundle(t)
		result, _ := b.importRows(numbered(row.before))
		require.Equal(t, 1, result.Imported, name)
		_, err := b.DeleteUser.Execute(t.Context(), ports.DeleteUserCommand{Principal: domain.Operator(), UserID: b.user(ada).ID().String()})
		require.NoError(t, err)
		for _, edit := range []func(*ports.ImportUsersCommand){dryRun, func(*ports.ImportUsersCommand) {}} {
			result, fates := b.importRows(numbered(row.again), edit)
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
	b := newBundle(t)
	hash := b.hasher.HashOutdated(secret(password)).Encoded()
	b.importRows(numbered(ports.ImportRow{ID: someID, Email: ada, PasswordHash: hash}, ports.ImportRow{Email: bob, LegacyID: "7"}))
	b.account("here@example.com", password)
	before := b.state()
	otherID := strings.Replace(someID, "1111", "2222", 1)
	for says, row := range map[string]ports.ImportRow{
		"another password_hash, role, status, email_verified, created_at, updated_at.": {
			ID: someID, Email: ada, PasswordHash: b.hasher.HashOutdated(secret(another)).Encoded(), Role: "admin", Status: "disabled",
			EmailVerified: "true", CreatedAt: "2020-01-02T03:04:05Z", UpdatedAt: "2020-01-02T03:04:05Z",
		},
		"with another legacy_id.":                  {ID: someID, Email: ada, LegacyID: "8"},
		"an account with another e-mail address":   {ID: someID, Email: "new@example.com"},
		"an account with another e-mail address ":  {LegacyID: "7", Email: "new@example.com"},
		"The legacy_id belongs to another account": {ID: otherID, LegacyID: "7", Email: "new@example.com"},
		"address belongs to another account":       {ID: otherID, Email: ada},
		"address belongs to another account ":      {Email: "here@example.com"},
	} {
		result, fates := b.importRows(numbered(row))
		assert.Equal(t, ports.ImportUsersResult{Refused: 1}, result, says)
		assert.Contains(t, fates[0].Reason, strings.TrimSpace(says))
	}
	assert.Equal(t, before, b.state())
}
