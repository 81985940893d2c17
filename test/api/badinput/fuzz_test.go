package badinput

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/openapicheck"
)

// callsPerCheck makes, with rapid's 100 checks, 2,500 calls on each database:
// 5,000 a run. More: -rapid.checks.
const callsPerCheck = 25

// allowed is a little less than the five seconds that a request has in all. On a
// machine that is too busy for it, 503 is the right answer.
const allowed = 4 * time.Second

// B-39: calls generated from the document that the service serves, valid and not,
// without a login, by a user and by an administrator, on their own objects and on
// others'. No 5xx, no status that the document does not list, no body that it
// does not describe. A call that violates a schema is never accepted; one that
// meets it is never refused for its form. A failure prints the seed to repeat it.
func TestB39_CallsMadeFromTheDocument(t *testing.T) {
	t.Parallel()
	for name, start := range services {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			document, err := openapi3.NewLoader().LoadFromData(s.document)
			require.NoError(t, err)
			operations := operationsOf(document)
			require.Greater(t, len(operations), 20)
			f := &fuzzer{probe: s.probe(t), operations: operations, seen: map[string]int{}}
			f.renew()
			rapid.Check(t, func(t *rapid.T) {
				f.renew()
				for range callsPerCheck {
					f.call(t)
				}
			})
			f.alive()
			for _, op := range operations {
				assert.Positive(t, f.seen[op.id], "%s was never called", op.id)
				assert.Positive(t, f.seen[op.id+" accepted"]+f.seen[op.id+" needs a mail"], "%s was never accepted", op.id)
			}
			t.Logf("%d calls, %d accepted", f.seen["all"], f.seen["accepted"])
		})
	}
}

// fuzzer makes calls. The users of its probe do not change; its own users lose
// their sessions, passwords and accounts, and are then replaced.
type fuzzer struct {
	probe
	operations        []operation
	root, user, other person
	seen              map[string]int
	// challenge is what a login answered whose password must change; it began at since.
	challenge string
	since     time.Time
	enrolled  enrolled
}

// renew replaces users that cannot act any more.
func (f *fuzzer) renew() {
	f.Helper()
	if time.Since(f.since) > 2*time.Minute { // it is good for five
		f.demand()
	}
	if time.Since(f.enrolled.pendingSince) > 5*time.Minute {
		f.user.access = "retired"
	}
	for _, who := range []*person{&f.root, &f.user, &f.other} {
		me := f.Get("/me", who.access)
		role := api.Decode[user](me).Role
		if me.Status == http.StatusOK && (role == "admin") == (who == &f.root) {
			continue
		}
		*who = f.newUser()
		if who == &f.root {
			f.Do(api.Request{Method: http.MethodPatch, Path: api.Prefix + "/admin/users/" + who.id, Token: f.admin.access, Body: api.Object{"role": "admin"}}).Is(http.StatusOK)
		}
	}
	f.renewFactors()
}

// demand makes a user whose password must change, and notes the challenge of a login.
func (f *fuzzer) demand() {
	f.Helper()
	due := f.newUser()
	f.Do(api.Request{Method: http.MethodPatch, Path: api.Prefix + "/admin/users/" + due.id, Token: f.admin.access, Body: api.Object{"password_change_required": true}}).Is(http.StatusOK)
	a := f.Post("/login", "", api.Object{"email": due.email, "password": due.password}).Is(http.StatusForbidden)
	f.challenge, f.since = api.Decode[struct{ Challenge string }](a).Challenge, time.Now()
}

// waiting returns the operations of which no call was accepted yet. A quarter of the calls goes to
// them, because some are accepted so seldom that chance alone may leave one out.
func (f *fuzzer) waiting() []operation {
	return slices.DeleteFunc(slices.Clone(f.operations), func(op operation) bool {
		return f.seen[op.id+" accepted"]+f.seen[op.id+" needs a mail"] > 0
	})
}

// call makes one call and judges its answer.
func (f *fuzzer) call(t *rapid.T) {
	operations := f.operations
	if waiting := f.waiting(); len(waiting) > 0 && rapid.IntRange(0, 3).Draw(t, "one that waits") == 0 {
		operations = waiting
	}
	c := f.draw(t, rapid.SampledFrom(operations).Draw(t, "operation"))
	header := c.header.Clone()
	if header.Get("Content-Type") == "" {
		header["Content-Type"] = nil // not even the client's own
	}
	body := any(nil)
	if c.body != nil {
		body = c.body
	}
	complaint := ""
	caller := f.Client
	caller.Check = func(request *http.Request, response *http.Response, _ []byte, a api.Answer) {
		complaint = f.complaint(c, request, response, a)
	}
	a, err := caller.Try(api.Request{Method: c.op.method, Path: c.path, Body: body, Header: header})
	if err != nil {
		t.Fatalf("%v: %v", c, err)
	}
	if complaint != "" {
		t.Fatalf("%v\nanswered %d %s\n%s", c, a.Status, a.Body, complaint)
	}
	f.seen["all"]++
	f.seen[c.op.id]++
	if a.Status < http.StatusMultipleChoices {
		f.seen["accepted"]++
		f.seen[c.op.id+" accepted"]++
		f.retire(c)
	}
	if a.Status == http.StatusBadRequest && a.Code == "invalid_or_expired_token" {
		f.seen[c.op.id+" needs a mail"]++ // the one token that would do is in a mail
	}
}

// retire replaces a user whose password the call changed, because the fuzzer does
// not know the new one.
func (f *fuzzer) retire(c call) {
	f.retireFactors(c)
	if c.op.id == "replacePassword" {
		f.since = time.Time{}
	}
	if c.op.id != "changePassword" {
		return
	}
	for _, who := range []*person{&f.root, &f.user, &f.other} {
		if c.header.Get("Authorization") == "Bearer "+who.access {
			who.access = "retired"
		}
	}
}

// complaint returns what is wrong with an answer, or nothing.
func (f *fuzzer) complaint(c call, request *http.Request, response *http.Response, a api.Answer) string {
	if err := f.promises.Check(request, response, a.Body); err != nil {
		return err.Error()
	}
	if err := openapicheck.CheckHeaders(response); err != nil {
		return err.Error()
	}
	if a.Status >= http.StatusBadRequest {
		if _, err := openapicheck.CheckProblem(response, a.Body); err != nil {
			return err.Error()
		}
	}
	for _, sent := range append(secretsIn(c.body), c.header.Get("Authorization")) {
		if len(sent) >= 12 && bytes.Contains(a.Body, []byte(sent)) {
			return "an answer repeats a secret"
		}
	}
	switch status := a.Status; {
	case status >= http.StatusInternalServerError && a.Code != "overloaded" && a.Took < allowed:
		return "a defect of the service"
	case !f.promises.Names(request, status) && !c.elsewhere():
		return "a status that the document does not name"
	case c.breaks != "" && status < http.StatusMultipleChoices:
		return "accepted, though it breaks the document: " + c.breaks
	case c.breaks == "" && (a.Code == "validation_failed" || a.Code == "invalid_json" || a.Code == "body_missing" || status == http.StatusUnsupportedMediaType):
		return "refused for its form, which the document allows"
	}
	return ""
}

// String shows a call in full.
func (c call) String() string {
	return fmt.Sprintf("%s %s (%s)\n%v\n%.2000q", c.op.method, c.path, c.op.id, c.header, c.body)
}
