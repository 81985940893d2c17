package jws_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/internal/jws"
)

// The forging itself is sound: what it makes from unchanged parts is accepted.
func TestRead_ReturnsTheClaimsOfGenuineTokens(t *testing.T) {
	t.Parallel()
	everySpecimen(t, func(t *testing.T, x specimen) {
		typ, _ := x.head["typ"].(string)
		got, err := x.keys.Read(typ, x.token)
		require.NoError(t, err)
		assert.JSONEq(t, text(t, claims), text(t, got))
	})
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// S-22, V-43: a token has exactly one spelling.
func TestRead_RefusesOtherSpellings(t *testing.T) {
	t.Parallel()
	everySpecimen(t, func(t *testing.T, x specimen) {
		token := x.token
		parts := strings.Split(token, ".")
		for i := range parts {
			for _, junk := range []string{"=", "==", "\n", "\r", "\r\n", " ", "\t", "+", "/", "\x00", "é", "%3D", "."} {
				changed := append([]string(nil), parts...)
				half := len(parts[i]) / 2
				for _, segment := range []string{junk + parts[i], parts[i] + junk, parts[i][:half] + junk + parts[i][half:]} {
					changed[i] = segment
					x.refuses(t, strings.Join(changed, "."), "junk")
				}
			}
		}
		// The last letter has unused bits.
		for _, other := range alphabet {
			if changed := token[:len(token)-1] + string(other); changed != token {
				x.refuses(t, changed, "another last letter")
			}
		}
		x.refuses(t, `{"protected":"`+parts[0]+`","payload":"`+parts[1]+`","signature":"`+parts[2]+`"}`, "JSON serialization")
		x.refuses(t, token+"."+parts[2], "a fourth segment")
		x.refuses(t, token+".", "a trailing dot")
		x.refuses(t, "Bearer "+token, "a scheme")
		x.refuses(t, strings.NewReplacer("-", "+", "_", "/").Replace(token)+"=", "standard base64")
		for _, token := range []string{"", ".", "..", "...", "a.b.c", "null", "{}", strings.Repeat("e30.", 3)} {
			x.refuses(t, token, "no token")
		}
	})
}

// V-33: one character less, more or of the other case is another token.
func TestRead_RefusesEveryOneCharacterChange(t *testing.T) {
	t.Parallel()
	everySpecimen(t, func(t *testing.T, x specimen) {
		token := x.token
		for i := range len(token) {
			x.refuses(t, token[:i]+token[i+1:], "a character less")
			x.refuses(t, token[:i]+"A"+token[i:], "a character more")
			if flipped := flip(token[i]); flipped != token[i] {
				x.refuses(t, token[:i]+string(flipped)+token[i+1:], "the other case")
			}
		}
		for _, c := range alphabet + ".=" {
			x.refuses(t, token+string(c), "append")
		}
	})
}

func flip(c byte) byte {
	if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
		return c ^ 0x20
	}
	return c
}

// S-30: size is checked before anything else.
func TestRead_RefusesHugeTokens(t *testing.T) {
	t.Parallel()
	everySpecimen(t, func(t *testing.T, x specimen) {
		x.accepts(t, x.forge(t, x.head, claims.with("more", strings.Repeat("x", 1000))))
		x.refuses(t, x.forge(t, x.head, claims.with("more", strings.Repeat("x", jws.MaxTokenSize))), "over 8 KB")
		x.refuses(t, strings.Repeat(".", 1_000_000), "dots")
		x.refuses(t, strings.Repeat("a", 1_000_000), "letters")
		x.refuses(t, strings.Repeat("[", 1000)+"."+strings.Repeat("[", 1000)+".", "nesting")
	})
}

// S-30: the largest token is read, a byte more is not, and the deepest nesting that
// fits is read without harm.
func TestRead_ReadsUpToTheLargestSize(t *testing.T) {
	t.Parallel()
	everySpecimen(t, func(t *testing.T, x specimen) {
		var token string
		for n := 0; len(token) < jws.MaxTokenSize-3; n++ {
			token = x.forge(t, x.head, claims.with("more", strings.Repeat("x", 2200+n)))
		}
		require.LessOrEqual(t, len(token), jws.MaxTokenSize)
		x.accepts(t, token)
		x.accepts(t, x.forgeText(t, text(t, x.head), `{"deep":`+strings.Repeat("[", 1200)+strings.Repeat("]", 1200)+`}`))
		deep := strings.Repeat("[", 1200) + strings.Repeat("]", 1200)
		x.refuses(t, x.forgeText(t, `{"alg":`+deep+`}`, "{}"), "a deep header")
	})
}
