package tokens

import (
	"crypto"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"

	"github.com/go-jose/go-jose/v4"
	"github.com/golang-jwt/jwt/v5"

	"github.com/seed543b3b27/auth-service/domain"
)

// verifier is a key that tokens may be signed with. The type of a key decides its
// one algorithm; a token never does (RFC 8725 sections 3.1 and 3.2). So a public
// key cannot be taken for a secret, nor one kind of public key for another.
type verifier interface {
	// keyID is the identifier that tokens name the key by.
	keyID() string
	// algorithm is the name of the key's algorithm (RFC 7518, RFC 8037).
	algorithm() string
	// verify checks a signature over signed. Errors: one for any other.
	verify(signed string, signature []byte) error
}

// signingKey is a key that can also sign, always in the same bytes.
type signingKey interface {
	verifier
	sign(signed string) ([]byte, error)
}

// publicKey is the half of a pair that everybody may have.
type publicKey interface {
	verifier
	// key is the key as crypto/x509 and go-jose know it.
	key() crypto.PublicKey
}

// privateKey is the half of a pair that signs.
type privateKey interface {
	signingKey
	publicHalf() publicKey
}

// secretKey signs and verifies with HMAC-SHA-256 (HS256, RFC 7518 section 3.2).
type secretKey struct {
	id     string
	secret []byte
}

// newSecretKey derives the identifier, 64 bits, from the key by a one-way
// function, so that it needs no configuration and is the same on every replica.
func newSecretKey(secret domain.Secret) secretKey {
	raw := []byte(secret.Reveal())
	mac := hmac.New(sha256.New, raw)
	mac.Write([]byte("auth-service: identifier of this key"))
	return secretKey{id: encode(mac.Sum(nil)[:8]), secret: raw}
}

func (k secretKey) keyID() string     { return k.id }
func (k secretKey) algorithm() string { return jwt.SigningMethodHS256.Alg() }

func (k secretKey) sign(signed string) ([]byte, error) {
	return jwt.SigningMethodHS256.Sign(signed, k.secret)
}

func (k secretKey) verify(signed string, signature []byte) error {
	return jwt.SigningMethodHS256.Verify(signed, signature, k.secret)
}

// ed25519Public verifies EdDSA signatures with Ed25519 (RFC 8037 section 3.1).
type ed25519Public struct {
	id     string
	public ed25519.PublicKey
}

func (k ed25519Public) keyID() string         { return k.id }
func (k ed25519Public) algorithm() string     { return jwt.SigningMethodEdDSA.Alg() }
func (k ed25519Public) key() crypto.PublicKey { return k.public }
func (k ed25519Public) publicHalf() publicKey { return k }

func (k ed25519Public) verify(signed string, signature []byte) error {
	return jwt.SigningMethodEdDSA.Verify(signed, signature, k.public)
}

type ed25519Private struct {
	ed25519Public
	private ed25519.PrivateKey
}

func (k ed25519Private) sign(signed string) ([]byte, error) {
	return jwt.SigningMethodEdDSA.Sign(signed, k.private)
}

// rsaPublic verifies RSASSA-PKCS1-v1_5 signatures with SHA-256 (RS256, RFC 7518
// section 3.3).
type rsaPublic struct {
	id     string
	public *rsa.PublicKey
}

func (k rsaPublic) keyID() string         { return k.id }
func (k rsaPublic) algorithm() string     { return jwt.SigningMethodRS256.Alg() }
func (k rsaPublic) key() crypto.PublicKey { return k.public }
func (k rsaPublic) publicHalf() publicKey { return k }

func (k rsaPublic) verify(signed string, signature []byte) error {
	return jwt.SigningMethodRS256.Verify(signed, signature, k.public)
}

type rsaPrivate struct {
	rsaPublic
	private *rsa.PrivateKey
}

func (k rsaPrivate) sign(signed string) ([]byte, error) {
	return jwt.SigningMethodRS256.Sign(signed, k.private)
}

// thumbprint is the identifier of a public key (RFC 7638), with SHA-256.
// Errors: internal ones only.
func thumbprint(key crypto.PublicKey) (string, error) {
	sum, err := (&jose.JSONWebKey{Key: key}).Thumbprint(crypto.SHA256)
	if err != nil {
		return "", fmt.Errorf("identifying a public key: %w", err)
	}
	return encode(sum), nil
}
