package tokens

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/seed543b3b27/auth-service/domain"
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
	KeyID     string `json:"kid"`
	Type      string `json:"typ"`
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

// readHeader reads the first segment of a token whose form was checked.
func readHeader(segment string) (header, error) {
	text, err := decode(segment)
	if err != nil {
		return header{}, err
	}
	var h header
	if err := json.Unmarshal(text, &h, json.RejectUnknownMembers(true)); err != nil {
		return header{}, errForm
	}
	return h, nil
}

func encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

func decode(segment string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(segment)
	if err != nil {
		return nil, errForm
	}
	return raw, nil
}

// seal writes claims as a token of type typ that key signs (RFC 7515 section 7.1).
func seal(typ string, claims any, key signingKey) (domain.Secret, error) {
	head, err := json.Marshal(header{Algorithm: key.algorithm(), KeyID: key.keyID(), Type: typ})
	if err != nil {
		return domain.Secret{}, fmt.Errorf("encoding the header: %w", err)
	}
	text, err := json.Marshal(claims)
	if err != nil {
		return domain.Secret{}, fmt.Errorf("encoding claims: %w", err)
	}
	signed := encode(head) + "." + encode(text)
	signature, err := key.sign(signed)
	if err != nil {
		return domain.Secret{}, fmt.Errorf("signing: %w", err)
	}
	return domain.NewSecret(signed + "." + encode(signature)), nil
}

// open reads the claims of a token of type typ into claims, if one of keys signed
// it. The key does the verifying, and the header has to say the same as the key.
func open[K verifier](typ, token string, keys map[string]K, claims any) error {
	if err := checkForm(token); err != nil {
		return err
	}
	dot := strings.LastIndexByte(token, '.')
	signed := token[:dot]
	head, body, _ := strings.Cut(signed, ".")
	h, err := readHeader(head)
	if err != nil {
		return err
	}
	key, known := keys[h.KeyID]
	if !known || h.Algorithm != key.algorithm() || h.Type != typ {
		return errForm
	}
	signature, err := decode(token[dot+1:])
	if err != nil {
		return err
	}
	if err := key.verify(signed, signature); err != nil {
		return errForm
	}
	text, err := decode(body)
	if err != nil {
		return err
	}
	// Refuses duplicate names and invalid UTF-8. Unknown claims are ignored, so
	// that a newer release may add some while an older one still runs.
	return json.Unmarshal(text, claims)
}
