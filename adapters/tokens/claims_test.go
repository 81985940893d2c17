package tokens_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

// S-23, S-25: every claim is required, in its one type, and has to hold; amr, auth_time
// and client_id may be missing.
func TestParse_RequiresEveryClaimInItsForm(t *testing.T) {
	t.Parallel()
	bad := map[string][]any{
		"iss": {"", "elsewhere", "auth-service ", "Auth-Service", nil, 1, []string{"auth-service"}},
		"aud": {"", "elsewhere", []string{}, []string{"elsewhere"}, []any{1}, []any{[]string{"auth-service"}}, nil, 1, true, object{"a": 1}},
		"sub": {"", "1", strings.ToUpper(subject.String()), subject.String() + "\n", "00000000-0000-0000-0000-000000000000", nil, 1},
		"sid": {"", "1", strings.ReplaceAll(session.String(), "-", ""), nil, 1, []string{session.String()}},
		"jti": {"", nil, 1},
	}
	times := []any{0, -1, "1772366400", 1772366400.5, 1e308, true, nil, []int{1}, 253402300800, object{}}
	for _, name := range []string{"iat", "exp", "nbf"} {
		bad[name] = times
	}
	bad["auth_time"] = times
	bad["amr"] = []any{"pwd", "", []string{}, []string{""}, []any{"pwd", nil}, []any{1}, []any{[]string{"pwd"}}, nil, 1, true, object{"pwd": true}}
	bad["client_id"] = []any{nil, 1, true, []string{"mobile"}, object{}}
	bad["role"] = []any{"", nil, 1, []string{"admin"}}
	bad["gen"] = []any{0, -1, "7", 7.5, 1e308, true, nil}
	everySpecimen(t, func(t *testing.T, x specimen) {
		head, claims := take(t, x.token)
		for name := range claims {
			for why, token := range map[string]string{
				"no " + name:          x.forge(t, head, claims.without(name)),
				name + " in capitals": x.forge(t, head, claims.without(name).with(strings.ToUpper(name), claims[name])),
			} {
				if slices.Contains([]string{"amr", "auth_time", "client_id"}, name) {
					assert.NoError(t, x.admit(x.s, token), why)
				} else {
					x.refuses(t, token, why)
				}
			}
			require.Contains(t, bad, name)
			for _, value := range bad[name] {
				x.refuses(t, x.forge(t, head, claims.with(name, value)), name)
			}
			for _, literal := range []string{"NaN", "Infinity", "1e10", "1.0", "01772366400", "9223372036854775808"} {
				rest := text(t, claims.without(name))
				x.refuses(t, x.forgeText(t, text(t, head), `{"`+name+`":`+literal+`,`+rest[1:]), name+" "+literal)
			}
		}
		assert.Len(t, claims, map[any]int{"at+jwt": 12, "rt+jwt": 8}[head["typ"]])
	})
}

// Access tokens of earlier releases, which do not say how and by which client the user
// signed in, stay good until they expire.
func TestParse_ReadsTokensOfEarlierReleases(t *testing.T) {
	t.Parallel()
	s := newSigner(t, currentKey)
	head, claims := take(t, signAccess(t, s))
	old := forge(t, currentKey, head, claims.without("amr").without("auth_time").without("client_id"))
	got, err := s.ParseAccess(domain.NewSecret(old))
	require.NoError(t, err)
	want := accessClaims()
	want.Methods, want.AuthenticatedAt, want.ClientID = nil, time.Time{}, ""
	assert.Equal(t, want, got)
}

// F-H3: a role of a newer release verifies as user.
func TestParse_ReadsAnUnknownRoleAsUser(t *testing.T) {
	t.Parallel()
	s := newSigner(t, currentKey)
	head, claims := take(t, signAccess(t, s))
	for _, role := range []string{"owner", "root", "Admin"} {
		got, err := s.ParseAccess(domain.NewSecret(forge(t, currentKey, head, claims.with("role", role))))
		require.NoError(t, err)
		assert.Equal(t, domain.RoleUser, got.Role, role)
		assert.ErrorIs(t, got.Require(domain.RoleAdmin), domain.ErrForbidden)
	}
}

// S-23, S-25: times hold within the leeway and not beyond. T-18: clocks that differ
// are tested by a time of the test's own, because nothing shifts the clock of a Go
// program from outside.
func TestParse_TogetherWithTheRulesOfTime(t *testing.T) {
	t.Parallel()
	s := newSigner(t, currentKey)
	head, claims := take(t, signAccess(t, s))
	at := func(name string, offset time.Duration) string {
		return forge(t, currentKey, head, claims.with(name, issuedAt.Add(offset).Unix()))
	}
	leeway := rules.Leeway
	assert.NoError(t, admitAccess(s, at("exp", 1-leeway+time.Second), issuedAt))
	assert.ErrorIs(t, admitAccess(s, at("exp", -leeway-time.Second), issuedAt), domain.ErrTokenExpired)
	assert.NoError(t, admitAccess(s, at("nbf", leeway), issuedAt))
	assert.ErrorIs(t, admitAccess(s, at("nbf", leeway+5*time.Second), issuedAt), domain.ErrUnauthenticated)
	assert.NoError(t, admitAccess(s, at("iat", leeway), issuedAt))
	assert.ErrorIs(t, admitAccess(s, at("iat", leeway+5*time.Second), issuedAt), domain.ErrUnauthenticated)
	assert.NoError(t, admitAccess(s, forge(t, currentKey, head, claims.with("aud", []string{"x", "auth-service"})), issuedAt))
}
