package tokens

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/seed543b3b27/auth-service/adapters/internal/jws"
	"github.com/seed543b3b27/auth-service/domain"
)

// The sizes of RSA keys, in bits: the least that RFC 7518 section 3.3 allows, and
// the largest at which verifying a token is still cheap.
const (
	MinRSABits = 2048
	MaxRSABits = 8192
)

// minRSAExponent is the least public exponent of FIPS 186-5, section 5.1.
const minRSAExponent = 65537

// Reasons for refusing a PEM text. They say what to set and never show the text.
var (
	errPEMMissing     = errors.New("it holds no PEM text; set one with its line breaks, such as the output of: auth-service keys generate --type ed25519")
	errPEMDamaged     = errors.New("the PEM text is damaged or incomplete; copy it again, with its line breaks")
	errPEMEncrypted   = errors.New("the private key is encrypted; decrypt it (openssl pkey -in FILE -out NEW_FILE) and keep the new file where only the service can read it")
	errPEMCertificate = errors.New("it holds a certificate; set the key itself")
	errPEMOpenSSH     = errors.New("it holds a key in OpenSSH's own format; set one in PKCS#8, such as the output of: auth-service keys generate --type ed25519")
	errPEMKind        = errors.New("it holds something other than a key; set a PEM text of type PRIVATE KEY, RSA PRIVATE KEY, PUBLIC KEY or RSA PUBLIC KEY")
	errKeyKind        = errors.New("the key is neither an Ed25519 nor an RSA key (ECDSA, among others, is not supported); generate one with: auth-service keys generate --type ed25519")
	errKeyPublic      = errors.New("it holds a public key, which cannot sign; set the private key")
	errKeySeveral     = errors.New("it holds several keys and only one can sign; further keys belong in JWT_ACCESS_VERIFICATION_KEYS")
	errRSASize        = fmt.Errorf("the RSA key must have between %d and %d bits; generate one with: auth-service keys generate --type rsa", MinRSABits, MaxRSABits)
	errRSAExponent    = errors.New("the public exponent of the RSA key must be an odd number of at least 65537; generate one with: auth-service keys generate --type rsa")
)

// publicKey is the half of a pair that verifies. It may be published.
type publicKey struct {
	jws.Key
	public crypto.PublicKey // an ed25519.PublicKey or an *rsa.PublicKey
}

// pair is a key of a PEM text.
type pair struct {
	publicKey
	private crypto.PrivateKey // nil if the text holds the public half only
}

// CheckAccessKey checks that text, in PEM, is one private key that can sign access
// tokens: Ed25519 (PKCS#8), or RSA of MinRSABits to MaxRSABits (PKCS#8 or PKCS#1).
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
// blocks; here a damaged block is an error.
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
	return blocks, nil
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
	case "EC PRIVATE KEY", "EC PARAMETERS", "DSA PRIVATE KEY":
		return pair{}, errKeyKind
	case "OPENSSH PRIVATE KEY":
		return pair{}, errPEMOpenSSH
	default:
		return pair{}, errPEMKind
	}
	if err != nil {
		return pair{}, errPEMDamaged // because the reason might reveal a part of the key
	}
	return newKey(key)
}

// newKey returns the pair of a key of crypto/x509.
func newKey(key any) (pair, error) {
	switch k := key.(type) {
	case ed25519.PrivateKey:
		return pair{newEd25519(k[ed25519.PrivateKeySize-ed25519.PublicKeySize:]), k}, nil
	case *rsa.PrivateKey:
		public, err := newRSA(&k.PublicKey)
		return pair{public, k}, err
	case ed25519.PublicKey:
		return pair{newEd25519(k), nil}, nil
	case *rsa.PublicKey:
		public, err := newRSA(k)
		return pair{public, nil}, err
	default: // ECDSA, X25519, DSA
		return pair{}, errKeyKind
	}
}

func newEd25519(key []byte) publicKey {
	public := ed25519.PublicKey(key)
	return publicKey{jws.NewEdDSA(thumbprint(public), public), public}
}

func newRSA(key *rsa.PublicKey) (publicKey, error) {
	if bits := key.N.BitLen(); bits < MinRSABits || bits > MaxRSABits {
		return publicKey{}, errRSASize
	}
	if key.E < minRSAExponent || key.E%2 == 0 {
		return publicKey{}, errRSAExponent
	}
	return publicKey{jws.NewRS256(thumbprint(key), key), key}, nil
}
