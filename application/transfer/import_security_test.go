package transfer_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
