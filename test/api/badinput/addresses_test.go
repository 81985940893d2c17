package badinput

import (
	"net/http"
	"strings"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// addressTakers are the operations that take an address without a login, with
// their answer to a good address without an account.
var addressTakers = []struct {
	path, password string
	good           int
}{
	{"/email/register", "four words of mine", http.StatusAccepted},
	{"/login", "five other words of mine", http.StatusUnauthorized},
	{"/password/reset/request", "", http.StatusAccepted},
	{"/email/verify/request", "", http.StatusAccepted},
}

// tryAddress sends an address to all that take one and returns the answers.
func (p probe) tryAddress(address string) []api.Answer {
	p.Helper()
	var answers []api.Answer
	for _, op := range addressTakers {
		body := api.Object{"email": address}
		if op.password != "" {
			body["password"] = op.password
		}
		answers = append(answers, p.Post(op.path, "", body))
	}
	return answers
}

// refuseAddress asserts that every operation refuses an address.
func (p probe) refuseAddress(address string) {
	p.Helper()
	p.refusedAddress(p.tryAddress(address))
	p.refuseNewAddress(address)
}

// refuseNewAddress asserts that no operation gives an account the address.
func (p probe) refuseNewAddress(address string) {
	p.Helper()
	p.refusedAddress([]api.Answer{
		p.Post("/email/register", "", api.Object{"email": address, "password": "four words of mine"}),
		p.Post("/email/change", p.user.access, api.Object{"new_email": address, "current_password": p.user.password}),
		p.Post("/admin/users", p.admin.access, api.Object{"email": address}),
		p.Patch("/admin/users/"+p.user.id, p.admin.access, api.Object{"email": address}),
	})
}

// refusedAddress asserts that the answers name the address as the fault.
func (p probe) refusedAddress(answers []api.Answer) {
	p.Helper()
	for _, a := range answers {
		a.Refused(http.StatusUnprocessableEntity, "invalid_email")
		assert.Regexp(p, `^/(new_)?email$`, a.Errors[0].Pointer, a.What)
	}
}

func longAddresses(p probe) {
	domainOf := func(n int) string { // n characters of labels of 63 at most
		labels := strings.Repeat(strings.Repeat("d", 61)+".", n/62)
		return labels + strings.Repeat("e", n-len(labels))
	}
	for _, address := range []string{
		strings.Repeat("a", 64) + "@" + domainOf(190), // 255
		strings.Repeat("a", 64) + "@" + domainOf(255), // 320
		strings.Repeat("a", 65) + "@example.com",
		"a@" + strings.Repeat("d", 64) + ".example.com",
		"a@" + strings.Repeat("d.", 1000) + "com",
		strings.Repeat("a.", 1000) + "a@example.com",
		strings.Repeat("@", 1000), strings.Repeat(".", 1000),
		strings.Repeat("(", 60000) + "a@example.com", strings.Repeat(`"`, 30<<10), strings.Repeat("<", 10<<10), "a@" + strings.Repeat("[", 60000),
		strings.Repeat("a", 60000) + "@example.com", strings.Repeat(`\"`, 10<<10) + "@example.com", strings.Repeat("a ", 15<<10) + "@example.com",
	} {
		p.refuseAddress(address)
	}
	p.Post("/login", "", api.Object{"email": strings.Repeat("(", 100<<10), "password": secret}).Refused(http.StatusRequestEntityTooLarge, "body_too_large")
	for _, address := range []string{
		strings.Repeat("a", 64) + "@" + domainOf(189), "a@" + strings.Repeat("d", 63) + ".example.com", strings.Repeat("b", 64) + "@example.com",
	} {
		p.TryLogin(address, "four words of mine").Refused(http.StatusUnauthorized, "invalid_credentials")
	}
}

func injectingAddresses(p probe) {
	for _, address := range []string{
		"a@example.com\r\nBcc: x@example.org", "a@example.com\nBcc: x@example.org", "a@example.com\r\nRCPT TO:<x@example.org>", "a@example.com%0d%0aBcc:x@example.org",
		"a@example.com,x@example.org", "a@example.com;x@example.org", "a@example.com x@example.org", "<a@example.com>", "Bob <a@example.com>", `"Bob" <a@example.com>`,
		"a@example.com SIZE=1", "a@example.com> SIZE=1 <", "\"a\r\nb\"@example.com", `"a b"@example.com`, `"a"@example.com`, "a@example.com\u2028", "a\u2028@example.com", "a\u0085@example.com",
		"a@example.com(comment)", "(comment)a@example.com", "a@(comment)example.com", "a@example.com\x00", "a\x1b[31m@example.com", "a@example.com\x7f", "a@@example.com", "a@b@example.com",
		"group: a@example.com;", "@example.org:a@example.com", "a@example.com\tb", "mailto:a@example.com?bcc=x@example.org", "a@example.com\vx", "\u200ba@example.com", "a@exam\u00adple.com",
		"a\\@example.com", "a@example.com/../x", "a@example\\.com",
	} {
		p.refuseAddress(address)
	}
}

// The policy is DESIGN's own: names of two labels and more in ASCII, A-labels
// for the others, neither literals nor addresses of hosts.
func addressPolicy(p probe) {
	for _, address := range []string{
		"a@[127.0.0.1]", "a@[IPv6:::1]", "a@127.0.0.1", "a@localhost", "a@b", "a@example.com.", "a@.example.com", "a@example..com", "a@bücher.example", "ä@example.com",
		"a@-example.com", "a@example-.com", "a@exa_mple.com", "a@example.123", "ａ@example.com", "a＠example.com", "a@example。com", "\u212a@example.com", "a@ﬁ.example",
		".a@example.com", "a.@example.com", "a..b@example.com", "@example.com", "a@", "a", "@", "", " ", "a b@example.com", "a@exam ple.com",
	} {
		p.refuseAddress(address)
	}
	for _, address := range []string{"a@xn--bcher-kva.example", "a_-!#$%&'*+/=?^`{|}~@example.com", "a@1.example", "A@EXAMPLE.COM", " a@example.com\t"} {
		p.TryLogin(address, "four words of mine").Refused(http.StatusUnauthorized, "invalid_credentials")
	}
	// F-E8: no account gets an address whose top label is no name. One that has it is still found.
	for _, address := range []string{"a@0x7f.0x0.0x0.0x1", "user@example.1a", "a@example.a1"} {
		p.refuseNewAddress(address)
		p.TryLogin(address, "four words of mine").Refused(http.StatusUnauthorized, "invalid_credentials")
	}
}

// B-14: all operations treat each address of the collection alike. A text that is
// not an address by any standard is refused. A mail goes only to the given
// mailbox.
func collectedAddresses(p probe) {
	before := len(p.recipients(p))
	accepted := map[string]bool{}
	for _, c := range mailAddresses(p) {
		email, refusal := domain.ParseEmail(c.Address)
		_, refusalOfNew := domain.ParseNewEmail(c.Address)
		for i, a := range p.tryAddress(c.Address) {
			if refusal != nil || refusalOfNew != nil && addressTakers[i].path == "/email/register" {
				a.Refused(http.StatusUnprocessableEntity, "invalid_email")
			} else {
				a.Is(addressTakers[i].good)
			}
		}
		if refusalOfNew != nil {
			continue
		}
		spelled := strings.ToLower(strings.Trim(c.Address, " \t\r\n"))
		assert.Equal(p, spelled, email.String(), "more than case and outer space changed")
		assert.True(p, c.Category != "ISEMAIL_ERR" || c.Address != spelled, "accepted, but not an address: %q", c.Address)
		accepted[spelled] = true
	}
	assert.Greater(p, len(accepted), 10)
	var others []string
	program.Eventually(p, "all that were accepted get their mail", func() bool {
		got := map[string]bool{}
		others = nil
		for _, to := range p.recipients(p) {
			got[to] = true
			if !accepted[to] {
				others = append(others, to)
			}
		}
		for to := range accepted {
			if !got[to] {
				return false
			}
		}
		return true
	})
	for _, to := range others { // addresses of other rows
		assert.Regexp(p, `^p-[a-z0-9]{16}@example\.com$`, to)
	}
	assert.GreaterOrEqual(p, len(p.recipients(p)), before+len(accepted))
}
