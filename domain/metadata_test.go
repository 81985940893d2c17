package domain_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

// The examples of RFC 7396, appendix A, that patch an object by an object.
func TestMetadata_MergesAsTheStandardSays(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ original, patch, want string }{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`{"e":null}`, `{"a":1}`, `{"a":1}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
		{`{"a":"b"}`, `null`, `{}`},
		{`{"n":1.50}`, `{"big":12345678901234567890}`, `{"big":12345678901234567890,"n":1.50}`},
		{`{}`, `{"t":"<&>\u2028é"}`, `{"t":"<&>\u2028é"}`},
	} {
		m := domain.NewMetadata(aliceID)
		_, err := m.Apply(domain.MetadataPatch{Profile: c.original}, domain.ClaimMap{}, start)
		require.NoError(t, err)
		_, err = m.Apply(domain.MetadataPatch{Profile: c.patch}, domain.ClaimMap{}, later)
		require.NoError(t, err)
		assert.JSONEq(t, c.want, m.Profile(), c.patch)
		assert.Equal(t, "{}", m.App())
	}
}

func TestMetadata_RefusesWhatIsNoObject(t *testing.T) {
	t.Parallel()
	deep := func(n int) string { return strings.Repeat(`{"a":`, n) + "1" + strings.Repeat("}", n) }
	for name, text := range map[string]string{
		"a list": "[]", "a text": `"a"`, "nothing": " ", "broken": "{", "more": "{}{}", "a comma": `{"a":1,}`, "twice": `{"a":1,"a":2}`, "twice inside": `{"o":{"a":1,"a":2}}`,
		"twice by an escape": `{"a":1,"\u0061":2}`, "NUL": `{"a":"\u0000"}`, "NUL in a name": `{"\u0000":1}`, "half a pair": `{"a":"\ud800"}`, "the other half": `{"a":"\udc00"}`,
		"no UTF-8": "{\"a\":\"\xff\"}", "too large a number": `{"a":1e999}`, "too deep": deep(domain.MaxObjectDepth + 1), "far too deep": deep(10_000),
		"too large": `{"a":"` + strings.Repeat("x", domain.MaxObjectSize) + `"}`, "far too large": `{"a":"` + strings.Repeat("x", 1<<20) + `"}`,
	} {
		for _, field := range []string{"profile", "app"} {
			m := domain.NewMetadata(aliceID)
			patch := domain.MetadataPatch{Profile: text}
			if field == "app" {
				patch = domain.MetadataPatch{App: text}
			}
			_, err := m.Apply(patch, domain.ClaimMap{}, start)
			require.ErrorIs(t, err, domain.ErrInvalidMetadata, name)
			var refusal *domain.Error
			require.ErrorAs(t, err, &refusal)
			assert.Equal(t, field, refusal.Field)
			assert.Equal(t, domain.NewMetadata(aliceID).Snapshot(), m.Snapshot(), name)
		}
	}
	m := domain.NewMetadata(aliceID)
	for _, text := range []string{deep(domain.MaxObjectDepth), `{"a":"` + strings.Repeat("x", domain.MaxObjectSize-8) + `"}`, `{"a":"\ud83d\ude00\\ud800"}`} {
		_, err := m.Apply(domain.MetadataPatch{Profile: "null", App: text}, domain.ClaimMap{}, start)
		require.NoError(t, err, text[:10])
	}
}

func TestMetadata_ChangesOnlyTheVersionThatItWasMadeFor(t *testing.T) {
	t.Parallel()
	m, err := domain.RestoreMetadata(domain.MetadataSnapshot{UserID: aliceID, Profile: `{"a":1}`, App: "{}", Version: 7, UpdatedAt: start})
	require.NoError(t, err)
	stale, present := int64(6), int64(7)
	_, err = m.Apply(domain.MetadataPatch{Profile: `{"a":2}`, Version: &stale}, domain.ClaimMap{}, later)
	require.ErrorIs(t, err, domain.ErrVersionConflict)
	change, err := m.Apply(domain.MetadataPatch{Profile: `{"a":1}`, Version: &present}, domain.ClaimMap{}, later)
	require.NoError(t, err)
	assert.False(t, change.Any())
	assert.Equal(t, start, m.Snapshot().UpdatedAt)
	change, err = m.Apply(domain.MetadataPatch{Profile: `{"a":2}`, App: `{"b":1}`, Version: &present}, domain.ClaimMap{}, later)
	require.NoError(t, err)
	assert.Equal(t, []domain.EventType{domain.EventProfileChanged, domain.EventAppChanged}, change.Events())
	assert.Equal(t, domain.MetadataSnapshot{UserID: aliceID, Profile: `{"a":2}`, App: `{"b":1}`, Version: 8, UpdatedAt: later}, m.Saved().Snapshot())
}

func TestRestoreMetadata_ChecksTheStructure(t *testing.T) {
	t.Parallel()
	good := domain.MetadataSnapshot{UserID: aliceID, Profile: "{}", App: "{}", Version: 1, UpdatedAt: start}
	for _, edit := range []func(*domain.MetadataSnapshot){
		func(s *domain.MetadataSnapshot) { s.UserID = domain.UserID{} }, func(s *domain.MetadataSnapshot) { s.Profile = "" },
		func(s *domain.MetadataSnapshot) { s.App = "null" }, func(s *domain.MetadataSnapshot) { s.Version = -1 },
	} {
		s := good
		edit(&s)
		_, err := domain.RestoreMetadata(s)
		require.Error(t, err)
	}
	m, err := domain.RestoreMetadata(good)
	require.NoError(t, err)
	assert.Equal(t, good, m.Snapshot())
}

// Law: a profile that Apply accepts is within the bounds, and stays as it is when it is applied
// to itself.
func FuzzMetadata_Apply(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":[1,{"b":null}],"c":"é\u0041"}`, `{"a":1.0e5,"b":-0}`, `[]`, `{"a":"\ud83d\ude00"}`, `null`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m := domain.NewMetadata(aliceID)
		if _, err := m.Apply(domain.MetadataPatch{Profile: text}, domain.ClaimMap{}, later); err != nil {
			require.ErrorIs(t, err, domain.ErrInvalidMetadata)
			assert.Equal(t, "{}", m.Profile())
			return
		}
		profile := m.Profile()
		assert.True(t, text == "" || json.Valid([]byte(text)))
		assert.True(t, json.Valid([]byte(profile)))
		assert.LessOrEqual(t, len(profile), domain.MaxObjectSize)
		assert.NotContains(t, profile, `\u0000`)
		change, err := m.Apply(domain.MetadataPatch{Profile: profile}, domain.ClaimMap{}, later)
		require.NoError(t, err)
		assert.False(t, change.Any())
		assert.Equal(t, profile, m.Profile())
	})
}

// F-H2: an unproven claim's profile goes with its password; a proven one's and an administrator's stays.
func TestUser_DropsTheProfileWithAnUnprovenPassword(t *testing.T) {
	t.Parallel()
	hash := domain.NewPasswordHash("new hash")
	for name, c := range map[string]struct {
		verified bool
		do       func(u *domain.User)
		want     bool
	}{
		"contested":                      {false, func(u *domain.User) { u.Contest(later) }, true},
		"dropped":                        {false, func(u *domain.User) { u.DropPassword(later) }, true},
		"invited":                        {false, func(u *domain.User) { u.Invite(domain.RoleAdmin, later) }, true},
		"reset":                          {false, func(u *domain.User) { u.ResetPassword(hash, later) }, true},
		"confirmed without a proof":      {false, func(u *domain.User) { u.Confirm(domain.Confirmed{DropsPassword: true}, later) }, true},
		"confirmed with a proof":         {false, func(u *domain.User) { u.Confirm(domain.Confirmed{}, later) }, false},
		"changed by its user":            {false, func(u *domain.User) { u.SetPassword(hash, later) }, false},
		"upgraded":                       {false, func(u *domain.User) { u.UpgradeHash(hash, later) }, false},
		"reset of a confirmed address":   {true, func(u *domain.User) { u.ResetPassword(hash, later) }, false},
		"recovered with a confirmed one": {true, func(u *domain.User) { u.DropPassword(later) }, false},
		"disabled":                       {false, func(u *domain.User) { u.Disable(later) }, false},
		"moved, an administrator": {true, func(u *domain.User) {
			u.ChangeRole(domain.RoleAdmin, later)
			u.AssignEmail(email(t, "alice@example.org"), false, later)
		}, false},
		"moved by an administrator, plain": {true, func(u *domain.User) { u.AssignEmail(email(t, "alice@example.org"), false, later) }, false},
	} {
		u := newAlice(t)
		if c.verified {
			u.VerifyEmail(start)
		}
		c.do(u)
		assert.Equal(t, c.want, u.DropsProfile(), name)
		restored, err := domain.RestoreUser(u.Snapshot())
		require.NoError(t, err)
		assert.False(t, restored.DropsProfile(), "a loaded user has dropped nothing")
	}
	invited := domain.NewUser(aliceID, email(t, "alice@example.com"), domain.PasswordHash{}, domain.RoleUser, start)
	invited.AcceptInvitation(hash, later)
	assert.False(t, invited.DropsProfile(), "an administrator's profile of an invited user stays")
}
