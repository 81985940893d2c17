package domain_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

func claimMap(t *testing.T, text string) domain.ClaimMap {
	t.Helper()
	m, err := domain.ParseClaimMap(text)
	require.NoError(t, err)
	return m
}

func TestParseClaimMap_ReadsEntries(t *testing.T) {
	t.Parallel()
	m := claimMap(t, " email, name=profile.name ,tenant_id=app.tenant.id,Level=app.level,contact=email")
	assert.Equal(t, []string{"email", "name", "tenant_id", "Level", "contact"}, m.Names())
	assert.Equal(t, []string{"X-Auth-Email", "X-Auth-Name", "X-Auth-Tenant-Id", "X-Auth-Level", "X-Auth-Contact"}, m.Headers())
	assert.Equal(t, []string{"name"}, m.FromProfile())
	assert.True(t, m.ReadsMetadata())
	for _, text := range []string{"", "  ", "email"} {
		assert.False(t, claimMap(t, text).ReadsMetadata())
	}
}

// Every claim that the service sets or reserves is refused, in any spelling, and so is a name
// whose header equals one of the service or of another claim.
func TestParseClaimMap_RefusesNamesOfTheService(t *testing.T) {
	t.Parallel()
	for _, name := range strings.Fields("iss sub aud exp nbf iat jti sid gen client_id role roles groups permissions scope amr acr auth_time act cnf azp nonce email_verified " +
		"Role ROLES client-id ClientID Client.Id auth-time EmailVerified user_id UserId user.email USER-EMAIL session_id sessionid e_mail-verified methods Methods METH-ODS") {
		_, err := domain.ParseClaimMap(name + "=app.x")
		require.ErrorContains(t, err, "sets or reserves", name)
	}
	for _, text := range []string{
		",", "email,", "=app.x", "1a=app.x", "a b=app.x", "ä=app.x", strings.Repeat("a", 33) + "=app.x", "tenant", "tenant=", "tenant=other.x", "tenant=app", "tenant=app.", "tenant=app..x",
		"tenant=profile.x.", "tenant=email.x", "email=profile.email", "Email=app.mail", "a_b=app.x,a-b=app.y", "ab=app.x,A.B=app.y", "email,email",
		strings.TrimSuffix(strings.Repeat("x=app.x,", 17), ","),
	} {
		_, err := domain.ParseClaimMap(text)
		require.Error(t, err, text)
	}
}

func metadataOf(t *testing.T, profile, app string) *domain.Metadata {
	t.Helper()
	m, err := domain.RestoreMetadata(domain.MetadataSnapshot{UserID: aliceID, Profile: profile, App: app, Version: 1, UpdatedAt: start})
	require.NoError(t, err)
	return m
}

func TestClaimMap_ValuesFollowTheirSources(t *testing.T) {
	t.Parallel()
	m := claimMap(t, "email,name=profile.name,tenant=app.tenant.id,level=app.level,beta=app.beta,tags=app.tags,gone=app.gone,odd=profile.odd")
	u := newAlice(t)
	metadata := metadataOf(t, `{"name":"Ada Löwe","odd":{"a":1}}`, `{"tenant":{"id":"acme"},"level":1.50,"beta":true,"tags":["a","b,c"]}`)
	want := map[string]any{"name": "Ada Löwe", "tenant": "acme", "level": json.Number("1.50"), "beta": true, "tags": []string{"a", "b,c"}}
	assert.Equal(t, want, m.Values(u, metadata), "no address that is not confirmed")
	u.VerifyEmail(later)
	want["email"] = "alice@example.com"
	assert.Equal(t, want, m.Values(u, metadata))
	assert.Nil(t, domain.ClaimMap{}.Values(u, metadata))
	assert.Equal(t, map[string]any{"email": "alice@example.com"}, claimMap(t, "email").Values(u, nil))
}

func TestMetadata_ClaimsKeepTheirRulesWhenTheyAreWritten(t *testing.T) {
	t.Parallel()
	m := claimMap(t, "name=profile.name,nick=profile.nick,a=profile.a,b=profile.b,c=profile.c,d=profile.d,tenant=app.tenant")
	for text, ok := range map[string]bool{
		`{"name":"` + strings.Repeat("é", 128) + `"}`:  true,
		`{"name":"` + strings.Repeat("é", 128) + `x"}`: false,
		`{"name":"a\nb"}`:        false,
		`{"name":"M\ufffdller"}`: false, // no verifier takes a token with it
		`{"name":"a\u007fb"}`:    false,
		`{"name":"a\u0085b"}`:    false,
		`{"name":{"a":1}}`:       false,
		`{"name":["a",1]}`:       false,
		`{"name":["a","b"]}`:     true,
		`{"name":["` + strings.Repeat("x", 256) + `","b"]}`: false,
		`{"name":[]}`:                            true,
		`{"name":7}`:                             true,
		`{"name":false}`:                         true,
		`{"other":"a\nb","list":[1,{"a":null}]}`: true,
	} {
		_, err := domain.NewMetadata(aliceID).Apply(domain.MetadataPatch{Profile: text}, m, start)
		if ok {
			require.NoError(t, err, text)
			continue
		}
		require.ErrorIs(t, err, domain.ErrInvalidMetadata, text)
		assert.ErrorContains(t, err, "name")
	}

	long := strings.Repeat("x", 256)
	metadata := domain.NewMetadata(aliceID)
	_, err := metadata.Apply(domain.MetadataPatch{Profile: `{"a":"` + long + `","b":"` + long + `","c":"` + long + `","d":"` + long + `"}`}, m, start)
	require.NoError(t, err, "1 KiB in all")
	_, err = metadata.Apply(domain.MetadataPatch{Profile: `{"nick":"y"}`}, m, start)
	require.ErrorContains(t, err, "1 KiB")

	// Whatever a user wrote hinders no administrator, and app comes first.
	_, err = metadata.Apply(domain.MetadataPatch{App: `{"tenant":"acme"}`}, m, start)
	require.NoError(t, err)
	values := m.Values(newAlice(t), metadata)
	assert.Equal(t, "acme", values["tenant"])
	assert.NotContains(t, values, "d")
	assert.Contains(t, values, "c")
}

// Values that were written before the setting are left out of tokens, and do not keep a user from
// changing others.
func TestMetadata_OldValuesHinderNoChange(t *testing.T) {
	t.Parallel()
	m := claimMap(t, "name=profile.name")
	metadata := metadataOf(t, `{"name":"a\nb","theme":"dark"}`, "{}")
	assert.Empty(t, m.Values(newAlice(t), metadata))
	_, err := metadata.Apply(domain.MetadataPatch{Profile: `{"theme":"light"}`}, m, later)
	require.NoError(t, err)
	_, err = metadata.Apply(domain.MetadataPatch{Profile: `{"name":"c\nd"}`}, m, later)
	require.ErrorIs(t, err, domain.ErrInvalidMetadata)
	_, err = metadata.Apply(domain.MetadataPatch{Profile: `{"name":null}`}, m, later)
	require.NoError(t, err)
}
