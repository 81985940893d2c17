package tokens_test

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/tokens"
	"github.com/seed543b3b27/auth-service/domain"
)

func TestCheckAccessKey_TakesPrivateKeysInTheirUsualForms(t *testing.T) {
	t.Parallel()
	pkcs1 := encodePEM("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey()))
	for name, text := range map[string]string{
		"Ed25519": privatePEM(t, edKey), "RSA": privatePEM(t, rsaKey()), "RSA in PKCS#1": pkcs1,
		"with text around":      "Bag Attributes\n  friendlyName: x\n" + privatePEM(t, edKey) + "\n\n",
		"with CRLF line breaks": strings.ReplaceAll(privatePEM(t, edKey), "\n", "\r\n"),
		"no last line break":    strings.TrimSpace(pkcs1),
	} {
		assert.NoError(t, tokens.CheckAccessKey(domain.NewSecret(text)), name)
		assert.NoError(t, tokens.CheckVerificationKeys(domain.NewSecret(text)), name)
	}
	public := encodePEM("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&rsaKey().PublicKey))
	assert.NoError(t, tokens.CheckVerificationKeys(domain.NewSecret(public+publicPEM(t, edKey)+publicPEM(t, rsaKey())+privatePEM(t, edOther))))
}

// S-27: each wrong key is refused with what to do about it, and never shown.
func TestNew_S27_RefusesWrongAsymmetricKeys(t *testing.T) {
	t.Parallel()
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	ecDER, err := x509.MarshalECPrivateKey(ec)
	require.NoError(t, err)
	x25519, err := ecdh.X25519().GenerateKey(rand.Reader)
	require.NoError(t, err)
	small := generateRSA(1024)
	good := privatePEM(t, edKey)
	lines := strings.SplitAfter(privatePEM(t, rsaKey()), "\n")
	for name, c := range map[string]struct{ text, says string }{
		"garbage":              {"garbage-canary", "no PEM text"},
		"one line":             {strings.ReplaceAll(good, "\n", " "), "damaged"},
		"escaped breaks":       {strings.ReplaceAll(good, "\n", `\n`), "line breaks"},
		"a line lost":          {strings.Join(append(append([]string{}, lines[:5]...), lines[6:]...), ""), "damaged"},
		"no end":               {good[:60], "damaged"},
		"other bytes":          {encodePEM("PRIVATE KEY", []byte("canary")), "damaged"},
		"encrypted":            {encodePEM("ENCRYPTED PRIVATE KEY", []byte("canary")), "decrypt it"},
		"encrypted PKCS#1":     {string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-128-CBC,00"}, Bytes: []byte("canary")})), "decrypt it"},
		"a certificate":        {encodePEM("CERTIFICATE", []byte("canary")), "certificate"},
		"OpenSSH":              {encodePEM("OPENSSH PRIVATE KEY", []byte("canary")), "OpenSSH"},
		"something else":       {encodePEM("PGP MESSAGE", []byte("canary")), "other than a key"},
		"ECDSA":                {privatePEM(t, ec), "neither an Ed25519 nor an RSA key"},
		"ECDSA in SEC 1":       {encodePEM("EC PRIVATE KEY", ecDER), "neither an Ed25519 nor an RSA key"},
		"X25519":               {privatePEM(t, x25519), "neither an Ed25519 nor an RSA key"},
		"RSA too small":        {privatePEM(t, small), "between 2048 and 8192 bits"},
		"RSA public too small": {publicPEM(t, small), "between 2048 and 8192 bits"},
		"RSA too large":        {oddKey(t, new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), 8192), big.NewInt(1)), 65537), "between 2048 and 8192 bits"},
		"exponent 3":           {oddKey(t, rsaKey().N, 3), "exponent"},
		"even exponent":        {oddKey(t, rsaKey().N, 65538), "exponent"},
	} {
		for field, keys := range map[string]tokens.Keys{
			"AccessKey: ":                      {AccessKey: domain.NewSecret(c.text)},
			"AccessVerificationKeys: ":         {AccessVerificationKeys: domain.NewSecret(c.text)},
			"AccessVerificationKeys: number 2": {AccessVerificationKeys: domain.NewSecret(publicPEM(t, edOther) + c.text)},
		} {
			if block, _ := pem.Decode([]byte(c.text)); block == nil && strings.HasSuffix(field, "2") {
				continue // without a block there is no number 2
			}
			keys.Secret = domain.NewSecret(currentKey)
			_, err := tokens.New(keys)
			require.Error(t, err, name)
			assert.ErrorContains(t, err, field, name)
			assert.ErrorContains(t, err, c.says, name)
			assert.NotContains(t, err.Error(), "canary", name)
			assert.NotContains(t, err.Error(), "MC4C", name)
		}
	}
}

func TestCheckAccessKey_WantsExactlyOnePrivateKey(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		publicPEM(t, edKey):                           "set the private key",
		publicPEM(t, rsaKey()):                        "set the private key",
		privatePEM(t, edKey) + privatePEM(t, edOther): "several keys",
		privatePEM(t, edKey) + publicPEM(t, edKey):    "several keys",
		"": "no PEM text",
	} {
		assert.ErrorContains(t, tokens.CheckAccessKey(domain.NewSecret(text)), says)
	}
	assert.ErrorContains(t, tokens.CheckVerificationKeys(domain.NewSecret("")), "no PEM text")
	// Among several keys, a key that cannot be read is an error.
	assert.ErrorContains(t, tokens.CheckVerificationKeys(domain.NewSecret(privatePEM(t, edKey)[:60]+"\n"+publicPEM(t, edKey))), "damaged")
}

// oddKey returns the PEM text of an RSA public key that is unfit for use.
func oddKey(t testing.TB, modulus *big.Int, exponent int) string {
	t.Helper()
	var key crypto.PublicKey = &rsa.PublicKey{N: modulus, E: exponent}
	der, err := x509.MarshalPKIXPublicKey(key)
	require.NoError(t, err)
	return encodePEM("PUBLIC KEY", der)
}
