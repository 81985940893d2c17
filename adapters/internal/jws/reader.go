package jws

import (
	"encoding/base64"
	"errors"
	"strings"

	"github.com/seed543b3b27/auth-service/domain"
)

// MaxTokenSize is the largest size, in bytes, of a token that is read. Tokens of
// this service have about 500 bytes, and up to 4,500 with further claims.
const MaxTokenSize = 8192

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
	return readObject(claims, usualClaims)
}

// KeyID returns the identifier of the key that a token names, whose header has the type
// typ. It does not check the signature. Errors: ErrToken, for a token that no key could
// make Read accept.
func KeyID(typ, token string) (string, error) {
	if !isCompact(token) {
		return "", ErrToken
	}
	head, _, _ := strings.Cut(token, ".")
	h, err := readHeader(head)
	if err != nil || h.typ != typ {
		return "", ErrToken
	}
	return h.keyID, nil
}

// ReadAcceptedAccess returns the claims of an access token that the service itself has
// accepted. It does not check the signature, so any other token must not be given to it.
// Errors: ErrToken.
func ReadAcceptedAccess(token string) (domain.AccessClaims, error) {
	if _, err := KeyID(TypeAccess, token); err != nil {
		return domain.AccessClaims{}, err
	}
	_, rest, _ := strings.Cut(token, ".")
	body, _, _ := strings.Cut(rest, ".")
	text, err := decode(body)
	if err != nil {
		return domain.AccessClaims{}, err
	}
	o, err := readObject(text, usualClaims)
	if err != nil {
		return domain.AccessClaims{}, err
	}
	return accessClaimsIn(o)
}

// usualClaims is a number of claims for which the map of an Object need not grow.
const usualClaims = 14

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
			if !base64URL[segment[i]] {
				return false
			}
		}
	}
	return true
}

// base64URL holds the letters of base64url (RFC 4648 section 5).
var base64URL = func() (letters [256]bool) {
	for _, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") {
		letters[c] = true
	}
	return letters
}()

// readHeader reads the first segment of a compact token. Every member is
// required, and there are no others.
func readHeader(segment string) (header, error) {
	text, err := decode(segment)
	if err != nil {
		return header{}, err
	}
	if h, usual := usualHeader(string(text)); usual {
		return h, nil
	}
	o, err := readObject(text, 3)
	if err != nil {
		return header{}, err
	}
	var h header
	if err := errors.Join(o.Get("alg", &h.algorithm), o.Get("kid", &h.keyID), o.Get("typ", &h.typ)); err != nil || len(o) != 3 {
		return header{}, ErrToken
	}
	return h, nil
}

// usualHeader reads a header in the spelling of this service, whose parts are plain:
// {"alg":"…","kid":"…","typ":"…"}. usual is false for any other one.
func usualHeader(text string) (h header, usual bool) {
	rest := text
	for _, part := range []struct {
		before string
		into   *string
	}{{`{"alg":"`, &h.algorithm}, {`","kid":"`, &h.keyID}, {`","typ":"`, &h.typ}} {
		var found bool
		if rest, found = strings.CutPrefix(rest, part.before); !found {
			return header{}, false
		}
		n := 0
		for n < len(rest) && isPlain(rest[n]) {
			n++
		}
		*part.into, rest = rest[:n], rest[n:]
	}
	return h, rest == `"}`
}

// isPlain reports whether a character means itself in a JSON string: visible ASCII without
// the quotation mark and the backslash.
func isPlain(c byte) bool { return c > ' ' && c < 0x7f && c != '"' && c != '\\' }

var strictBase64 = base64.RawURLEncoding.Strict()

// decode refuses unused bits that are not zero.
func decode(segment string) ([]byte, error) {
	raw, err := strictBase64.DecodeString(segment)
	if err != nil {
		return nil, ErrToken
	}
	return raw, nil
}
