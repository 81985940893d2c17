package tokens

import (
	"encoding/base64"
	"errors"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/golang-jwt/jwt/v5"
)

// maxTokenSize, in bytes, is looked at before anything is parsed; our own tokens
// have some 500.
const maxTokenSize = 4096

// errForm is any departure from the one form of token that this package reads.
// It never leaves the package: what was wrong would only help a forger.
var errForm = errors.New("tokens: not a token of this service")

// header is the JOSE header of our tokens. There are no other members, so
// whatever could name or carry a foreign key (jku, jwk, x5u, x5c) or ask for an
// extension (crit) makes a token unreadable.
type header struct {
	Algorithm string `json:"alg"`
	Type      string `json:"typ"`
	KeyID     string `json:"kid"`
}

// checkForm admits three non-empty segments of base64url letters. Go's base64
// decoder skips line breaks even when strict, which would give one token many
// spellings.
func checkForm(token string) error {
	if len(token) > maxTokenSize || strings.Count(token, ".") != 2 {
		return errForm
	}
	for segment := range strings.SplitSeq(token, ".") {
		if segment == "" {
			return errForm
		}
		for i := range len(segment) {
			if !isBase64URL(segment[i]) {
				return errForm
			}
		}
	}
	return nil
}

func isBase64URL(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_'
}

// readHeader reads the header of a token whose form was checked.
func readHeader(token string) (header, error) {
	segment, _, _ := strings.Cut(token, ".")
	text, err := base64.RawURLEncoding.Strict().DecodeString(segment)
	if err != nil {
		return header{}, errForm
	}
	var h header
	if err := json.Unmarshal(text, &h, json.RejectUnknownMembers(true)); err != nil {
		return header{}, errForm
	}
	return h, nil
}

// payload carries the JSON text of the claims through golang-jwt, unread. The
// embedded MapClaims is nil and only makes it a jwt.Claims: validation is off.
type payload struct {
	jwt.MapClaims
	text []byte
}

// MarshalJSON returns the text.
func (p *payload) MarshalJSON() ([]byte, error) { return p.text, nil }

// UnmarshalJSON keeps the text.
func (p *payload) UnmarshalJSON(text []byte) error {
	p.text = append([]byte(nil), text...)
	return nil
}
