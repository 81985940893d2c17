package tokens_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

// T-14 in tokens: a name given twice has no meaning, and bytes must be UTF-8.
func TestParse_RefusesAmbiguousJSON(t *testing.T) {
	t.Parallel()
	s := newSigner(t, currentKey)
	head, claims := take(t, signAccess(t, s))
	h, c := text(t, head), text(t, claims)
	require.NoError(t, admitAccess(s, forgeText(currentKey, " "+h+" ", c), issuedAt))
	for name, token := range map[string]string{
		"alg twice":          forgeText(currentKey, `{"alg":"none",`+h[1:], c),
		"kid twice":          forgeText(currentKey, `{"kid":"x",`+h[1:], c),
		"role twice":         forgeText(currentKey, h, `{"role":"admin",`+c[1:]),
		"exp twice":          forgeText(currentKey, h, c[:len(c)-1]+`,"exp":4102444800}`),
		"unknown name twice": forgeText(currentKey, h, `{"x":1,"x":2,`+c[1:]),
		"trailing data":      forgeText(currentKey, h, c+"{}"),
		"invalid UTF-8":      forgeText(currentKey, h, `{"x":"`+"\xff"+`",`+c[1:]),
		"lone surrogate":     forgeText(currentKey, h, `{"x":"\ud800",`+c[1:]),
		"header an array":    forgeText(currentKey, "["+h+"]", c),
		"claims an array":    forgeText(currentKey, h, "["+c+"]"),
		"claims null":        forgeText(currentKey, h, "null"),
		"claims empty":       forgeText(currentKey, h, "{}"),
		"no JSON":            forgeText(currentKey, h, "role=admin"),
	} {
		refuseBoth(t, token, name)
	}
}

// S-23, S-25: every claim is required, in its one type, and has to hold.
func TestParse_RequiresEveryClaimInItsForm(t *testing.T) {
	t.Parallel()
	s := newSigner(t, currentKey)
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
	for i, token := range []string{signAccess(t, s), signRefresh(t, s)} {
		head, claims := take(t, token)
		for name := range claims {
			refuseBoth(t, forge(t, currentKey, head, claims.without(name)), "no "+name)
			require.Contains(t, bad, name)
			for _, value := range bad[name] {
				refuseBoth(t, forge(t, currentKey, head, claims.with(name, value)), name)
			}
			for _, literal := range []string{"NaN", "Infinity", "1e10", "1.0", "01772366400", "9223372036854775808"} {
				rest := text(t, claims.without(name))
				refuseBoth(t, forgeText(currentKey, text(t, head), `{"`+name+`":`+literal+`,`+rest[1:]), name+" "+literal)
			}
		}
		assert.Len(t, claims, []int{9, 8}[i])
	}
}

// S-23, S-25: what holds, holds within the leeway and not beyond.
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
