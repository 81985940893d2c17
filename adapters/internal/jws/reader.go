package jws

import (
	"encoding/base64"
	"errors"
	"strings"
)

// MaxTokenSize is the largest size, in bytes, of a token that is read. Tokens of
// this service have about 500 bytes.
const MaxTokenSize = 4096

// ErrToken is the one error of this package: the token departs from the form, or
// no key verifies it. Callers do not pass on more, because the reason
// would only help a forger.
var ErrToken = errors.New("jws: not a token of this service")

// header is the JOSE header of a token.
type header struct{ algorithm, keyID, typ string }

// Read returns the claims of token, whose header has the type typ and whose
// signature one of the keys verifies. Errors: ErrToken.
func (k Keys) Read(typ, token string) (Object, error) {
	if !isCompact(token) {
		return nil, ErrToken
	}
	dot := strings.LastIndexByte(token, '.')
	signed := token[:dot]
	head, body, _ := strings.Cut(signed, ".")
	h, err := readHeader(head)
	if err != nil {
		return nil, err
	}
	key, known := k[h.keyID]
	if !known || h.algorithm != key.Algorithm() || h.typ != typ {
		return nil, ErrToken
	}
	signature, err := decode(token[dot+1:])
	if err != nil {
		return nil, err
	}
	if !key.Verify(signed, signature) {
		return nil, ErrToken
	}
	claims, err := decode(body)
	if err != nil {
		return nil, err
	}
	return readObject(claims)
}

// isCompact reports whether token consists of three non-empty segments of
// base64url letters. Go's decoder skips line breaks even when it is strict, so
// that without this check one token would have many spellings.
func isCompact(token string) bool {
	if len(token) > MaxTokenSize || strings.Count(token, ".") != 2 {
		return false
	}
	for segment := range strings.SplitSeq(token, ".") {
		if segment == "" {
			return false
		}
		for i := range len(segment) {
			if !isBase64URL(segment[i]) {
				return false
			}
		}
	}
	return true
}

func isBase64URL(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// readHeader reads the first segment of a compact token. Every member is
// required, and there are no others.
func readHeader(segment string) (header, error) {
	text, err := decode(segment)
	if err != nil {
		return header{}, err
	}
	o, err := readObject(text)
	if err != nil {
		return header{}, err
	}
	var h header
	if err := errors.Join(o.Get("alg", &h.algorithm), o.Get("kid", &h.keyID), o.Get("typ", &h.typ)); err != nil || len(o) != 3 {
		return header{}, ErrToken
	}
	return h, nil
}

// decode refuses unused bits that are not zero.
func decode(segment string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(segment)
	if err != nil {
		return nil, ErrToken
	}
	return raw, nil
}
