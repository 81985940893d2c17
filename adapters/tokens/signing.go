package tokens

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"fmt"
	"math/big"

	"github.com/golang-jwt/jwt/v5"

	"github.com/seed543b3b27/auth-service/adapters/internal/jws"
	"github.com/seed543b3b27/auth-service/domain"
)

// signingKey is a key that also signs, always with the same bytes.
type signingKey struct {
	jws.Key
	private any // as golang-jwt's method for the algorithm takes it; nil for a jws.SecretKey
}

// newSecretKey returns the HMAC key of a secret. Its identifier, 64 bits, is
// derived from the secret by a one-way function: it needs no configuration and is
// the same on every replica.
func newSecretKey(secret domain.Secret) signingKey {
	raw := []byte(secret.Reveal())
	mac := hmac.New(sha256.New, raw)
	mac.Write([]byte("auth-service: identifier of this key"))
	return signingKey{jws.NewHS256(encode(mac.Sum(nil)[:8]), raw), nil}
}

// seal writes claims as a token of type typ (RFC 7515 section 7.1). Errors:
// internal ones only.
func (k signingKey) seal(typ string, claims any) (domain.Secret, error) {
	text, err := jws.MarshalJSON(claims)
	if err != nil {
		return domain.Secret{}, fmt.Errorf("encoding claims: %w", err)
	}
	// The identifier of a key is base64url, and the other two are names of this service, so
	// all three are JSON as they are.
	head := `{"alg":"` + k.Algorithm() + `","kid":"` + k.ID() + `","typ":"` + typ + `"}`
	token := make([]byte, 0, mostToken)
	token = base64.RawURLEncoding.AppendEncode(token, []byte(head))
	token = base64.RawURLEncoding.AppendEncode(append(token, '.'), text)
	signature, err := k.sign(string(token))
	if err != nil {
		return domain.Secret{}, fmt.Errorf("signing: %w", err)
	}
	return domain.NewSecret(string(base64.RawURLEncoding.AppendEncode(append(token, '.'), signature))), nil
}

// mostToken is the size, in bytes, that most tokens do not exceed.
const mostToken = 1024

// sign returns the one signature of a text.
func (k signingKey) sign(signed string) ([]byte, error) {
	if secret, isSecret := k.Key.(jws.SecretKey); isSecret {
		signature := secret.Sign(signed)
		return signature[:], nil
	}
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
