package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A yardstick that accepted forged tokens would do less than the least work.
func TestSigner_TakesItsOwnTokensOnly(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 15, 9, 30, 0, 0, time.UTC)
	s := newSigner("one secret")
	user, session, refresh := newID(), newID(), newID()
	access := s.sign(nil, "access", user, session, id{}, now, accessLife)
	got, err := s.check(access, "access", now)
	require.NoError(t, err)
	assert.Equal(t, claims{Use: "access", User: user, Session: session, Expires: now.Add(accessLife).Unix()}, got)
	got, err = s.check(s.sign(nil, "refresh", user, session, refresh, now, refreshLife), "refresh", now)
	require.NoError(t, err)
	assert.Equal(t, refresh, got.Refresh)

	text := string(access)
	for name, forged := range map[string]string{
		"empty": "", "no signature": text[:strings.LastIndex(text, ".")], "cut off": text[:len(text)-1],
		"other payload": strings.Replace(text, ".ey", ".fy", 1), "other key": string(newSigner("another").sign(nil, "access", user, session, id{}, now, accessLife)),
	} {
		_, err := s.check([]byte(forged), "access", now)
		require.ErrorIs(t, err, errToken, name)
	}
	_, err = s.check(access, "refresh", now)
	require.ErrorIs(t, err, errToken, "another use")
	_, err = s.check(access, "access", now.Add(accessLife))
	require.ErrorIs(t, err, errToken, "expired")
}
