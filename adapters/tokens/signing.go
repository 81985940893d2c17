package tokens

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"

	"github.com/golang-jwt/jwt/v5"

	"github.com/seed543b3b27/auth-service/adapters/internal/jws"
	"github.com/seed543b3b27/auth-service/domain"
)

// signingKey is a key that also signs, always with the same bytes.
type signingKey struct {
	jws.Key
	private any // as golang-jwt's method for the algorithm takes it
}

// header is the JOSE header of our tokens.
type header struct {
	Algorithm string `json:"alg"`
	KeyID     string `json:"kid"`
	Type      string `json:"typ"`
}

// newSecretKey returns the HMAC key of a secret. Its identifier, 64 bits, is
// derived from the secret by a one-way function: it needs no configuration and is
// the same on every replica.
func newSecretKey(secret domain.Secret) signingKey {
	raw := []byte(secret.Reveal())
	mac := hmac.New(sha256.New, raw)
	mac.Write([]byte("auth-service: identifier of this key"))
	return signingKey{jws.NewHS256(encode(mac.Sum(nil)[:8]), raw), raw}
}

// seal writes claims as a token of type typ (RFC 7515 section 7.1). Errors:
// internal ones only.
func (k signingKey) seal(typ string, claims any) (domain.Secret, error) {
	head, err := json.Marshal(header{Algorithm: k.Algorithm(), KeyID: k.ID(), Type: typ})
	if err != nil {
		return domain.Secret{}, fmt.Errorf("encoding the header: %w", err)
	}
	text, err := json.Marshal(claims)
	if err != nil {
		return domain.Secret{}, fmt.Errorf("encoding claims: %w", err)
	}
	signed := encode(head) + "." + encode(text)
	signature, err := k.sign(signed)
	if err != nil {
		return domain.Secret{}, fmt.Errorf("signing: %w", err)
	}
	return domain.NewSecret(signed + "." + encode(signature)), nil
}

// sign returns the one signature of a text.
func (k signingKey) sign(signed string) ([]byte, error) {
	private, isECDSA := k.private.(*ecdsa.PrivateKey)
	if !isECDSA {
		return jwt.GetSigningMethod(k.Algorithm()).Sign(signed, k.private)
	}
	// golang-jwt signs ES256 with a random number. Without one, crypto/ecdsa derives it
	// from the key and the text (RFC 6979), so that a repeated refresh gets the same
	// tokens again.
	digest := sha256.Sum256([]byte(signed))
	der, err := private.Sign(nil, digest[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	var numbers struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(der, &numbers); err != nil {
		return nil, err
	}
	signature := make([]byte, jws.ES256Size)
	numbers.R.FillBytes(signature[:jws.ES256Size/2])
	numbers.S.FillBytes(signature[jws.ES256Size/2:])
	return signature, nil
}

func encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }
