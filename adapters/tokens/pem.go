package tokens

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/seed543b3b27/auth-service/adapters/internal/jws"
	"github.com/seed543b3b27/auth-service/domain"
)

// The sizes of RSA keys, in bits: the least that RFC 7518 section 3.3 allows, and
// the largest at which verifying a token is still cheap.
const (
	MinRSABits = jws.MinRSABits
	MaxRSABits = jws.MaxRSABits
)

// Reasons for refusing a PEM text. They say what to set and never show the text.
var (
	errPEMMissing     = errors.New("it holds no PEM text; set one with its line breaks, such as the output of: auth-service keys generate --type ed25519")
	errPEMDamaged     = errors.New("the PEM text is damaged or incomplete; copy it again, with its line breaks")
	errPEMEncrypted   = errors.New("the private key is encrypted; decrypt it (openssl pkey -in FILE -out NEW_FILE) and keep the new file where only the service can read it")
	errPEMCertificate = errors.New("it holds a certificate; set the key itself")
	errPEMOpenSSH     = errors.New("it holds a key in OpenSSH's own format; set one in PKCS#8, such as the output of: auth-service keys generate --type ed25519")
	errPEMKind        = errors.New("it holds something other than a key; set a PEM text of type PRIVATE KEY, EC PRIVATE KEY, RSA PRIVATE KEY, PUBLIC KEY or RSA PUBLIC KEY")
	errKeyKind        = errors.New("keys of this kind are not supported; Ed25519, ECDSA with P-256, and RSA are: generate one with: auth-service keys generate --type ed25519")
	errKeyCurve       = errors.New("ECDSA keys of this curve are not supported, P-256 is; generate one with: auth-service keys generate --type ecdsa")
	errKeyPublic      = errors.New("it holds a public key, which cannot sign; set the private key")
	errKeySeveral     = errors.New("it holds several keys and only one can sign; further keys belong in JWT_ACCESS_VERIFICATION_KEYS")
	errRSASize        = fmt.Errorf("the RSA key must have between %d and %d bits; generate one with: auth-service keys generate --type rsa", MinRSABits, MaxRSABits)
	errRSAExponent    = errors.New("the public exponent of the RSA key must be an odd number of at least 65537; generate one with: auth-service keys generate --type rsa")
)

// publicKey is the half of a pair that verifies. It may be published.
type publicKey struct {
	jws.Key
	public crypto.PublicKey // an ed25519.PublicKey, an *ecdsa.PublicKey or an *rsa.PublicKey
}

// pair is a key of a PEM text.
type pair struct {
	publicKey
	private crypto.PrivateKey // nil if the text holds the public half only
}

// CheckAccessKey checks that text, in PEM, is one private key that can sign access
// tokens: Ed25519 (PKCS#8), ECDSA with P-256 (PKCS#8 or SEC 1), or RSA of MinRSABits to
// MaxRSABits (PKCS#8 or PKCS#1).
// Errors: one that says what to set, without the name of the setting and without
// any part of the key.
func CheckAccessKey(text domain.Secret) error {
	_, err := parseAccessKey(text)
	return err
}

// CheckVerificationKeys checks that text holds keys of the same kinds, one PEM
// block after the other: public keys, or private ones of which only the public
// half is used. Errors: as CheckAccessKey, with the number of the block.
func CheckVerificationKeys(text domain.Secret) error {
	_, err := parseVerificationKeys(text)
	return err
}

func parseAccessKey(text domain.Secret) (pair, error) {
	blocks, err := decodePEM(text)
	if err != nil {
		return pair{}, err
	}
	if len(blocks) > 1 {
		return pair{}, errKeySeveral
	}
	k, err := readKey(blocks[0])
	if err != nil {
		return pair{}, err
	}
	if k.private == nil {
		return pair{}, errKeyPublic
	}
	return k, nil
}

func parseVerificationKeys(text domain.Secret) ([]publicKey, error) {
	blocks, err := decodePEM(text)
	if err != nil {
		return nil, err
	}
	keys := make([]publicKey, len(blocks))
	for i, block := range blocks {
		k, err := readKey(block)
		if err != nil {
			return nil, fmt.Errorf("number %d: %w", i+1, err)
		}
		keys[i] = k.publicKey
	}
	return keys, nil
}

// decodePEM returns the blocks of text, at least one. pem.Decode skips damaged
// blocks; here a damaged block is an error. The parameters that openssl ecparam writes
// before a key are left out, because the key repeats them.
func decodePEM(text domain.Secret) ([]*pem.Block, error) {
	rest := []byte(text.Reveal())
	begun := strings.Count(string(rest), "-----BEGIN ")
	if begun == 0 {
		return nil, errPEMMissing
	}
	var blocks []*pem.Block
	for {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		blocks = append(blocks, block)
	}
	if len(blocks) != begun {
		return nil, errPEMDamaged
	}
	keys := slices.DeleteFunc(slices.Clone(blocks), func(b *pem.Block) bool { return b.Type == "EC PARAMETERS" })
	if len(keys) == 0 {
		return nil, errPEMKind
	}
	return keys, nil
}

// readKey reads the key of one block.
func readKey(block *pem.Block) (pair, error) {
	if strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED") {
		return pair{}, errPEMEncrypted
	}
	var key any
	var err error
	switch block.Type {
	case "PRIVATE KEY":
		key, err = x509.ParsePKCS8PrivateKey(block.Bytes)
	case "RSA PRIVATE KEY":
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case "PUBLIC KEY":
		key, err = x509.ParsePKIXPublicKey(block.Bytes)
	case "RSA PUBLIC KEY":
		key, err = x509.ParsePKCS1PublicKey(block.Bytes)
	case "ENCRYPTED PRIVATE KEY":
		return pair{}, errPEMEncrypted
	case "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE", "CERTIFICATE REQUEST":
		return pair{}, errPEMCertificate
	case "EC PRIVATE KEY":
		key, err = x509.ParseECPrivateKey(block.Bytes)
	case "DSA PRIVATE KEY":
		return pair{}, errKeyKind
	case "OPENSSH PRIVATE KEY":
		return pair{}, errPEMOpenSSH
	default:
		return pair{}, errPEMKind
	}
	if err != nil {
		return pair{}, unread(block) // because the reason might reveal a part of the key
	}
	return newKey(key)
}

// The algorithms of keys (RFC 8410, RFC 5480, RFC 8017).
var (
	oidEd25519 = asn1.ObjectIdentifier{1, 3, 101, 112}
	oidEC      = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
	oidRSA     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}
	oidP256    = asn1.ObjectIdentifier{1, 2, 840, 10045, 3, 1, 7}
)

// unread returns why crypto/x509 could not read a block: it names a kind of key that is
// not supported, or it is damaged.
func unread(block *pem.Block) error {
	var algorithm pkix.AlgorithmIdentifier
	switch block.Type {
	case "EC PRIVATE KEY":
		var key struct {
			Version int
			Private []byte
			Curve   asn1.ObjectIdentifier `asn1:"optional,explicit,tag:0"`
			Public  asn1.BitString        `asn1:"optional,explicit,tag:1"`
		}
		if _, err := asn1.Unmarshal(block.Bytes, &key); err != nil || len(key.Curve) == 0 || key.Curve.Equal(oidP256) {
			return errPEMDamaged
		}
		return errKeyCurve
	case "PRIVATE KEY":
		var key struct {
			Version    int
			Algorithm  pkix.AlgorithmIdentifier
			Private    []byte
			Attributes asn1.RawValue `asn1:"optional,tag:0"`
			Public     asn1.RawValue `asn1:"optional,tag:1"`
		}
		if _, err := asn1.Unmarshal(block.Bytes, &key); err != nil {
			return errPEMDamaged
		}
		algorithm = key.Algorithm
	case "PUBLIC KEY":
		var key struct {
			Algorithm pkix.AlgorithmIdentifier
			Public    asn1.BitString
		}
		if _, err := asn1.Unmarshal(block.Bytes, &key); err != nil {
			return errPEMDamaged
		}
		algorithm = key.Algorithm
	default:
		return errPEMDamaged
	}
	var curve asn1.ObjectIdentifier
	switch _, err := asn1.Unmarshal(algorithm.Parameters.FullBytes, &curve); {
	case algorithm.Algorithm.Equal(oidEC) && err == nil && !curve.Equal(oidP256):
		return errKeyCurve
	case algorithm.Algorithm.Equal(oidEC), algorithm.Algorithm.Equal(oidEd25519), algorithm.Algorithm.Equal(oidRSA):
		return errPEMDamaged
	}
	return errKeyKind // such as Ed448, or RSA for PSS alone
}

// newKey returns the pair of a key of crypto/x509.
func newKey(key any) (pair, error) {
	switch k := key.(type) {
	case ed25519.PrivateKey:
		return pair{newEd25519(k[ed25519.PrivateKeySize-ed25519.PublicKeySize:]), k}, nil
	case *rsa.PrivateKey:
		public, err := newRSA(&k.PublicKey)
		return pair{public, k}, err
	case *ecdsa.PrivateKey:
		public, err := newECDSA(&k.PublicKey)
		return pair{public, k}, err
	case ed25519.PublicKey:
		return pair{newEd25519(k), nil}, nil
	case *ecdsa.PublicKey:
		public, err := newECDSA(k)
		return pair{public, nil}, err
	case *rsa.PublicKey:
		public, err := newRSA(k)
		return pair{public, nil}, err
	default: // X25519, DSA
		return pair{}, errKeyKind
	}
}

func newEd25519(key []byte) publicKey {
	public := ed25519.PublicKey(key)
	return publicKey{jws.NewEdDSA(thumbprint(public), public), public}
}

func newECDSA(key *ecdsa.PublicKey) (publicKey, error) {
	if key.Curve != elliptic.P256() {
		return publicKey{}, errKeyCurve
	}
	return publicKey{jws.NewES256(thumbprint(key), key), key}, nil
}

func newRSA(key *rsa.PublicKey) (publicKey, error) {
	if bits := key.N.BitLen(); bits < MinRSABits || bits > MaxRSABits {
		return publicKey{}, errRSASize
	}
	if key.E < jws.MinRSAExponent || key.E%2 == 0 {
		return publicKey{}, errRSAExponent
	}
	return publicKey{jws.NewRS256(thumbprint(key), key), key}, nil
}
