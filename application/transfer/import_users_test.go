package transfer_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
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
func importRows(b *app.Bundle, rows []ports.ImportRow, edits ...func(*ports.ImportUsersCommand)) (ports.ImportUsersResult, []ports.ImportedRow) {
	b.Helper()
	var fates []ports.ImportedRow
	cmd := ports.ImportUsersCommand{
		Principal: domain.Operator(), Rows: slices.Values(rows), Progress: func(r ports.ImportedRow) { fates = append(fates, r) },
	}
	for _, edit := range edits {
		edit(&cmd)
	}
	result, err := b.UseCases.ImportUsers.Execute(b.Context(), cmd)
	require.NoError(b, err)
	return result, fates
}

func dryRun(cmd *ports.ImportUsersCommand) { cmd.DryRun = true }

func dropHashes(cmd *ports.ImportUsersCommand) { cmd.DropUnsupportedHashes = true }

// transferAll are all stored users, as an export sees them.
func transferAll(b *app.Bundle) []ports.TransferUser {
	b.Helper()
	all, err := b.Ports.Store.Transfer.Page(b.Context(), domain.UserID{}, 10_000)
	require.NoError(b, err)
	return all
}

func TestImportUsers_TakesEveryFieldAndSendsNoMail(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	hash := b.Hasher.HashOutdated(app.Secret(app.Password)).Encoded()
	full := ports.ImportRow{
		ID: strings.ToUpper(someID), LegacyID: "42", Email: " Ada@Example.com ", PasswordHash: hash, Role: "admin", Status: "active",
		EmailVerified: "t", CreatedAt: "2020-01-02 03:04:05.678901+02", UpdatedAt: "2021-01-02T03:04:05Z",
	}
	var result ports.ImportUsersResult
	events := b.Recorded(func() {
		assert.Empty(t, b.Mailed(func() {
			assert.Zero(t, b.Hashes(func() { result, _ = importRows(b, numbered(full, ports.ImportRow{Email: app.Bob})) }))
		}))
	})
	assert.Equal(t, ports.ImportUsersResult{Imported: 2, Administrators: 1, WithoutPassword: 1}, result)
	u := b.User(app.Ada)
	assert.Equal(t, domain.UserSnapshot{
		ID: u.ID(), Email: app.Ada, PasswordHash: hash, Role: "admin", Status: "active", EmailVerified: true, SessionEpoch: 1, Version: 1,
		CreatedAt: time.Date(2020, 1, 2, 1, 4, 5, 678_901_000, time.UTC), UpdatedAt: time.Date(2021, 1, 2, 3, 4, 5, 0, time.UTC),
	}, u.Snapshot())
	assert.Equal(t, someID, u.ID().String())
	plain := b.User(app.Bob)
	assert.Equal(t, domain.UserSnapshot{
		ID: plain.ID(), Email: app.Bob, Role: "user", Status: "active", SessionEpoch: 1, Version: 1, CreatedAt: app.Start, UpdatedAt: app.Start,
	}, plain.Snapshot())
	for _, one := range transferAll(b) {
		assert.Equal(t, map[string]string{app.Ada: "42", app.Bob: ""}[one.User.Email().String()], one.LegacyID)
	}
	require.Len(t, events, 2)
	for i, id := range []domain.UserID{u.ID(), plain.ID()} {
		assert.Equal(t, domain.EventUserCreated, events[i].Type)
		assert.Equal(t, id, events[i].SubjectID)
		assert.Equal(t, []string{"imported_admin", "imported"}[i], events[i].Detail)
		assert.True(t, events[i].ByOperator)
	}

	b.Login(app.Ada, app.Password)
	assert.NotEqual(t, hash, b.User(app.Ada).PasswordHash().Encoded(), "the login made a new hash")
	b.Login(app.Ada, app.Password)
	require.NoError(t, b.Reset(b.ResetSecret(app.Bob), app.Another), "without a password a reset helps")
	b.Login(app.Bob, app.Another)
}

func TestImportUsers_RefusesRowsByARuleAndGoesOn(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account("taken@example.com", app.Password)
	good := func(email string) ports.ImportRow { return ports.ImportRow{Email: email} }
	rows := []struct {
		row  ports.ImportRow
		says string
	}{
		{good(app.Ada), ""},
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
		before := b.State()
		result, fates := importRows(b, numbered(slices.Clone(all)...), edit)
		assert.Equal(t, ports.ImportUsersResult{Imported: 3, Refused: len(rows) - 3, WithoutPassword: 3}, result)
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
		if len(b.Users()) == 1 {
			assert.Equal(t, before, b.State(), "a dry run changes nothing")
		}
	}
	assert.Len(t, b.Users(), 4)
}

// Rows of several files are one import: a user in two of them is imported once.
func TestImportUsers_FindsDuplicatesBetweenSources(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	rows := []ports.ImportRow{
		{Source: "one.csv", Line: 2, Email: app.Ada}, {Source: "one.csv", Line: 3, Email: app.Ada},
		{Source: "two.csv", Line: 2, Email: app.Bob}, {Source: "two.csv", Line: 3, Email: app.Ada}, {Source: "two.csv", Line: 4, Email: app.Bob},
	}
	for _, edit := range []func(*ports.ImportUsersCommand){dryRun, func(*ports.ImportUsersCommand) {}} {
		_, fates := importRows(b, rows, edit)
		for i, reason := range []string{"", "Line 2 has the same e-mail address.", "", "Line 2 of one.csv has the same e-mail address.", "Line 2 has the same e-mail address."} {
			assert.Equal(t, reason, fates[i].Reason, i)
		}
	}
}

// The identifier that the import makes of an address may be another row's id: an export names the
// user by it, also after the user has left the address.
func TestImportUsers_FindsAnIDThatItMakesOfTheAddress(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	importRows(b, numbered(ports.ImportRow{Email: app.Ada}))
	made := b.User(app.Ada).ID().String()
	elsewhere := app.New(t)
	for _, rows := range [][]ports.ImportRow{
		{{ID: made, Email: "moved@example.com"}, {Email: app.Ada}, {Email: app.Bob}},
		{{Email: app.Ada}, {ID: made, Email: "moved@example.com"}, {Email: app.Bob}},
	} {
		result, fates := importRows(elsewhere, numbered(rows...), dryRun)
		assert.Equal(t, 2, result.Imported)
		assert.Equal(t, "Line 1 has the same id.", fates[1].Reason)
	}
	result, _ := importRows(elsewhere, numbered(ports.ImportRow{ID: made, Email: "moved@example.com"}, ports.ImportRow{Email: app.Ada}, ports.ImportRow{Email: app.Bob}))
	assert.Equal(t, 2, result.Imported)
}

func TestImportUsers_CanLeaveHashesBehind(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	rows := numbered(ports.ImportRow{Email: app.Ada, PasswordHash: "{SSHA}secret"}, ports.ImportRow{Email: app.Bob})
	for _, edits := range [][]func(*ports.ImportUsersCommand){{dropHashes, dryRun}, {dropHashes}} {
		result, fates := importRows(b, rows, edits...)
		assert.Equal(t, ports.ImportUsersResult{Imported: 2, PasswordsDropped: 1, WithoutPassword: 2}, result)
		assert.True(t, fates[0].PasswordDropped)
		assert.False(t, fates[1].PasswordDropped)
	}
	assert.True(t, b.User(app.Ada).PasswordHash().IsZero())
	result, _ := importRows(b, rows, dropHashes)
	assert.Equal(t, ports.ImportUsersResult{Present: 2}, result)
}

// smallHasher lacks the memory for every hash.
type smallHasher struct{ ports.PasswordHasher }

func (smallHasher) CanVerify(domain.PasswordHash) error {
	return &ports.HashRefusal{Detail: "The hash needs more memory than is here."}
}

// The service may have more memory than the machine of the import, so no hash is
// dropped for its need of memory. The result counts the refusals that the flag would
// have avoided.
func TestImportUsers_DropsNoHashThatOnlyNeedsMoreMemory(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	here := b.UseCases.ImportUsers
	small := b.With(func(p *assembly.Ports) { p.Hasher = smallHasher{p.Hasher} }).ImportUsers
	for name, test := range map[string]struct {
		run  ports.UseCase[ports.ImportUsersCommand, ports.ImportUsersResult]
		drop bool
		hash string
		want ports.ImportedRow
	}{
		"more memory":              {small, false, "$argon2id$", ports.ImportedRow{Fate: ports.ImportRefused, Reason: "The hash needs more memory than is here."}},
		"more memory, to drop":     {small, true, "$argon2id$", ports.ImportedRow{Fate: ports.ImportRefused, Reason: "The hash needs more memory than is here."}},
		"of no form":               {here, false, "{SSHA}", ports.ImportedRow{Fate: ports.ImportRefused, Reason: "The password hash is of no form that is known here.", UnsupportedHash: true}},
		"no text":                  {here, false, "\xff", ports.ImportedRow{Fate: ports.ImportRefused, Reason: "The password hash is too long, or no text.", UnsupportedHash: true}},
		"of no form, to drop":      {here, true, "{SSHA}", ports.ImportedRow{Fate: ports.ImportAdded, PasswordDropped: true}},
		"too long, to drop":        {small, true, strings.Repeat("h", 513), ports.ImportedRow{Fate: ports.ImportAdded, PasswordDropped: true}},
		"without a hash, to drop ": {small, true, "!", ports.ImportedRow{Fate: ports.ImportAdded}},
	} {
		var fates []ports.ImportedRow
		_, err := test.run.Execute(t.Context(), ports.ImportUsersCommand{
			Principal: domain.Operator(), DryRun: true, DropUnsupportedHashes: test.drop, Rows: slices.Values([]ports.ImportRow{{Email: app.Ada, PasswordHash: test.hash}}),
			Progress: func(r ports.ImportedRow) { fates = append(fates, r) },
		})
		require.NoError(t, err)
		assert.Equal(t, []ports.ImportedRow{test.want}, fates, name)
	}
}
