package badinput

import (
	"encoding/base32"
	"net/http"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// enrolled is what the fuzzer knows of second factors.
type enrolled struct {
	// guarded has a second factor, these recovery codes, and a login that waits for a code since
	// since.
	guarded           person
	factor, challenge string
	codes             []string
	since             time.Time
	// pending is a factor that the user with the id pendingOf has not confirmed.
	pending, pendingOf string
	pendingSecret      string
	pendingSince       time.Time
}

// guardedOperations are those that the best calls make as, or about, the guarded person.
var guardedOperations = []string{"continueLogin", "removeFactor", "removeFactorByPost", "renewRecoveryCodes", "removeUserFactors", "removeAllUserFactors"}

// aboutGuarded reports whether this is a best call about the guarded person.
func (g generator) aboutGuarded() bool { return g.best && slices.Contains(guardedOperations, g.op.id) }

// code is one that the operation accepts.
func (g generator) code() string {
	f := g.f
	switch {
	case g.op.id == "confirmTotp":
		return f.codeNow(f.enrolled.pendingSecret)
	case len(f.enrolled.codes) > 0:
		return f.enrolled.codes[0]
	}
	return "x"
}

// guard makes a person with a second factor, and begins a login.
func (f *fuzzer) guard() {
	f.Helper()
	who := f.newUser()
	id, secret := f.addFactor(who)
	confirmed := f.Post("/me/factors/totp/"+id+"/confirm", who.access, api.Object{"code": f.codeNow(secret)}).Is(http.StatusOK)
	login := f.Post("/login", "", api.Object{"email": who.email, "password": who.password}).Is(http.StatusForbidden)
	e := &f.enrolled
	e.guarded, e.factor, e.since = who, id, time.Now()
	e.codes = api.Decode[struct {
		Codes []string `json:"recovery_codes"`
	}](confirmed).Codes
	e.challenge = api.Decode[struct{ Challenge string }](login).Challenge
}

// addFactor begins to set up a factor.
func (f *fuzzer) addFactor(who person) (id, secret string) {
	f.Helper()
	added := api.Decode[struct{ ID, Secret string }](f.Post("/me/factors/totp", who.access, api.Object{"password": who.password}).Is(http.StatusCreated))
	f.secrets.Add(added.Secret)
	return added.ID, added.Secret
}

// codeNow returns the code that an authenticator application shows.
func (f *fuzzer) codeNow(secret string) string {
	f.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	require.NoError(f, err)
	t := domain.NewTOTP()
	return t.Code(key, t.Step(time.Now()))
}

// renewFactors replaces what can no longer be used: challenges live for five minutes, factors
// without their first code for ten.
func (f *fuzzer) renewFactors() {
	f.Helper()
	e := &f.enrolled
	if time.Since(e.since) > 2*time.Minute || len(e.codes) == 0 {
		f.guard()
	}
	if e.pendingOf != f.user.id {
		e.pending, e.pendingSecret = f.addFactor(f.user)
		e.pendingOf, e.pendingSince = f.user.id, time.Now()
	}
}

// retireFactors notes that an accepted call used up a code or a factor.
func (f *fuzzer) retireFactors(c call) {
	e := &f.enrolled
	switch {
	case c.op.id == "continueLogin":
		e.codes = e.codes[1:]
	case c.op.id == "confirmTotp":
		f.user.access = "retired" // from now on it needs codes
	case slices.Contains(guardedOperations, c.op.id):
		e.since = time.Time{}
	}
}
