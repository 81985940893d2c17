package httpapi

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// insufficient is the beginning of WWW-Authenticate for a session that lacks something.
const insufficient = `Bearer realm="auth-service", error="insufficient_user_authentication", ` +
	`error_description="This needs a more recent sign-in, or one with a second factor. Sign in again."`

// signedIn returns use cases for which every token is that of a user with a sign-in of some age,
// which had two factors or one.
func signedIn(factors bool, age time.Duration) ports.UseCases {
	var further []domain.Proof
	if factors {
		further = append(further, byCode())
	}
	u := goodUseCases()
	u.Authenticate = does[ports.AuthenticateCommand, ports.AuthenticateResult](func(context.Context, ports.AuthenticateCommand) (ports.AuthenticateResult, error) {
		return ports.AuthenticateResult{Principal: principalOf(testUser(domain.RoleSupport), further...), SignedInFor: age}, nil
	})
	return u
}

// F-A31: a session that lacks two factors, or whose sign-in is too old, is refused as RFC 9470 section 3
// has it. A sign-in of exactly the greatest age is let through.
func TestForwardAuth_DemandsTwoFactorsAndARecentSignIn(t *testing.T) {
	t.Parallel()
	const inside, beyond = 300 * time.Second, 300*time.Second + time.Nanosecond
	for name, tc := range map[string]struct {
		factors bool
		age     time.Duration
		// let are the demands that let the session through.
		let string
	}{
		"two factors just inside": {true, inside, "none mfa age both"},
		"two factors just beyond": {true, beyond, "none mfa"},
		"one factor just inside":  {false, inside, "none age"},
		"one factor just beyond":  {false, beyond, "none"},
		"a clock that went back":  {true, -time.Second, "none mfa age both"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := start(t, testConfig(), signedIn(tc.factors, tc.age))
			for demand, spellings := range map[string][]string{
				"none": {"", "?role=user", "/require/role=user/x"},
				"mfa":  {"?mfa=true", "?role=support&mfa=true", "/require/role=user,mfa=true", "/require/role=support,mfa=true/x?mfa=false"},
				"age":  {"?max_age=300", "?max_age=300&role=user", "/require/role=user,max_age=300", "/require/role=support,max_age=300/x?max_age=9"},
				"both": {"?mfa=true&max_age=300", "?max_age=300&role=support&mfa=true", "/require/role=user,mfa=true,max_age=300/x", "/require/role=user,max_age=300,mfa=true/"},
			} {
				for _, asked := range spellings {
					a := b.get(askedPath+asked, userToken, http.Header{"X-Auth-Methods": {"forged"}})
					if strings.Contains(tc.let, demand) {
						assert.Less(t, a.Status, http.StatusMultipleChoices, asked)
						assert.Equal(t, []string{map[bool]string{true: "pwd,otp,mfa", false: "pwd"}[tc.factors]}, a.Header["X-Auth-Methods"], asked)
						continue
					}
					isProblem(t, a, http.StatusUnauthorized, "insufficient_user_authentication")
					assert.NotContains(t, a.Header, "X-Auth-Methods", asked)
					assert.Empty(t, a.Header.Get("X-Auth-User-Id"), asked)
					want := insufficient
					if demand != "mfa" {
						want += `, max_age="300"`
					}
					assert.Equal(t, []string{want}, a.Header["Www-Authenticate"], asked)
				}
			}
		})
	}
}

// Requests without a token are told nothing about the demand, and roles count as ever.
func TestForwardAuth_OtherRefusalsAreAsWithoutADemand(t *testing.T) {
	t.Parallel()
	b := started(t)
	for _, asked := range []string{"?role=admin&mfa=true&max_age=301", "/require/role=admin,mfa=true,max_age=301/x"} {
		a := b.get(askedPath+asked, "", nil)
		isProblem(t, a, http.StatusUnauthorized, "unauthenticated")
		assert.Equal(t, []string{`Bearer realm="auth-service"`}, a.Header["Www-Authenticate"])
		isProblem(t, b.get(askedPath+asked, "expired", nil), http.StatusUnauthorized, "token_expired")
		assert.Less(t, b.get(askedPath+asked, factorsToken, nil).Status, http.StatusMultipleChoices)
	}
	recent := start(t, testConfig(), signedIn(true, time.Second))
	for _, asked := range []string{"?role=admin&mfa=true&max_age=300", "/require/role=admin,mfa=true,max_age=300/x"} {
		a := recent.get(askedPath+asked, userToken, nil)
		isProblem(t, a, http.StatusForbidden, "forbidden")
		assert.NotContains(t, a.Header, "X-Auth-Methods")
	}
}

// F-A31: a demand that is not understood lets no user through.
func TestForwardAuth_RefusesADemandThatItDoesNotUnderstand(t *testing.T) {
	t.Parallel()
	b := start(t, testConfig(), signedIn(true, 0))
	for _, query := range []string{
		"mfa=false", "mfa=", "mfa", "mfa=1", "mfa=TRUE", "mfa=true,", "mfa=true%20", "mfa=true&mfa=true", "mfa=true&mfa=false", "MFA=true", "mfa=true,max_age=300",
		"max_age=0", "max_age=-1", "max_age=01", "max_age=%2B1", "max_age=1.5", "max_age=1e2", "max_age=31536001", "max_age=99999999999999999999", "max_age=", "max_age", "max_age=5m", "max_age=0x10", "max_age=%201",
		"max_age=300&max_age=300", "max_age=300&max_age=31536000", "Max_Age=300", "maxage=300", "max-age=300", "role=user,mfa=true", "role=user%2Cmfa=true",
	} {
		a := b.get(askedPath+"?"+query, userToken, nil)
		assert.Equal(t, http.StatusUnprocessableEntity, a.Status, query)
		assert.NotContains(t, a.Header, "X-Auth-User-Id", query)
	}
	for _, words := range []string{
		",", ",,", ",mfa", ",mfa=", ",mfa=false", ",mfa=1", ",mfa=TRUE", ",MFA=true", ",mfa=true,", ",mfa=true,mfa=true", ",mfa=true,mfa=false", ",,mfa=true", ", mfa=true", ",%20mfa=true", ",mfa%3Dtrue", "%2Cmfa=true", "%2cmfa=true", ";mfa=true", "&mfa=true",
		",max_age", ",max_age=", ",max_age=0", ",max_age=-1", ",max_age=01", ",max_age=+1", ",max_age=1.5", ",max_age=31536001", ",max_age=99999999999999999999", ",max_age=300,", ",max_age=300,max_age=300", ",max_age=300,max_age=31536000", ",max_age=%33", ",maxage=300",
		",mfa=true%2Cmax_age=300", ",mfa=true,max_age=300,", ",mfa=true,max_age=300,x", ",role=user", ",mfa=true,role=user", ",amr=otp",
	} {
		for _, rest := range []string{"", "/", "/app/x?mfa=true"} {
			a := b.get(askedPath+"/require/role=user"+words+rest, userToken, nil)
			assert.Equal(t, http.StatusUnprocessableEntity, a.Status, words)
			assert.NotContains(t, a.Header, "X-Auth-User-Id", words)
		}
	}
	for _, asked := range []string{"?mfa=true", "?max_age=1", "?max_age=31536000", "/require/role=user,max_age=1/x", "/require/role=user,max_age=31536000,mfa=true"} {
		assert.Less(t, b.get(askedPath+asked, userToken, nil).Status, http.StatusMultipleChoices, asked)
	}
}

// F-A16, F-A31: no path, query or header of a client weakens a demand, under any method, and neither does
// a mistake of the operator.
func TestForwardAuth_BelowItsPathTheClientWeakensNoDemand(t *testing.T) {
	t.Parallel()
	b := silent(t, testConfig(), goodUseCases())
	methods := []string{"GET", "POST", "OPTIONS", "PROPFIND", "HEAD"}
	ask := func(method, prefix, path, token string) api.Answer {
		return b.from(t, "203.0.113.7", envoyAsks(method, prefix, path, token, "x-auth-methods: pwd,otp,mfa", "x-auth-user-id: forged", "x-original-url: "+askedPath))
	}
	for i, path := range hostilePaths() {
		for _, prefix := range []string{
			"/require/role=user,mfa=true", "/require/role=user,mfa=true/", "/require/role=user,max_age=300", "/require/role=user,max_age=300/", "/require/role=user,max_age=300,mfa=true", "/require/role=user,mfa=true,max_age=7200/",
			"?mfa=true", "?max_age=300", "?role=user&mfa=true", "/require/role=user,mfa=false", "/require/role=user,mfa", "/require/role=user,", "/require/role=user%2cmfa=true", "/require/mfa=true", "/mfa=true/",
		} {
			a := ask(methods[i%len(methods)], askedPath+prefix, path, adminToken)
			assert.GreaterOrEqual(t, a.Status, 400, "%s below %s", path, prefix)
			assert.NotContains(t, a.Header, "X-Auth-User-Id")
			assert.NotContains(t, a.Header, "X-Auth-Methods")
		}
	}
}
