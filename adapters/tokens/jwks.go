package tokens

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"slices"

	"github.com/seed543b3b27/auth-service/domain"
)

// jwk is a public key as a JSON Web Key (RFC 7517 section 4). It has no member
// that could hold a secret.
type jwk struct {
	Use       string `json:"use"`
	KeyType   string `json:"kty"`
	KeyID     string `json:"kid"`
	Curve     string `json:"crv,omitempty"` // Ed25519: RFC 8037 section 2; P-256: RFC 7518 section 6.2.1
	Algorithm string `json:"alg"`
	X         string `json:"x,omitempty"`
	Y         string `json:"y,omitempty"`
	Modulus   string `json:"n,omitempty"` // RSA: RFC 7518 section 6.3.1
	Exponent  string `json:"e,omitempty"`
}

// newJWK returns the members that make up an Ed25519, P-256 or RSA key.
func newJWK(key crypto.PublicKey) jwk {
	switch k := key.(type) {
	case ed25519.PublicKey:
		return jwk{KeyType: "OKP", Curve: "Ed25519", X: encode(k)}
	case *ecdsa.PublicKey:
		if point, err := k.Bytes(); err == nil { // 4, X and Y (SEC 1 section 2.3.3)
			half := (len(point) - 1) / 2
			return jwk{KeyType: "EC", Curve: "P-256", X: encode(point[1 : 1+half]), Y: encode(point[1+half:])}
		}
	case *rsa.PublicKey:
		return jwk{KeyType: "RSA", Modulus: encode(k.N.Bytes()), Exponent: encode(big.NewInt(int64(k.E)).Bytes())}
	}
	return jwk{} // newKey admits no other kind
}

// thumbprint returns the identifier of a public key: the SHA-256 of its required
// members in the order of their names (RFC 7638).
func thumbprint(key crypto.PublicKey) string {
	k := newJWK(key)
	text := fmt.Sprintf(`{"e":%q,"kty":%q,"n":%q}`, k.Exponent, k.KeyType, k.Modulus)
	switch k.KeyType {
	case "EC":
		text = fmt.Sprintf(`{"crv":%q,"kty":%q,"x":%q,"y":%q}`, k.Curve, k.KeyType, k.X, k.Y)
	case "OKP":
		text = fmt.Sprintf(`{"crv":%q,"kty":%q,"x":%q}`, k.Curve, k.KeyType, k.X)
	}
	sum := sha256.Sum256([]byte(text))
	return encode(sum[:])
}

// JWKS returns the JSON Web Key Set (RFC 7517 section 5) of the public keys that
// may have signed an access token, the current one first. A gateway needs nothing
// else to verify access tokens. The set is empty if only secrets are configured,
// because a secret is never published.
func (s *Signer) JWKS() []byte { return bytes.Clone(s.jwks) }

// marshalJWKS takes public keys by type, so no secret is ever among them.
func marshalJWKS(keys []publicKey) ([]byte, error) {
	set := struct {
		Keys []jwk `json:"keys"`
	}{[]jwk{}}
	for _, k := range keys {
		if slices.ContainsFunc(set.Keys, func(known jwk) bool { return known.KeyID == k.ID() }) {
			continue
		}
		key := newJWK(k.public)
		key.KeyID, key.Algorithm, key.Use = k.ID(), k.Algorithm(), "sig"
		set.Keys = append(set.Keys, key)
	}
	text, err := json.Marshal(set)
	if err != nil {
		return nil, fmt.Errorf("encoding the public keys: %w", err)
	}
	return text, nil
}

// PublicJWKS returns the JSON Web Key Set of the keys in a PEM text, private or
// public ones. Errors: as CheckVerificationKeys.
func PublicJWKS(text domain.Secret) ([]byte, error) {
	keys, err := parseVerificationKeys(text)
	if err != nil {
		return nil, err
	}
	return marshalJWKS(keys)
}

// PublicPEM returns the public half of the keys in a PEM text, private or public
// ones, in PEM of type PUBLIC KEY. Errors: as CheckVerificationKeys.
func PublicPEM(text domain.Secret) ([]byte, error) {
	keys, err := parseVerificationKeys(text)
	if err != nil {
		return nil, err
	}
	var out []byte
	for _, k := range keys {
		der, err := x509.MarshalPKIXPublicKey(k.public)
		if err != nil {
			return nil, fmt.Errorf("encoding a public key: %w", err)
		}
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})...)
	}
	return out, nil
}
