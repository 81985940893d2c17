package jws

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rsa"
	"crypto/sha256"
	"hash"
	"math/big"
	"sync"
)

// Key verifies signatures by its one algorithm. The type of the key decides the
// algorithm; a token never does (RFC 8725 sections 3.1 and 3.2). So a public key
// cannot be taken for a secret, nor one kind of public key for another.
type Key interface {
	// ID returns the identifier by which tokens name the key (kid).
	ID() string
	// Algorithm returns the name of the key's algorithm (alg; RFC 7518, RFC 8037).
	Algorithm() string
	// Verify reports whether signature is the key's signature of signed.
	Verify(signed string, signature []byte) bool
}

// Keys are the keys whose tokens are accepted, by identifier.
type Keys map[string]Key

// SecretKey is a Key that signs as well, because its secret does both.
type SecretKey interface {
	Key
	// Sign returns the one signature of a text.
	Sign(text string) [sha256.Size]byte
}

type hs256Key struct {
	id   string
	macs *sync.Pool // of *mac
}

// mac is a computation of an HMAC with its buffers. Used again, it skips the schedule of
// the key.
type mac struct {
	hash.Hash
	text []byte
	sum  [sha256.Size]byte
}

// NewHS256 returns the key of HMAC-SHA-256 (RFC 7518 section 3.2) with secret.
func NewHS256(id string, secret []byte) SecretKey {
	return hs256Key{id, &sync.Pool{New: func() any { return &mac{Hash: hmac.New(sha256.New, secret)} }}}
}

// of returns the HMAC of a text, valid until the next one.
func (m *mac) of(text string) []byte {
	m.Reset()
	m.text = append(m.text[:0], text...)
	_, _ = m.Write(m.text) // a hash takes everything
	return m.Sum(m.sum[:0])
}

func (k hs256Key) ID() string        { return k.id }
func (k hs256Key) Algorithm() string { return "HS256" }

// Sign returns the one signature of a text.
func (k hs256Key) Sign(text string) (signature [sha256.Size]byte) {
	m, _ := k.macs.Get().(*mac)
	defer k.macs.Put(m)
	m.of(text)
	return m.sum
}

// Verify compares in constant time.
func (k hs256Key) Verify(signed string, signature []byte) bool {
	m, _ := k.macs.Get().(*mac)
	defer k.macs.Put(m)
	return hmac.Equal(signature, m.of(signed))
}

type edDSAKey struct {
	id     string
	public ed25519.PublicKey
}

// NewEdDSA returns the key that verifies EdDSA signatures with Ed25519 (RFC 8037
// section 3.1).
func NewEdDSA(id string, public ed25519.PublicKey) Key { return edDSAKey{id, public} }

func (k edDSAKey) ID() string        { return k.id }
func (k edDSAKey) Algorithm() string { return "EdDSA" }

func (k edDSAKey) Verify(signed string, signature []byte) bool {
	return ed25519.Verify(k.public, []byte(signed), signature)
}

type rs256Key struct {
	id     string
	public *rsa.PublicKey
}

// NewRS256 returns the key that verifies RSASSA-PKCS1-v1_5 signatures with
// SHA-256 (RFC 7518 section 3.3).
func NewRS256(id string, public *rsa.PublicKey) Key { return rs256Key{id, public} }

func (k rs256Key) ID() string        { return k.id }
func (k rs256Key) Algorithm() string { return "RS256" }

func (k rs256Key) Verify(signed string, signature []byte) bool {
	digest := sha256.Sum256([]byte(signed))
	return rsa.VerifyPKCS1v15(k.public, crypto.SHA256, digest[:], signature) == nil
}

type es256Key struct {
	id     string
	public *ecdsa.PublicKey
}

// ES256Size is the size of an ES256 signature: two numbers of 32 bytes (RFC 7518
// section 3.4).
const ES256Size = 64

// NewES256 returns the key that verifies ECDSA signatures with P-256 and SHA-256
// (RFC 7518 section 3.4). public is a key of P-256.
func NewES256(id string, public *ecdsa.PublicKey) Key { return es256Key{id, public} }

func (k es256Key) ID() string        { return k.id }
func (k es256Key) Algorithm() string { return "ES256" }

func (k es256Key) Verify(signed string, signature []byte) bool {
	if len(signature) != ES256Size {
		return false
	}
	digest := sha256.Sum256([]byte(signed))
	r, s := new(big.Int).SetBytes(signature[:ES256Size/2]), new(big.Int).SetBytes(signature[ES256Size/2:])
	return ecdsa.Verify(k.public, digest[:], r, s)
}
