package datakeys

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/seed543b3b27/auth-service/domain"
)

// minDistinct is how many different bytes a key has at least. A random key has fewer with a
// probability below 2^-96; placeholders and repeated words have fewer.
const minDistinct = 10

// howToKey ends every error of Parse.
const howToKey = " (auth-service keys generate --type data makes a key)"

var errNotBase64 = errors.New("is not base64")

// Parse reads the text of DATA_ENCRYPTION_KEYS: keys separated by commas or line breaks, each
// of them KeySize random bytes in base64 or base64url, with or without padding. Blank lines
// and blanks around keys are ignored. It returns at least one key. Errors: one that names the
// positions of all wrong keys and their mistakes, and no part of a key.
func Parse(text domain.Secret) ([]domain.Secret, error) {
	var keys []domain.Secret
	var problems []string
	position := 0
	for line := range strings.FieldsFuncSeq(text.Reveal(), func(r rune) bool { return r == '\n' || r == '\r' }) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		for piece := range strings.SplitSeq(line, ",") {
			position++
			key, err := parseKey(strings.TrimSpace(piece), keys)
			if err != nil {
				problems = append(problems, fmt.Sprintf("number %d %s", position, err))
			}
			keys = append(keys, key) // also a wrong one, so that positions stay
		}
	}
	switch {
	case len(problems) > 0:
		return nil, errors.New(strings.Join(problems, "; ") + howToKey)
	case len(keys) == 0:
		return nil, errors.New("there is no key in it" + howToKey)
	}
	return keys, nil
}

// parseKey reads the key after others.
func parseKey(text string, others []domain.Secret) (domain.Secret, error) {
	raw, err := decode(text)
	key := domain.NewSecret(string(raw))
	switch {
	case text == "":
		return domain.Secret{}, errors.New("is empty; remove the comma, or set the key")
	case err != nil:
		return domain.Secret{}, err
	case len(raw) != KeySize:
		return domain.Secret{}, fmt.Errorf("has %d bytes, not %d", len(raw), KeySize)
	case isGuessable(raw):
		return domain.Secret{}, errors.New("is easy to guess")
	}
	for i, other := range others {
		if key.Equal(other) {
			return domain.Secret{}, fmt.Errorf("is the same key as number %d; remove one of them", i+1)
		}
	}
	return key, nil
}

// decode reads base64 or base64url, with or without padding (RFC 4648 sections 4 and 5). The
// bits of the last character that no byte uses must be zero, so that a key has one text.
func decode(text string) ([]byte, error) {
	alphabet := base64.RawStdEncoding
	if strings.ContainsAny(text, "-_") {
		alphabet = base64.RawURLEncoding
	}
	unpadded := strings.TrimRight(text, "=")
	if padding := len(text) - len(unpadded); padding > 0 && (padding > 2 || len(text)%4 != 0) {
		return nil, errNotBase64
	}
	raw, err := alphabet.Strict().DecodeString(unpadded)
	if err != nil {
		return nil, errNotBase64 // the decoder's own error names a position in the key
	}
	return raw, nil
}

// isGuessable reports whether the bytes of a key show that they are not random: few of them
// differ, or each differs by the same from the one before.
func isGuessable(raw []byte) bool {
	var seen [256]bool
	distinct, steady := 0, true
	for i, b := range raw {
		if !seen[b] {
			seen[b] = true
			distinct++
		}
		if i > 0 && b-raw[i-1] != raw[1]-raw[0] {
			steady = false
		}
	}
	return distinct < minDistinct || steady
}
