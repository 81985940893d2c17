package transfer_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

func TestImportUsers_KeepsAForcedChangeOfThePassword(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	hash := b.Hasher.HashOutdated(app.Secret(app.Password)).Encoded()
	rows := numbered(
		ports.ImportRow{Email: app.Ada, PasswordHash: hash, EmailVerified: "true", PasswordChangeRequired: "true"},
		ports.ImportRow{Email: app.Bob, PasswordHash: hash, EmailVerified: "true", PasswordChangeRequired: "false"},
		ports.ImportRow{Email: "none@example.com", PasswordChangeRequired: "true"},
		ports.ImportRow{Email: "bad@example.com", PasswordChangeRequired: "soon"},
	)
	for _, edit := range []func(*ports.ImportUsersCommand){dryRun, func(*ports.ImportUsersCommand) {}} {
		result, fates := importRows(b, rows, edit)
		assert.Equal(t, ports.ImportUsersResult{Imported: 3, Refused: 1, WithoutPassword: 1, PasswordChanges: 1}, result)
		assert.Equal(t, "password_change_required must be true or false.", fates[3].Reason)
	}
	assert.False(t, b.User("none@example.com").Snapshot().PasswordChangeRequired, "without a password there is none to change")

	again := numbered(
		ports.ImportRow{Email: app.Ada, PasswordHash: hash},
		ports.ImportRow{Email: app.Bob, PasswordHash: hash, PasswordChangeRequired: "true"},
		ports.ImportRow{Email: "none@example.com", PasswordChangeRequired: "true"},
	)
	_, fates := importRows(b, again)
	assert.Equal(t, ports.ImportPresent, fates[0].Fate, "an older export has no such field")
	assert.Equal(t, "The user is here already, with another password_change_required.", fates[1].Reason)
	assert.Equal(t, ports.ImportPresent, fates[2].Fate)

	login := func(email string) error {
		_, err := b.UseCases.Login.Execute(t.Context(), ports.LoginCommand{Email: email, Password: app.Secret(app.Password)})
		return err
	}
	require.ErrorIs(t, login(app.Ada), domain.ErrPasswordChangeRequired)
	require.NoError(t, login(app.Bob))
}

func TestImportUsers_CountsWhatItLeavesOut(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	rows := numbered(
		ports.ImportRow{Email: app.Ada, LeftOut: []string{ports.LeftSecondFactor, ports.LeftRequiredAction}},
		ports.ImportRow{Email: app.Bob, LeftOut: []string{ports.LeftSecondFactor}},
		ports.ImportRow{Email: "bad", LeftOut: []string{ports.LeftSecondFactor}},
	)
	result, _ := importRows(b, rows, dryRun)
	assert.Equal(t, ports.ImportUsersResult{Imported: 2, Refused: 1, WithoutPassword: 2, SecondFactors: 2, RequiredActions: 1}, result)
}

func TestImportUsers_NamesTheUserOfARowWithoutAnAddress(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	for name, row := range map[string]ports.ImportRow{
		`The user "ada"`:           {Username: "ada", ID: someID, LegacyID: "7"},
		`The user id "` + someID:   {ID: someID, LegacyID: "7", Email: " "},
		`The user legacy_id "7\""`: {LegacyID: "7\""},
		"The e-mail address is":    {},
	} {
		_, fates := importRows(b, numbered(row))
		assert.Equal(t, ports.ImportRefused, fates[0].Fate)
		assert.Contains(t, fates[0].Reason, name)
		assert.Contains(t, fates[0].Reason, "remove the row")
	}
}

func invite(cmd *ports.ImportUsersCommand) { cmd.Invite = true }

func TestImportUsers_InvitesUsersWithoutAPassword(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	hash := b.Hasher.HashOutdated(app.Secret(app.Password)).Encoded()
	rows := numbered(
		ports.ImportRow{Email: app.Ada},
		ports.ImportRow{Email: app.Bob, EmailVerified: "true", Role: "support"},
		ports.ImportRow{Email: "boss@example.com", Role: "admin"},
		ports.ImportRow{Email: "dropped@example.com", PasswordHash: "{SSHA}secret"},
		ports.ImportRow{Email: "hash@example.com", PasswordHash: hash},
		ports.ImportRow{Email: "off@example.com", Role: "admin", Status: "disabled"},
		ports.ImportRow{Email: "nonsense"},
	)
	want := ports.ImportUsersResult{
		Imported: 6, Refused: 1, Administrators: 2, RolesWithheld: 1, PasswordsDropped: 1, WithoutPassword: 5, Invited: 4, RolesInvited: 1,
	}
	assert.Empty(t, b.Mailed(func() {
		result, _ := importRows(b, rows, invite, dropHashes, dryRun)
		assert.Equal(t, want, result)
	}), "a dry run mails nobody")
	mails := b.Mailed(func() {
		result, _ := importRows(b, rows, invite, dropHashes)
		assert.Equal(t, want, result)
	})
	assert.ElementsMatch(t, []string{"invitation ada@example.com", "invitation bob@example.com", "invitation boss@example.com", "invitation dropped@example.com"}, mails)
	for _, again := range [][]func(*ports.ImportUsersCommand){{invite, dropHashes}, {dropHashes}} {
		assert.Empty(t, b.Mailed(func() {
			result, _ := importRows(b, rows, again...)
			assert.Equal(t, ports.ImportUsersResult{Present: 6, Refused: 1}, result)
		}), "a second import mails nobody")
	}

	boss := b.User("boss@example.com")
	assert.Equal(t, domain.RoleUser, boss.GrantedRole(), "the role comes by accepting")
	b.Clock.Advance(domain.MailInvitation.TokenLife() - time.Second)
	for _, email := range []string{app.Ada, app.Bob, "boss@example.com", "dropped@example.com"} {
		require.NoError(t, b.Reset(b.LastSecret(email), app.Another), email)
		b.Login(email, app.Another)
	}
	assert.Equal(t, domain.RoleAdmin, b.User("boss@example.com").Role())
	assert.Equal(t, domain.RoleSupport, b.User(app.Bob).Role())
}

func TestImportUsers_RecordsTheRolesThatItOffers(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	var rows []ports.ImportRow
	for i := range ports.MaxTransfer {
		rows = append(rows, ports.ImportRow{Email: fmt.Sprintf("u%d@example.com", i), Role: "admin"})
	}
	events := b.Recorded(func() { importRows(b, numbered(rows...), invite) })
	offers := 0
	for _, event := range events {
		if event.Type == domain.EventRoleInvited {
			assert.Equal(t, "admin", event.Detail)
			offers++
		}
	}
	assert.Equal(t, ports.MaxTransfer, offers)
	assert.Len(t, events, 4*ports.MaxTransfer, "with a mail that was asked for and sent")
}

// The clean-up of registrations that nobody confirmed leaves imported users alone.
func TestImportUsers_InvitedUsersOutliveTheirInvitation(t *testing.T) {
	t.Parallel()
	b := app.New(t, func(s *assembly.Settings) {
		s.EmailVerificationRequired, s.UnconfirmedRetention = true, 24*time.Hour
	})
	importRows(b, numbered(ports.ImportRow{Email: app.Ada}), invite)
	b.Clock.Advance(30 * 24 * time.Hour)
	_, err := b.UseCases.CleanUp.Execute(t.Context(), ports.CleanUpCommand{})
	require.NoError(t, err)
	require.Error(t, b.Reset(b.LastSecret(app.Ada), app.Another), "the link has expired")
	require.NoError(t, b.Reset(b.ResetSecret(app.Ada), app.Another))
}
