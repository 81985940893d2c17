package tokens

import (
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/seed543b3b27/auth-service/domain"
)

// The sizes of RSA keys in bits: the least that RFC 7518 section 3.3 allows, and
// the most that does not make a single check expensive.
const (
	MinRSABits = 2048
	MaxRSABits = 8192
)

// minRSAExponent is the least public exponent of FIPS 186-5, section 5.1.
const minRSAExponent = 65537

// Reasons for refusing a PEM text. They say what to set and never what was set.
var (
	errPEMMissing     = errors.New("it holds no PEM text; set one with its line breaks, such as the output of: auth-service keys generate --type ed25519")
	errPEMDamaged     = errors.New("the PEM text is damaged or incomplete; copy it again, with its line breaks")
	errPEMEncrypted   = errors.New("the private key is encrypted; decrypt it (openssl pkey -in FILE -out NEW_FILE) and keep the new file where only the service can read it")
	errPEMCertificate = errors.New("it holds a certificate; set the key itself")
	errPEMOpenSSH     = errors.New("it holds a key in OpenSSH's own format; set one in PKCS#8, such as the output of: auth-service keys generate --type ed25519")
	errPEMKind        = errors.New("it holds something else than a key; set a PEM text of type PRIVATE KEY, RSA PRIVATE KEY, PUBLIC KEY or RSA PUBLIC KEY")
	errKeyKind        = errors.New("the key is neither an Ed25519 nor an RSA key (ECDSA, among others, is not supported); generate one with: auth-service keys generate --type ed25519")
	errKeyPublic      = errors.New("it holds a public key, which cannot sign; set the private key")
	errKeySeveral     = errors.New("it holds several keys and only one can sign; further keys belong into JWT_ACCESS_VERIFICATION_KEYS")
	errRSASize        = fmt.Errorf("the RSA key must have between %d and %d bits; generate one with: auth-service keys generate --type rsa", MinRSABits, MaxRSABits)
	errRSAExponent    = errors.New("the public exponent of the RSA key must be an odd number of at least 65537; generate one with: auth-service keys generate --type rsa")
)

// CheckAccessKey tells whether text, in PEM, is the one private key that can sign
// access tokens: Ed25519 (PKCS#8), or RSA of MinRSABits to MaxRSABits (PKCS#8 or
// PKCS#1). Errors: one that says what to set, without the name of the setting and
// without any part of the key.
func CheckAccessKey(text domain.Secret) error {
	_, err := parseAccessKey(text)
	return err
}

// CheckVerificationKeys tells whether text holds public keys, or private ones of
// which the public half is meant, one PEM block after the other. Errors: as
// CheckAccessKey, with the number of the block.
func CheckVerificationKeys(text domain.Secret) error {
	_, err := parseVerificationKeys(text)
	return err
}

func parseAccessKey(text domain.Secret) (privateKey, error) {
	blocks, err := decodePEM(text)
	if err != nil {
		return nil, err
	}
	if len(blocks) > 1 {
		return nil, errKeySeveral
	}
	k, err := readKey(blocks[0])
	if err != nil {
		return nil, err
	}
	private, canSign := k.(privateKey)
	if !canSign {
		return nil, errKeyPublic
	}
	return private, nil
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
		keys[i] = k
		if private, ok := k.(privateKey); ok {
			keys[i] = private.publicHalf()
		}
	}
	return keys, nil
}

// decodePEM returns the blocks of text, at least one. pem.Decode passes over
// damaged blocks; here none may get lost.
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

// readKey reads the key of one block: a privateKey or a publicKey only.
func readKey(block *pem.Block) (publicKey, error) {
	if strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED") {
		return nil, errPEMEncrypted
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
		return nil, errPEMEncrypted
	case "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE", "CERTIFICATE REQUEST":
		return nil, errPEMCertificate
	case "EC PRIVATE KEY", "EC PARAMETERS", "DSA PRIVATE KEY":
		return nil, errKeyKind
	case "OPENSSH PRIVATE KEY":
		return nil, errPEMOpenSSH
	default:
		return nil, errPEMKind
	}
	if err != nil {
		return nil, errPEMDamaged // what exactly is wrong might tell of the key
	}
	return newKey(key)
}

// newKey gives a key of crypto/x509 its own type.
func newKey(key any) (publicKey, error) {
	switch k := key.(type) {
	case ed25519.PrivateKey:
		public, err := newEd25519(k[ed25519.PrivateKeySize-ed25519.PublicKeySize:])
		return ed25519Private{public, k}, err
	case *rsa.PrivateKey:
		public, err := newRSA(&k.PublicKey)
		return rsaPrivate{public, k}, err
	case ed25519.PublicKey:
		return newEd25519(k)
	case *rsa.PublicKey:
		return newRSA(k)
	default: // ECDSA, X25519, DSA
		return nil, errKeyKind
	}
}

func newEd25519(key []byte) (ed25519Public, error) {
	public := ed25519.PublicKey(key)
	id, err := thumbprint(public)
	return ed25519Public{id, public}, err
}

func newRSA(key *rsa.PublicKey) (rsaPublic, error) {
	if bits := key.N.BitLen(); bits < MinRSABits || bits > MaxRSABits {
		return rsaPublic{}, errRSASize
	}
	if key.E < minRSAExponent || key.E%2 == 0 {
		return rsaPublic{}, errRSAExponent
	}
	id, err := thumbprint(key)
	return rsaPublic{id, key}, err
}
