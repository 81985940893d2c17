package badinput

import (
	"fmt"
	"strings"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// Beginnings of requests by hand.
const (
	hostLine = "Host: auth.example.com\r\n"
	rawPost  = "POST /api/auth/login HTTP/1.1\r\n" + hostLine + "Content-Type: application/json\r\n"
	rawGet   = "GET /api/auth/test/public HTTP/1.1\r\n" + hostLine
)

// raw is a conversation whose answers are held against the promises of all answers.
type raw struct {
	*api.Conversation
	probe probe
}

func (p probe) dial() raw {
	p.Helper()
	return raw{api.Dial(p, strings.TrimPrefix(p.process.URL, "http://")), p}
}

// Receive is Conversation.Receive with the checks of the probe.
func (r raw) Receive(method, what string) api.Answer {
	r.Helper()
	a := r.Conversation.Receive(method, what)
	r.probe.judge(a)
	return a
}

// exchange sends a request on a connection of its own and reads the answer.
func (p probe) exchange(what, text string) (raw, api.Answer) {
	p.Helper()
	r := p.dial()
	go r.Send(text) // the answer may come before everything is sent
	method, _, _ := strings.Cut(text, " ")
	a := r.Receive(method, fmt.Sprintf("%s %.80q", what, text))
	return r, a
}

// bearer is a header line with a token.
func bearer(token string) string { return "Authorization: Bearer " + token + "\r\n" }
