package generate

import (
	"time"

	"github.com/seed543b3b27/auth-service/test/bench/load/measure"
)

// Request describes a request of one operation. Path, the values of Header and Body are
// templates: {{name}} stands for a variable of the user.
type Request struct {
	Method string            `json:"method"`
	Path   string            `json:"path"`
	Header map[string]string `json:"header"`
	Body   string            `json:"body"`
	// Want are the statuses of success. Contains is a template that the body of a success
	// must contain, so that an answer for another user is no success.
	Want     []int  `json:"want"`
	Contains string `json:"contains"`
	// Take are the variables to fill, by the names of the members of the answer.
	Take map[string]string `json:"take"`
}

// User holds the variables of one user, by name: email, password, address, tokens.
type User map[string]string

// Load is one loop of requests.
type Load struct {
	Name    string  `json:"name"`
	Request Request `json:"request"`
	// Clients is the number of clients of a closed loop, Rate the number of requests a
	// second of an open loop. One of them is 0.
	Clients int     `json:"clients"`
	Rate    float64 `json:"rate"`
	// Users are the users that the loop takes in turn. In a closed loop client i takes
	// users i, i+Clients, i+2*Clients and so on, so no two clients share a user.
	Users []User `json:"users"`
	// Fresh gives each request an e-mail address that no request had before.
	Fresh bool `json:"fresh"`
	// Once takes each user for one success: a token for a new password is good once. A
	// client that has no users left ends.
	Once bool `json:"once"`
	// Keep stores the variables that a request takes, and Result returns them.
	Keep bool `json:"keep"`
}

// Job is one measurement.
type Job struct {
	// Base is the URL that paths are appended to; its host is a loopback address.
	Base  string `json:"base"`
	Loads []Load `json:"loads"`
	// Warm is the time before the window, Length the length of the window.
	Warm   time.Duration `json:"warm"`
	Length time.Duration `json:"length"`
	// Watch are the processes whose use is measured in the window, by name.
	Watch map[string]int `json:"watch"`
}

// Outcome is the result of a Job.
type Outcome struct {
	Results   map[string]Result      `json:"results"` // by the names of the loads
	Processes map[string]measure.Use `json:"processes"`
	Noise     measure.Noise          `json:"noise"`
}

// Result is the result of a Load: what happened in the window.
type Result struct {
	Seconds float64 `json:"seconds"`
	// Answers counts the outcomes of requests by kind: a status ("200"), a status with the
	// code of the problem ("503 overloaded"), "wrong answer", or "no answer: " and a reason.
	Answers map[string]int `json:"answers"`
	// OK describes the times of successes, Refused those of answers 429 and 503.
	OK      measure.Latency `json:"ok"`
	Refused measure.Latency `json:"refused"`
	// Late counts answers 503 that took more than LateRefusal.
	Late int `json:"late"`
	// Lag describes how late an open loop sent requests.
	Lag measure.Latency `json:"lag"`
	// Samples are a few of the outcomes that are neither a success nor one of the
	// refusals that every service makes (401, 403, 429, 503).
	Samples []string `json:"samples"`
	Users   []User   `json:"users"` // the users after the run, if Load.Keep
}

// LateRefusal is the time within which a server that cannot take a request should say so.
const LateRefusal = 1500 * time.Millisecond

// PerSecond returns the successes per second.
func (r Result) PerSecond() float64 { return float64(r.OK.Count) / r.Seconds }
