package application_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/application"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

const someID = "0190a0a0-1111-4222-8333-000000000001"

// numbered gives rows their lines, from 1.
func numbered(rows ...ports.ImportRow) []ports.ImportRow {
	for i := range rows {
		rows[i].Line = i + 1
	}
	return rows
}

// importRows imports and returns the counts and the fate of every row.
func (b *bundle) importRows(rows []ports.ImportRow, edits ...func(*ports.ImportUsersCommand)) (ports.ImportUsersResult, []ports.ImportedRow) {
	b.t.Helper()
	var fates []ports.ImportedRow
	cmd := ports.ImportUsersCommand{
		Principal: domain.Operator(), Rows: slices.Values(rows), Progress: func(r ports.ImportedRow) { fates = append(fates, r) },
	}
	for _, edit := range edits {
		edit(&cmd)
	}
	result, err := b.ImportUsers.Execute(b.t.Context(), cmd)
	require.NoError(b.t, err)
	return result, fates
}

func dryRun(cmd *ports.ImportUsersCommand)     { cmd.DryRun = true }
func dropHashes(cmd *ports.ImportUsersCommand) { cmd.DropUnsupportedHashes = true }

// transferAll are all stored users, as an export sees them.
func (b *bundle) transferAll() []ports.TransferUser {
	b.t.Helper()
	all, err := b.deps.Stores.Transfer.Page(b.t.Context(), domain.UserID{}, 10_000)
	require.NoError(b.t, err)
	return all
}

func TestImportUsers_TakesEveryFieldAndMailsNobody(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	hash := b.hasher.HashOutdated(secret(password)).Encoded()
	full := ports.ImportRow{
		ID: strings.ToUpper(someID), LegacyID: "42", Email: " Ada@Example.com ", PasswordHash: hash, Role: "admin", Status: "active",
		EmailVerified: "t", CreatedAt: "2020-01-02 03:04:05.678901+02", UpdatedAt: "2021-01-02T03:04:05Z",
	}
	var result ports.ImportUsersResult
	events := b.recorded(func() {
		assert.Empty(t, b.mailed(func() {
			assert.Zero(t, b.hashes(func() { result, _ = b.importRows(numbered(full, ports.ImportRow{Email: bob})) }))
		}))
	})
	assert.Equal(t, ports.ImportUsersResult{Imported: 2, Administrators: 1}, result)
	u := b.user(ada)
	assert.Equal(t, domain.UserSnapshot{
		ID: u.ID(), Email: ada, PasswordHash: hash, Role: "admin", Status: "active", EmailVerified: true, SessionEpoch: 1, Version: 1,
		CreatedAt: time.Date(2020, 1, 2, 1, 4, 5, 678_901_000, time.UTC), UpdatedAt: time.Date(2021, 1, 2, 3, 4, 5, 0, time.UTC),
	}, u.Snapshot())
	assert.Equal(t, someID, u.ID().String())
	plain := b.user(bob)
	assert.Equal(t, domain.UserSnapshot{
		ID: plain.ID(), Email: bob, Role: "user", Status: "active", SessionEpoch: 1, Version: 1, CreatedAt: start, UpdatedAt: start,
	}, plain.Snapshot())
	for _, one := range b.transferAll() {
		assert.Equal(t, map[string]string{ada: "42", bob: ""}[one.User.Email().String()], one.LegacyID)
	}
	require.Len(t, events, 2)
	for i, id := range []domain.UserID{u.ID(), plain.ID()} {
		assert.Equal(t, domain.EventUserCreated, events[i].Type)
		assert.Equal(t, id, events[i].SubjectID)
		assert.Equal(t, "imported", events[i].Detail)
		assert.True(t, events[i].ByOperator)
	}

	b.login(ada, password)
	assert.NotEqual(t, hash, b.user(ada).PasswordHash().Encoded(), "the login made a new hash")
	b.login(ada, password)
	require.NoError(t, b.reset(b.resetSecret(bob), another), "without a password a reset helps")
	b.login(bob, another)
}

func TestImportUsers_RefusesRowsByARuleAndGoesOn(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account("taken@example.com", password)
	good := func(email string) ports.ImportRow { return ports.ImportRow{Email: email} }
	rows := []struct {
		row  ports.ImportRow
		says string
	}{
		{good(ada), ""},
		{ports.ImportRow{Problem: "It is no text."}, "It is no text."},
		{good(""), "missing"},
		{good("nonsense"), "has no @"},
		{good("taken@example.com"), "belongs to another account"},
		{ports.ImportRow{Email: "r@example.com", Role: "root"}, "The role must be"},
		{ports.ImportRow{Email: "s@example.com", Status: "gone"}, "The status must be"},
		{ports.ImportRow{Email: "v@example.com", EmailVerified: "perhaps"}, "email_verified must be true or false."},
		{ports.ImportRow{Email: "i@example.com", ID: "17"}, "no UUID"},
		{ports.ImportRow{Email: "i@example.com", ID: "00000000-0000-0000-0000-000000000000"}, "no UUID"},
		{ports.ImportRow{Email: "l@example.com", LegacyID: "a\x00b"}, "legacy_id must be text"},
		{ports.ImportRow{Email: "l@example.com", LegacyID: strings.Repeat("x", 256)}, "legacy_id must be text"},
		{ports.ImportRow{Email: "h@example.com", PasswordHash: "{SSHA}secret"}, "no form that is known"},
		{ports.ImportRow{Email: "h@example.com", PasswordHash: strings.Repeat("h", 513)}, "too long"},
		{ports.ImportRow{Email: "h@example.com", PasswordHash: "\xff"}, "no text"},
		{ports.ImportRow{Email: "t@example.com", CreatedAt: "2020-01-02 03:04:05"}, "created_at must be a time with a time zone"},
		{ports.ImportRow{Email: "t@example.com", UpdatedAt: "0000-01-01T00:00:00Z"}, "updated_at must be a time"},
		{ports.ImportRow{Email: "t@example.com", UpdatedAt: "9999-12-31T23:59:59-01:00"}, "updated_at must be a time"},
		{good("ADA@example.com"), "Line 1 has the same e-mail address."},
		{ports.ImportRow{Email: "d@example.com", ID: someID, LegacyID: "1"}, ""},
		{ports.ImportRow{Email: "e@example.com", ID: someID}, "Line 20 has the same id."},
		{ports.ImportRow{Email: "e@example.com", LegacyID: "1"}, "Line 20 has the same legacy_id."},
		{ports.ImportRow{Email: "e@example.com", PasswordHash: "!unusable"}, ""},
	}
	var all []ports.ImportRow
	for _, r := range rows {
		all = append(all, r.row)
	}
	for _, edit := range []func(*ports.ImportUsersCommand){dryRun, func(*ports.ImportUsersCommand) {}} {
		before := b.state()
		result, fates := b.importRows(numbered(slices.Clone(all)...), edit)
		assert.Equal(t, ports.ImportUsersResult{Imported: 3, Refused: len(rows) - 3}, result)
		require.Len(t, fates, len(rows))
		for i, r := range rows {
			assert.Equal(t, i+1, fates[i].Line)
			if r.says == "" {
				assert.Equal(t, ports.ImportedRow{Line: i + 1, Fate: ports.ImportAdded}, fates[i])
				continue
			}
			assert.Equal(t, ports.ImportRefused, fates[i].Fate, i)
			assert.Contains(t, fates[i].Reason, r.says)
			for _, value := range []string{r.row.Email, r.row.PasswordHash, r.row.LegacyID} {
				if len(value) > 3 {
					assert.NotContains(t, fates[i].Reason, value, "a reason repeats no value")
				}
			}
		}
		if len(b.users()) == 1 {
			assert.Equal(t, before, b.state(), "a dry run changes nothing")
		}
	}
	assert.Len(t, b.users(), 4)
}

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

	moved := b.user(ada)
	moved.ChangeEmail(email(t, "moved@example.com"), b.clock.Now())
	require.NoError(t, b.store.Repositories().Users.Save(t.Context(), moved))
	b.clock.Advance(24 * time.Hour)
	_, err := b.DeleteUser.Execute(t.Context(), ports.DeleteUserCommand{Principal: domain.Operator(), UserID: b.user("c@example.com").ID().String()})
	require.NoError(t, err)
	_, err = b.DeleteAccount.Execute(t.Context(), ports.DeleteAccountCommand{Principal: b.signIn("d@example.com", password), Password: secret(password)})
	require.NoError(t, err)

	before := b.transferAll()
	gone := "The user was deleted here on " + b.clock.Now().UTC().Format(time.DateOnly) + "; remove the row, or give it another id."
	for _, edit := range []func(*ports.ImportUsersCommand){dryRun, func(*ports.ImportUsersCommand) {}} {
		result, fates := b.importRows(rows, edit)
		assert.Equal(t, ports.ImportUsersResult{Present: 2, Refused: 2}, result)
		for i, reason := range []string{"", "", gone, gone} {
			assert.Equal(t, reason, fates[i].Reason, i)
		}
	}
	assert.Equal(t, before, b.transferAll())

	result, _ = b.importRows(numbered(ports.ImportRow{ID: "0190a0a0-1111-4222-8333-000000000002", LegacyID: "7", Email: "c@example.com", PasswordHash: hash}))
	assert.Equal(t, ports.ImportUsersResult{Imported: 1}, result, "by another id it is another user")
}

// Rows of several files are one import: who is in two of them is there once.
func TestImportUsers_FindsDuplicatesBetweenSources(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	rows := []ports.ImportRow{
		{Source: "one.csv", Line: 2, Email: ada}, {Source: "one.csv", Line: 3, Email: ada},
		{Source: "two.csv", Line: 2, Email: bob}, {Source: "two.csv", Line: 3, Email: ada}, {Source: "two.csv", Line: 4, Email: bob},
	}
	for _, edit := range []func(*ports.ImportUsersCommand){dryRun, func(*ports.ImportUsersCommand) {}} {
		_, fates := b.importRows(rows, edit)
		for i, reason := range []string{"", "Line 2 has the same e-mail address.", "", "Line 2 of one.csv has the same e-mail address.", "Line 2 has the same e-mail address."} {
			assert.Equal(t, reason, fates[i].Reason, i)
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

func TestImportUsers_CanLeaveHashesBehind(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	rows := numbered(ports.ImportRow{Email: ada, PasswordHash: "{SSHA}secret"}, ports.ImportRow{Email: bob})
	for _, edits := range [][]func(*ports.ImportUsersCommand){{dropHashes, dryRun}, {dropHashes}} {
		result, fates := b.importRows(rows, edits...)
		assert.Equal(t, ports.ImportUsersResult{Imported: 2, PasswordsDropped: 1}, result)
		assert.True(t, fates[0].PasswordDropped)
		assert.False(t, fates[1].PasswordDropped)
	}
	assert.True(t, b.user(ada).PasswordHash().IsZero())
	result, _ := b.importRows(rows, dropHashes)
	assert.Equal(t, ports.ImportUsersResult{Present: 2}, result)
}

func TestImportUsers_GoesOnWhereItFailed(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	var rows []ports.ImportRow
	for i := range 2*ports.MaxTransfer + 7 {
		rows = append(rows, ports.ImportRow{Email: fmt.Sprintf("u%d@example.com", i)})
	}
	numbered(rows...)
	for failAt := 1; ; failAt++ {
		b := newBundle(t)
		f := &faults{failAt: failAt}
		deps := b.deps
		deps.Stores = f.repositories(deps.Stores)
		deps.Work = faultyWork{deps.Work, f}
		told := 0
		cmd := ports.ImportUsersCommand{Principal: domain.Operator(), Rows: slices.Values(rows), Progress: func(ports.ImportedRow) { told++ }}
		result, err := application.NewImportUsers(deps).Execute(t.Context(), cmd)
		if err == nil {
			assert.Greater(t, failAt, 12, "four calls for each of three batches")
			break
		}
		require.ErrorIs(t, err, errFault)
		assert.Len(t, b.users(), result.Imported, "a batch is stored as a whole or not")
		assert.Len(t, b.events(), result.Imported)
		assert.Equal(t, result.Imported, told)

		rest, _ := b.importRows(rows)
		assert.Equal(t, ports.ImportUsersResult{Imported: len(rows) - result.Imported, Present: result.Imported}, rest)
	}
	for failAt := 1; failAt <= 2; failAt++ {
		deps := b.deps
		deps.Stores = (&faults{failAt: failAt}).repositories(deps.Stores)
		_, err := application.NewImportUsers(deps).Execute(t.Context(), ports.ImportUsersCommand{
			Principal: domain.Operator(), Rows: slices.Values(rows[:1]), DryRun: true,
		})
		require.ErrorIs(t, err, errFault, "a dry run reads, too")
	}
}

// Somebody registers with an address of the batch between the look and the store.
func TestImportUsers_LooksAgainAfterARegistrationCameBetween(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	deps := b.deps
	deps.Work = interruptedWork{b.store, func() { b.account(ada, password) }}
	var fates []ports.ImportedRow
	result, err := application.NewImportUsers(deps).Execute(t.Context(), ports.ImportUsersCommand{
		Principal: domain.Operator(), Rows: slices.Values(numbered(ports.ImportRow{Email: ada}, ports.ImportRow{Email: bob})),
		Progress: func(r ports.ImportedRow) { fates = append(fates, r) },
	})
	require.NoError(t, err)
	assert.Equal(t, ports.ImportUsersResult{Imported: 1, Refused: 1}, result)
	assert.Contains(t, fates[0].Reason, "belongs to another account")
}

// interruptedWork conflicts once, after something else happened.
type interruptedWork struct {
	ports.UnitOfWork
	meanwhile func()
}

func (w interruptedWork) Do(ctx context.Context, fn func(context.Context, ports.Repositories) error) error {
	_ = w.UnitOfWork.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		if err := fn(ctx, r); err != nil {
			return err
		}
		return errFault
	})
	w.meanwhile()
	return w.UnitOfWork.Do(ctx, fn)
}

func TestTransfer_IsForAdministratorsOnly(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	p := b.signIn(ada, password)
	for principal, want := range map[domain.Principal]error{p: domain.ErrForbidden, {}: domain.ErrUnauthenticated} {
		b.refused(want, func() error {
			_, err := b.ImportUsers.Execute(t.Context(), ports.ImportUsersCommand{
				Principal: principal, Rows: slices.Values([]ports.ImportRow{{Email: bob}}),
			})
			return err
		})
		b.refused(want, func() error {
			_, err := b.ExportUsers.Execute(t.Context(), ports.ExportUsersCommand{Principal: principal})
			return err
		})
	}
}

func TestExportUsers_HandsOutEverybodyOnceAndRecordsIt(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	var rows []ports.ImportRow
	for i := range ports.MaxTransfer + 3 {
		rows = append(rows, ports.ImportRow{Email: fmt.Sprintf("u%d@example.com", i)})
	}
	b.importRows(numbered(rows...))
	for withHashes, detail := range map[bool]string{false: "", true: "password_hashes"} {
		var got []ports.TransferUser
		pages := 0
		events := b.recorded(func() {
			result, err := b.ExportUsers.Execute(t.Context(), ports.ExportUsersCommand{
				Principal: domain.Operator(), WithPasswordHashes: withHashes,
				Page: func(page []ports.TransferUser) error { got = append(got, page...); pages++; return nil },
			})
			require.NoError(t, err)
			assert.Equal(t, ports.ExportUsersResult{Users: len(rows), At: start}, result)
		})
		assert.Equal(t, b.transferAll(), got)
		assert.Equal(t, 2, pages)
		require.Len(t, events, 1)
		assert.Equal(t, domain.EventUsersExported, events[0].Type)
		assert.Equal(t, detail, events[0].Detail)
		assert.True(t, events[0].ByOperator)
	}
	for failAt := 1; failAt <= 3; failAt++ { // the record, the first page, the last one
		deps := b.deps
		deps.Stores = (&faults{failAt: failAt}).repositories(deps.Stores)
		_, err := application.NewExportUsers(deps).Execute(t.Context(), ports.ExportUsersCommand{
			Principal: domain.Operator(), Page: func([]ports.TransferUser) error { return nil },
		})
		require.ErrorIs(t, err, errFault)
	}
	_, err := b.ExportUsers.Execute(t.Context(), ports.ExportUsersCommand{
		Principal: domain.Operator(), Page: func([]ports.TransferUser) error { return errFault },
	})
	require.ErrorIs(t, err, errFault, "a full disk ends it")
}
