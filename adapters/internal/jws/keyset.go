package jws

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"math/big"
)

// MaxKeySetSize is the largest size, in bytes, of a key set that is read. A set of this
// service has some 200 bytes for each Ed25519 key.
const MaxKeySetSize = 64 << 10

// The sizes of RSA keys that are taken, in bits, and their least public exponent (FIPS
// 186-5 section 5.1).
const (
	MinRSABits     = 2048
	MaxRSABits     = 8192
	MinRSAExponent = 65537
)

// ErrKeySet means that a text is no JSON Web Key Set.
var ErrKeySet = errors.New("jws: not a JSON Web Key Set")

// ParseKeySet returns the public keys of a JSON Web Key Set (RFC 7517 section 5): Ed25519
// for EdDSA, P-256 for ES256 and RSA of 2048 to 8192 bits for RS256. It leaves out keys of
// other kinds, for other uses and without kid, as RFC 7517 demands, and secrets (oct)
// always. Of two keys with one kid it takes the first. Errors: ErrKeySet.
func ParseKeySet(text []byte) (Keys, error) {
	if len(text) > MaxKeySetSize {
		return nil, ErrKeySet
	}
	set, err := readObject(text, 1)
	if err != nil {
		return nil, ErrKeySet
	}
	var list []json.RawMessage
	if err := set.Get("keys", &list); err != nil {
		return nil, ErrKeySet
	}
	keys := Keys{}
	for _, one := range list {
		o, err := readObject(one, 6)
		if err != nil {
			return nil, ErrKeySet
		}
		if key := readKey(o); key != nil && keys[key.ID()] == nil {
			keys[key.ID()] = key
		}
	}
	return keys, nil
}

// readKey returns the key of a JSON Web Key, nil if it is not one of ours.
func readKey(o Object) Key {
	use := "sig"
	var id, kind, algorithm string
	if err := errors.Join(o.Get("kid", &id), o.Get("kty", &kind), o.Get("alg", &algorithm), o.GetOptional("use", &use)); err != nil {
		return nil
	}
	if id == "" || use != "sig" {
		return nil
	}
	switch kind + " " + algorithm {
	case "OKP EdDSA":
		return readEd25519(id, o)
	case "EC ES256":
		return readP256(id, o)
	case "RSA RS256":
		return readRSA(id, o)
	}
	return nil
}

// readEd25519 reads a key of RFC 8037 section 2.
func readEd25519(id string, o Object) Key {
	if o.text("crv") != "Ed25519" {
		return nil
	}
	if x := o.bytes("x"); len(x) == ed25519.PublicKeySize {
		return NewEdDSA(id, x)
	}
	return nil
}

// readP256 reads a key of RFC 7518 section 6.2.1.
func readP256(id string, o Object) Key {
	x, y := o.bytes("x"), o.bytes("y")
	if o.text("crv") != "P-256" || len(x) != ES256Size/2 || len(y) != ES256Size/2 {
		return nil
	}
	point := append(append([]byte{4}, x...), y...) // SEC 1 section 2.3.3
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return nil // it is not on the curve
	}
	return NewES256(id, public)
}

// readRSA reads a key of RFC 7518 section 6.3.1.
func readRSA(id string, o Object) Key {
	n, e := new(big.Int).SetBytes(o.bytes("n")), new(big.Int).SetBytes(o.bytes("e"))
	if bits := n.BitLen(); bits < MinRSABits || bits > MaxRSABits || e.BitLen() > 31 || e.Int64() < MinRSAExponent || e.Bit(0) == 0 {
		return nil
	}
	return NewRS256(id, &rsa.PublicKey{N: n, E: int(e.Int64())})
}

// text returns a string member; empty if it is missing or of another type.
func (o Object) text(name string) (s string) {
	_ = o.Get(name, &s) // which leaves s empty
	return s
}

// bytes returns the bytes of a base64url member; nil if it is missing or malformed.
func (o Object) bytes(name string) []byte {
	raw, err := decode(o.text(name))
	if err != nil {
		return nil
	}
	return raw
}
