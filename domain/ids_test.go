package domain_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

const someID = "0195a3b4-c5d6-7e8f-9012-3456789abcde"

var malformedIDs = []string{
	"", " ", "me", someID[:35], someID + "0", " " + someID, someID + "\n",
	strings.ToUpper(someID), // B-22: one spelling per identifier
	"0195A3b4-c5d6-7e8f-9012-3456789abcde",
	"{" + someID + "}", "urn:uuid:" + someID, strings.ReplaceAll(someID, "-", ""),
	"0195a3b4c-5d6-7e8f-9012-3456789abcde",
	"0195a3b4-c5d6-7e8f-9012-3456789abcdg",
	"0195a3b4_c5d6_7e8f_9012_3456789abcde",
	"0195a3b4-c5d6-7e8f-9012-3456789abc\x00e",
	"00000000-0000-0000-0000-000000000000",
	"1 OR 1=1", "id=1", strings.Repeat("0", 400),
}

func TestParseIDs_ReadWhatTheyWrite(t *testing.T) {
	t.Parallel()
	user, err := domain.ParseUserID(someID)
	require.NoError(t, err)
	session, err := domain.ParseSessionID(someID)
	require.NoError(t, err)
	token, err := domain.ParseTokenID(someID)
	require.NoError(t, err)
	factor, err := domain.ParseFactorID(someID)
	require.NoError(t, err)
	assert.Equal(t, someID, factor.String())
	assert.True(t, !factor.IsZero() && domain.FactorID{}.IsZero())
	assert.Equal(t, someID, user.String())
	assert.Equal(t, someID, session.String())
	assert.Equal(t, someID, token.String())
	assert.Equal(t, someID, domain.DeviceID(user).String())
	assert.Equal(t, someID, domain.EventID(user).String())
	assert.Equal(t, byte(0x01), user[0])
	assert.Equal(t, byte(0xde), user[15])
	assert.False(t, user.IsZero() || session.IsZero() || token.IsZero())
	assert.True(t, domain.UserID{}.IsZero() && domain.SessionID{}.IsZero() && domain.TokenID{}.IsZero())
	assert.True(t, domain.DeviceID{}.IsZero() && domain.EventID{}.IsZero())
	assert.False(t, domain.DeviceID(user).IsZero() || domain.EventID(user).IsZero())
}

func TestParseIDs_RefuseMalformedTexts(t *testing.T) {
	t.Parallel()
	for _, s := range malformedIDs {
		user, err := domain.ParseUserID(s)
		require.ErrorIs(t, err, domain.ErrUserNotFound, "%q", s)
		assert.True(t, user.IsZero())
		session, err := domain.ParseSessionID(s)
		require.ErrorIs(t, err, domain.ErrSessionNotFound, "%q", s)
		assert.True(t, session.IsZero())
		token, err := domain.ParseTokenID(s)
		require.ErrorIs(t, err, domain.ErrTokenNotFound, "%q", s)
		assert.True(t, token.IsZero())
		factor, err := domain.ParseFactorID(s)
		require.ErrorIs(t, err, domain.ErrFactorNotFound, "%q", s)
		assert.True(t, factor.IsZero())
	}
}

// checkID checks that a parser accepts only one spelling of every identifier.
func checkID(t *testing.T, s string, id [16]byte, text string, err, notFound error) {
	t.Helper()
	if err != nil {
		require.ErrorIs(t, err, notFound)
		require.Zero(t, id)
		return
	}
	require.Equal(t, s, text)
	require.NotZero(t, id)
}

func FuzzParseUserID(f *testing.F) {
	addIDs(f)
	f.Fuzz(func(t *testing.T, s string) {
		id, err := domain.ParseUserID(s)
		checkID(t, s, id, id.String(), err, domain.ErrUserNotFound)
	})
}

func FuzzParseSessionID(f *testing.F) {
	addIDs(f)
	f.Fuzz(func(t *testing.T, s string) {
		id, err := domain.ParseSessionID(s)
		checkID(t, s, id, id.String(), err, domain.ErrSessionNotFound)
	})
}

func FuzzParseTokenID(f *testing.F) {
	addIDs(f)
	f.Fuzz(func(t *testing.T, s string) {
		id, err := domain.ParseTokenID(s)
		checkID(t, s, id, id.String(), err, domain.ErrTokenNotFound)
	})
}

func FuzzParseFactorID(f *testing.F) {
	addIDs(f)
	f.Fuzz(func(t *testing.T, s string) {
		id, err := domain.ParseFactorID(s)
		checkID(t, s, id, id.String(), err, domain.ErrFactorNotFound)
	})
}

func addIDs(f *testing.F) {
	f.Helper()
	f.Add(someID)
	for _, s := range malformedIDs {
		f.Add(s)
	}
}
