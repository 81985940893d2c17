package verifiers

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// A key set with keys of all kinds troubles no verifier: each takes the tokens of the
// kinds that it knows, whatever the others are.
func TestVerifiers_TakeTheirKindFromAMixedSet(t *testing.T) {
	t.Parallel()
	for _, algorithm := range algorithms() {
		t.Run(algorithm, func(t *testing.T) {
			t.Parallel()
			var others string
			for _, other := range algorithms() {
				if other != algorithm {
					others += publicPEM(t, suite.keys[other])
				}
			}
			got := publish(t, "JWT_ACCESS_KEY", privatePEM(t, suite.keys[algorithm]), "JWT_ACCESS_VERIFICATION_KEYS", others)
			each(t, func(t *testing.T, v verifier) {
				refused := v.verify(t, v.bySet(got.Keys), true, got.Access).Refused
				assert.Equal(t, v.can(algorithm), refused == "", refused)
			})
		})
	}
}

// change is one way through the guides of docs/keys.md.
type change struct {
	former, next string // algorithms
}

// F-A13: "The asymmetric key" in docs/keys.md. In each step, a verifier that has the key
// set of this step takes the tokens of this step, of the one before and of the one after.
// It has to know both kinds, and to accept both algorithms.
func TestChangeOfKind_VerifiesInEveryStep(t *testing.T) {
	t.Parallel()
	for _, c := range []change{{"RS256", "EdDSA"}, {"RS256", "ES256"}, {"ES256", "EdDSA"}, {"EdDSA", "RS256"}} {
		t.Run(c.former+" to "+c.next, func(t *testing.T) {
			t.Parallel()
			former, next := suite.keys[c.former], suite.keys[c.next]
			steps := []issued{
				publish(t, "JWT_ACCESS_KEY", privatePEM(t, former)),
				publish(t, "JWT_ACCESS_KEY", privatePEM(t, former), "JWT_ACCESS_VERIFICATION_KEYS", publicPEM(t, next)),
				publish(t, "JWT_ACCESS_KEY", privatePEM(t, next), "JWT_ACCESS_VERIFICATION_KEYS", publicPEM(t, former)),
				publish(t, "JWT_ACCESS_KEY", privatePEM(t, next)),
			}
			each(t, func(t *testing.T, v verifier) { v.walk(t, c, steps) })
		})
	}
}

// walk checks what a verifier takes in each step of a change of the asymmetric key.
func (v verifier) walk(t *testing.T, c change, steps []issued) {
	t.Helper()
	takes := func(set, token int, algorithms ...string) bool {
		return v.verify(t, source{keys: steps[set].Keys, algorithms: algorithms}, true, steps[token].Access).Refused == ""
	}
	if !v.can(c.former) {
		return
	}
	if !v.can(c.next) {
		assert.True(t, takes(1, 1, c.former), "a further key of an unknown kind")
		assert.True(t, takes(2, 1, c.former), "a first key of an unknown kind")
		assert.False(t, takes(2, 2, c.former, c.next), "the unknown kind")
		return
	}
	for set, tokens := range [][]int{{0, 1}, {0, 1, 2}, {1, 2, 3}, {2, 3}} {
		for _, token := range tokens {
			assert.True(t, takes(set, token, c.former, c.next), "the set of step %d, a token of step %d", set, token)
		}
	}
	assert.False(t, takes(0, 2, c.former, c.next), "a set from before step 1 lacks the new key")
	assert.False(t, takes(3, 1, c.former, c.next), "the set of step 3 lacks the former key")
	assert.Equal(t, v.choice == byKey, takes(1, 2, c.former), "the list names the former algorithm alone")
	assert.Equal(t, v.choice == byKey, takes(2, 1, c.next), "the list names the new algorithm alone")
}

// Why docs/keys.md demands the one key of the token's kid: python-jose tries every key of
// a set in turn, and a key of another kind is an error.
func TestPythonJOSE_NeedsTheOneKey(t *testing.T) {
	t.Parallel()
	former, next := suite.keys["RS256"], suite.keys["ES256"]
	first := publish(t, "JWT_ACCESS_KEY", privatePEM(t, former), "JWT_ACCESS_VERIFICATION_KEYS", publicPEM(t, next))
	second := publish(t, "JWT_ACCESS_KEY", privatePEM(t, next), "JWT_ACCESS_VERIFICATION_KEYS", publicPEM(t, former))
	whole := verifier{name: "python-jose with the whole set", runtime: "python"}
	by := source{keys: second.Keys, algorithms: []string{"ES256", "RS256"}}
	assert.Empty(t, whole.verify(t, by, false, second.Access).Refused, "the first key of the set")
	assert.NotEmpty(t, whole.verify(t, by, false, first.Access).Refused, "the second key of the set")
}

// F-A13: "From the secret to an asymmetric key" in docs/keys.md. A verifier with the
// secret is two during the change: one with the secret and HS256 alone, one with the
// key set. A token is good if either takes it.
func TestChangeFromTheSecret_VerifiesInEveryStep(t *testing.T) {
	t.Parallel()
	for _, next := range algorithms() {
		t.Run(next, func(t *testing.T) {
			t.Parallel()
			key := suite.keys[next]
			steps := []issued{
				publish(t),
				publish(t, "JWT_ACCESS_VERIFICATION_KEYS", publicPEM(t, key)),
				publish(t, "JWT_ACCESS_KEY", privatePEM(t, key)),
			}
			each(t, func(t *testing.T, v verifier) {
				if v.can(next) {
					v.walkFromSecret(t, next, steps)
				}
			})
		})
	}
}

func (v verifier) walkFromSecret(t *testing.T, next string, steps []issued) {
	t.Helper()
	bySecret := func(token int) bool {
		return v.secret && v.verify(t, source{secret: suite.secret}, true, steps[token].Access).Refused == ""
	}
	bySet := func(set, token int) bool {
		return v.verify(t, source{keys: steps[set].Keys, algorithms: []string{next}}, true, steps[token].Access).Refused == ""
	}
	for set, tokens := range [][]int{{0, 1}, {0, 1, 2}, {1, 2}} {
		for _, token := range tokens {
			signedByKey := token == 2
			assert.Equal(t, signedByKey, bySet(set, token), "the set of step %d, a token of step %d", set, token)
			assert.Equal(t, v.secret && !signedByKey, bySecret(token), "the secret, a token of step %d", token)
		}
	}
	assert.False(t, bySet(0, 2), "the set is empty before step 1")
	assert.NotEmpty(t, v.verify(t, v.bySet(steps[2].Keys), true, steps[2].Refresh).Refused)
}
