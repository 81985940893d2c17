package datakeys_test

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/datakeys"
	"github.com/seed543b3b27/auth-service/domain"
)

// textOf returns the key of a name in base64url, as keys generate writes it.
func textOf(name string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(keyOf(name).Reveal()))
}

func TestParse_ReadsEveryFormOfBase64(t *testing.T) {
	t.Parallel()
	// The key has both characters in which the alphabets differ.
	raw := []byte(keyOf("any").Reveal())
	raw[0], raw[1], raw[2], raw[3], raw[4], raw[5] = 0xfb, 0xef, 0xbe, 0xff, 0xff, 0xff
	for _, form := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding, base64.RawURLEncoding} {
		keys, err := datakeys.Parse(domain.NewSecret(form.EncodeToString(raw)))
		require.NoError(t, err)
		require.Len(t, keys, 1)
		assert.Equal(t, string(raw), keys[0].Reveal())
	}
}

func TestParse_KeepsTheOrderOfKeys(t *testing.T) {
	t.Parallel()
	a, b, c := textOf("a"), textOf("b"), textOf("c")
	for _, text := range []string{
		a + "," + b + "," + c, a + "\n" + b + "\n" + c + "\n", a + "\r\n" + b + "\r\n\r\n" + c + "\r\n",
		" " + a + " , " + b + "\n\n\t" + c + " \n", a + "\n" + b + "," + c,
	} {
		parsed, err := datakeys.Parse(domain.NewSecret(text))
		require.NoError(t, err, "%q", text)
		keys, err := datakeys.New(parsed)
		require.NoError(t, err)
		assert.Equal(t, keysOf(t, "a", "b", "c"), keys)
	}
}

// An error names each wrong key by its position, and shows no part of it.
func TestParse_NamesPositionsAndNoValues(t *testing.T) {
	t.Parallel()
	a, b := textOf("a"), textOf("b")
	raw := keyOf("canary").Reveal()
	for text, says := range map[string]string{
		"":                              "there is no key in it",
		"\n \n":                         "there is no key in it",
		a + ",":                         "number 2 is empty",
		a + ",," + b:                    "number 2 is empty",
		a + ",$canary":                  "number 2 is not base64",
		a + "\ncan ary":                 "number 2 is not base64",
		a + "==":                        "number 1 is not base64",
		"=":                             "number 1 is not base64",
		a[:20] + "-+/" + a[20:]:         "number 1 is not base64",
		a[:42] + "B":                    "number 1 is not base64", // the last bits belong to no byte
		hex.EncodeToString([]byte(raw)): "number 1 has 48 bytes, not 32",
		base64.StdEncoding.EncodeToString([]byte(raw[:31])):                           "number 1 has 31 bytes, not 32",
		base64.StdEncoding.EncodeToString([]byte(raw + "x")):                          "number 1 has 33 bytes, not 32",
		a + "\n" + b + "\n" + a:                                                       "number 3 is the same key as number 1",
		base64.StdEncoding.EncodeToString([]byte(keyOf("a").Reveal())) + "," + a:      "number 2 is the same key as number 1",
		strings.Repeat("A", 43):                                                       "number 1 is easy to guess",
		"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8":                                 "number 1 is easy to guess",
		base64.StdEncoding.EncodeToString([]byte("changeme-changeme-changeme-chang")): "number 1 is easy to guess",
		"abcd," + a + ",,short":                                                       "number 1 has 3 bytes, not 32; number 3 is empty; remove the comma, or set the key; number 4 is not base64 (auth-service keys generate --type data makes a key)",
	} {
		keys, err := datakeys.Parse(domain.NewSecret(text))
		require.ErrorContains(t, err, says, "%q", text)
		assert.Nil(t, keys)
		for _, hidden := range []string{"canary", "can ary", a, b, a[:20], raw} {
			assert.NotContains(t, err.Error(), hidden)
		}
		assert.NotContains(t, err.Error(), "\n", "later lines of a problem are commands")
	}
}
