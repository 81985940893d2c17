package migrations

import (
	"database/sql"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func text(s string) sql.NullString { return sql.NullString{String: s, Valid: true} }

func TestLegacyShape_NamesEveryMissingColumn(t *testing.T) {
	t.Parallel()
	_, err := newLegacyShape([]string{"user_id", "username", "password"})
	require.EqualError(t, err, "the database has a users table that cannot be adopted and nothing was changed: "+
		"it lacks the columns id, email, hashed_password or password_hash")
	_, err = newLegacyShape([]string{"id", "email"})
	require.ErrorContains(t, err, "it lacks the columns hashed_password or password_hash")
}

func TestLegacyShape_LeavesUnknownColumnsBehind(t *testing.T) {
	t.Parallel()
	shape, err := newLegacyShape([]string{"id", "email", "hashed_password", "is_active", "phone", "avatar_url"})
	require.NoError(t, err)
	assert.Equal(t, []string{"phone", "avatar_url"}, shape.leftBehind)
}

func TestLegacyRow_KeepsClosedAccountsClosed(t *testing.T) {
	t.Parallel()
	shape, err := newLegacyShape([]string{"id", "email", "password_hash", "is_active", "deleted_at"})
	require.NoError(t, err)
	for _, c := range []struct {
		active, deleted sql.NullString
		want            string
	}{
		{text("1"), sql.NullString{}, "active"},
		{text("true"), sql.NullString{}, "active"},
		{text("0"), sql.NullString{}, "disabled"},
		{text("false"), sql.NullString{}, "disabled"},
		{sql.NullString{}, sql.NullString{}, "disabled"},
		{text("perhaps"), sql.NullString{}, "disabled"},
		{text("1"), text("2024-01-01 00:00:00"), "disabled"},
	} {
		row := newLegacyRow(shape)
		row.active, row.barring[0] = c.active, c.deleted
		assert.Equal(t, c.want, row.adoptedStatus(shape), "%v %v", c.active, c.deleted)
	}

	shape, err = newLegacyShape([]string{"id", "email", "password_hash"})
	require.NoError(t, err)
	assert.Equal(t, "active", newLegacyRow(shape).adoptedStatus(shape), "no column could close an account")

	shape, err = newLegacyShape([]string{"id", "email", "password_hash", "status"})
	require.NoError(t, err)
	row := newLegacyRow(shape)
	row.status = text("ACTIVE")
	assert.Equal(t, "active", row.adoptedStatus(shape))
	row.status = text("suspended")
	assert.Equal(t, "disabled", row.adoptedStatus(shape))
}

func TestLegacyRow_GrantsAdminOnlyWhereItIsClear(t *testing.T) {
	t.Parallel()
	shape, err := newLegacyShape([]string{"id", "email", "password_hash", "role", "is_superuser"})
	require.NoError(t, err)
	for _, c := range []struct{ role, superuser, want, demoted string }{
		{"admin", "0", "admin", ""},
		{"ADMIN", "0", "admin", ""},
		{"user", "1", "admin", ""},
		{"user", "0", "user", ""},
		{"USER", "", "user", ""},
		{"moderator", "false", "user", "moderator"},
		{"administrators_guest", "", "user", "administrators_guest"},
	} {
		row := newLegacyRow(shape)
		row.role, row.admin[0] = text(c.role), text(c.superuser)
		assert.Equal(t, c.want, row.adoptedRole(), c.role)
		assert.Equal(t, c.demoted, row.demoted(), c.role)
	}
}

func TestAdoptedID_KeepsUUIDsAndReplacesTheRest(t *testing.T) {
	t.Parallel()
	const canonical = "6f1c1f0e-58a5-4b2e-9d0b-0c6b3a0f4a01"
	for _, spelling := range []string{canonical, "6F1C1F0E-58A5-4B2E-9D0B-0C6B3A0F4A01", "6f1c1f0e58a54b2e9d0b0c6b3a0f4a01"} {
		id, err := adoptedID(spelling)
		require.NoError(t, err)
		assert.Equal(t, canonical, id)
	}
	for _, other := range []string{"1", "-7", "9223372036854775807", "01HZX3V7M8", "ckv1x2y3z"} {
		id, err := adoptedID(other)
		require.NoError(t, err)
		assert.Regexp(t, "^.{14}7", id, "a new one, of version 7")
	}
	for _, none := range []string{"", "00000000-0000-0000-0000-000000000000"} {
		_, err := adoptedID(none)
		require.Error(t, err)
	}
}

func TestAdoptedTime_ReadsTimesOfTheOlderService(t *testing.T) {
	t.Parallel()
	want := time.Date(2024, 2, 3, 4, 5, 6, 789000000, time.UTC)
	for _, spelling := range []string{
		"2024-02-03 04:05:06.789", "2024-02-03 04:05:06.789000", "2024-02-03T04:05:06.789Z", "2024-02-03 04:05:06.789+00",
		"2024-02-03 06:05:06.789+02", "2024-02-03T06:05:06.789+02:00", "2024-02-03 09:35:06.789+0530", "2024-02-03T04:05:06.7890004Z",
	} {
		got, err := adoptedTime(text(spelling), time.Time{})
		require.NoError(t, err, spelling)
		assert.Equal(t, want, got, spelling)
	}
	got, err := adoptedTime(sql.NullString{}, want)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	for _, wrong := range []string{"", "yesterday", "infinity", "1700000000", "0044-03-15 12:00:00 BC", "2024-13-01"} {
		_, err := adoptedTime(text(wrong), want)
		require.Error(t, err, wrong)
	}
}
