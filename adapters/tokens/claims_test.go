package tokens_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

// S-23, S-25: every claim is required, in its one type, and has to hold.
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
	bad["role"] = []any{"", "root", "Admin", nil, 1, []string{"admin"}}
	bad["gen"] = []any{0, -1, "7", 7.5, 1e308, true, nil}
	everySpecimen(t, func(t *testing.T, x specimen) {
		head, claims := take(t, x.token)
		for name := range claims {
			x.refuses(t, x.forge(t, head, claims.without(name)), "no "+name)
			x.refuses(t, x.forge(t, head, claims.without(name).with(strings.ToUpper(name), claims[name])), name+" in capitals")
			require.Contains(t, bad, name)
			for _, value := range bad[name] {
				x.refuses(t, x.forge(t, head, claims.with(name, value)), name)
			}
			for _, literal := range []string{"NaN", "Infinity", "1e10", "1.0", "01772366400", "9223372036854775808"} {
				rest := text(t, claims.without(name))
				x.refuses(t, x.forgeText(t, text(t, head), `{"`+name+`":`+literal+`,`+rest[1:]), name+" "+literal)
			}
		}
		assert.Len(t, claims, map[any]int{"at+jwt": 9, "rt+jwt": 8}[head["typ"]])
	})
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
