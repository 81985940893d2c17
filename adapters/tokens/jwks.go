package tokens

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"slices"

	"github.com/go-jose/go-jose/v4"

	"github.com/seed543b3b27/auth-service/domain"
)

// JWKS is the JSON Web Key Set (RFC 7517 section 5) of the public keys that
// access tokens may be signed with, the current one first: what a gateway needs
// to verify them. It is empty if only secrets are configured, which are nobody else's.
func (s *Signer) JWKS() []byte { return bytes.Clone(s.jwks) }

// marshalJWKS takes public keys by type, so no secret is ever among them.
func marshalJWKS(keys []publicKey) ([]byte, error) {
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	for _, k := range keys {
		if !slices.ContainsFunc(set.Keys, func(known jose.JSONWebKey) bool { return known.KeyID == k.keyID() }) {
			set.Keys = append(set.Keys, jose.JSONWebKey{Key: k.key(), KeyID: k.keyID(), Algorithm: k.algorithm(), Use: "sig"})
		}
	}
	text, err := json.Marshal(set)
	if err != nil {
		return nil, fmt.Errorf("encoding the public keys: %w", err)
	}
	return text, nil
}

// PublicJWKS is the JSON Web Key Set of the keys in a PEM text, private or public
// ones. Errors: as CheckVerificationKeys.
func PublicJWKS(text domain.Secret) ([]byte, error) {
	keys, err := parseVerificationKeys(text)
	if err != nil {
		return nil, err
	}
	return marshalJWKS(keys)
}

// PublicPEM is the public half of the keys in a PEM text, private or public ones,
// in PEM of type PUBLIC KEY. Errors: as CheckVerificationKeys.
func PublicPEM(text domain.Secret) ([]byte, error) {
	keys, err := parseVerificationKeys(text)
	if err != nil {
		return nil, err
	}
	var out []byte
	for _, k := range keys {
		der, err := x509.MarshalPKIXPublicKey(k.key())
		if err != nil {
			return nil, fmt.Errorf("encoding a public key: %w", err)
		}
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})...)
	}
	return out, nil
}
