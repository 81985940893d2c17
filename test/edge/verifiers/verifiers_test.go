package verifiers

import (
	"slices"
	"testing"
)

// untold is what a verifier does about the type of a token without the line of
// docs/keys.md.
type untold string

const (
	ignores untold = "accepts every type"
	demands untold = "demands `at+jwt`"
)

// choice is how a verifier chooses the algorithms that it accepts.
type choice string

const (
	list   choice = "list"    // the program names them
	single choice = "one"     // a verifier has exactly one
	byKey  choice = "the key" // each key of the set names its own
)

// verifier is one that these tests try.
type verifier struct {
	// name is that of docs/keys.md.
	name    string
	runtime string
	untold  untold
	// knows are the algorithms that it can verify by a key set.
	knows  []string
	choice choice
	// secret reports whether it verifies HS256.
	secret bool
}

func verifiers() []verifier {
	all, older := algorithms(), []string{"ES256", "RS256"}
	return []verifier{
		{"golang-jwt", "go", ignores, all, list, true},
		{"jwx", "go", ignores, all, byKey, true},
		{"go-jose", "go", ignores, all, list, true},
		{"go-oidc", "go", ignores, all, list, false},
		{"go-jwt-middleware", "go", ignores, all, single, true},
		{"jose", "node", ignores, all, list, true},
		{"oauth4webapi", "node", demands, all, list, false},
		{"express-oauth2-jwt-bearer", "node", ignores, all, byKey, true},
		{"jsonwebtoken", "node", ignores, older, list, true},
		{"fast-jwt", "node", ignores, all, list, true},
		{"aws-jwt-verify", "node", ignores, all, byKey, false},
		{"PyJWT", "python", ignores, all, list, true},
		{"Authlib", "python", ignores, all, list, true},
		{"python-jose", "python", ignores, older, list, true},
		{"ruby-jwt", "ruby", ignores, older, list, true},
		{"Crypt::JWT", "perl", ignores, all, list, true},
		{"HAProxy", "haproxy", ignores, older, list, true},
	}
}

// source is what a verifier verifies by: a key set and the algorithms, or a secret.
type source struct {
	keys       string
	algorithms []string
	secret     string
}

// bySet is the source of a verifier that may use every algorithm that it knows.
func (v verifier) bySet(keys string) source { return source{keys: keys, algorithms: v.knows} }

// bench holds the running programs by the names of their runtimes.
type bench map[string]asker

// each runs a test for each verifier.
func each(t *testing.T, test func(*testing.T, verifier)) {
	t.Helper()
	for _, v := range verifiers() {
		t.Run(v.name, func(t *testing.T) { test(t, v) })
	}
}

// verify asks a verifier about a token. One with a single algorithm is made once for
// each, and asked in turn.
func (v verifier) verify(t *testing.T, by source, typed bool, token string) answer {
	t.Helper()
	q := question{
		Verifier: v.name, Keys: by.keys, Secret: by.secret, Issuer: issuer, Audience: audience,
		Algorithms: by.algorithms, Typed: typed, Token: token,
	}
	if by.secret != "" {
		q.Algorithms = []string{"HS256"}
	}
	if v.choice != single {
		return suite.running[v.runtime].ask(t, q)
	}
	a := answer{Refused: "no algorithm"}
	for algorithm := range slices.Values(q.Algorithms) {
		q.Algorithms = []string{algorithm}
		if a = suite.running[v.runtime].ask(t, q); a.Refused == "" {
			return a
		}
	}
	return a
}

// can reports whether a verifier knows an algorithm of key sets.
func (v verifier) can(algorithm string) bool { return slices.Contains(v.knows, algorithm) }
