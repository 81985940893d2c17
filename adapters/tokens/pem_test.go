package tokens_test

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
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
	ecDER, err := x509.MarshalECPrivateKey(ecKey())
	require.NoError(t, err)
	older := encodePEM("EC PRIVATE KEY", ecDER)
	pkcs1 := encodePEM("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(rsaKey()))
	for name, text := range map[string]string{
		"Ed25519": privatePEM(t, edKey), "RSA": privatePEM(t, rsaKey()), "RSA in PKCS#1": pkcs1,
		"ECDSA": privatePEM(t, ecKey()), "ECDSA in SEC 1": older, "with the parameters before it": encodePEM("EC PARAMETERS", []byte("any")) + older,
		"with text around":      "Bag Attributes\n  friendlyName: x\n" + privatePEM(t, edKey) + "\n\n",
		"with CRLF line breaks": strings.ReplaceAll(privatePEM(t, edKey), "\n", "\r\n"),
		"no last line break":    strings.TrimSpace(pkcs1),
	} {
		assert.NoError(t, tokens.CheckAccessKey(domain.NewSecret(text)), name)
		assert.NoError(t, tokens.CheckVerificationKeys(domain.NewSecret(text)), name)
	}
	public := encodePEM("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(&rsaKey().PublicKey))
	assert.NoError(t, tokens.CheckVerificationKeys(domain.NewSecret(public+publicPEM(t, edKey)+publicPEM(t, ecKey())+publicPEM(t, rsaKey())+privatePEM(t, edOther))))
}

// S-27: each wrong key is refused with what to do about it, and never shown.
func TestNew_S27_RefusesWrongAsymmetricKeys(t *testing.T) {
	t.Parallel()
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	p384DER, err := x509.MarshalECPrivateKey(p384)
	require.NoError(t, err)
	x25519, err := ecdh.X25519().GenerateKey(rand.Reader)
	require.NoError(t, err)
	small := generateRSA(1024)
	good := privatePEM(t, edKey)
	lines := strings.SplitAfter(privatePEM(t, rsaKey()), "\n")
	for name, c := range map[string]struct{ text, says string }{
		"garbage":          {"garbage-canary", "no PEM text"},
		"one line":         {strings.ReplaceAll(good, "\n", " "), "damaged"},
		"escaped breaks":   {strings.ReplaceAll(good, "\n", `\n`), "line breaks"},
		"a line lost":      {strings.Join(append(append([]string{}, lines[:5]...), lines[6:]...), ""), "damaged"},
		"no end":           {good[:60], "damaged"},
		"other bytes":      {encodePEM("PRIVATE KEY", []byte("canary")), "damaged"},
		"encrypted":        {encodePEM("ENCRYPTED PRIVATE KEY", []byte("canary")), "decrypt it"},
		"encrypted PKCS#1": {string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED", "DEK-Info": "AES-128-CBC,00"}, Bytes: []byte("canary")})), "decrypt it"},
		"a certificate":    {encodePEM("CERTIFICATE", []byte("canary")), "certificate"},
		"OpenSSH":          {encodePEM("OPENSSH PRIVATE KEY", []byte("canary")), "OpenSSH"},
		"something else":   {encodePEM("PGP MESSAGE", []byte("canary")), "other than a key"},
		// F-R4: a kind that is not supported is named as such.
		"P-384":                {privatePEM(t, p384), "P-256 is"},
		"P-384 in SEC 1":       {encodePEM("EC PRIVATE KEY", p384DER), "P-256 is"},
		"secp256k1":            {pkcs8(t, ecPublicKey, secp256k1), "P-256 is"},
		"secp256k1 in SEC 1":   {sec1(t, secp256k1), "P-256 is"},
		"X25519":               {privatePEM(t, x25519), "keys of this kind are not supported"},
		"Ed448":                {pkcs8(t, ed448, nil), "keys of this kind are not supported"},
		"RSA for PSS alone":    {pkcs8(t, rsaPSS, nil), "keys of this kind are not supported"},
		"Ed448, public":        {spki(t, ed448), "keys of this kind are not supported"},
		"Ed25519 of bad bytes": {pkcs8(t, ed25519Key, nil), "damaged"},
		"DSA":                  {encodePEM("DSA PRIVATE KEY", []byte("canary")), "keys of this kind are not supported"},
		"SEC 1 of other bytes": {encodePEM("EC PRIVATE KEY", []byte("canary")), "damaged"},
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
		encodePEM("EC PARAMETERS", []byte("any")):     "other than a key",
		"": "no PEM text",
	} {
		assert.ErrorContains(t, tokens.CheckAccessKey(domain.NewSecret(text)), says)
	}
	assert.ErrorContains(t, tokens.CheckVerificationKeys(domain.NewSecret("")), "no PEM text")
	// Among several keys, a key that cannot be read is an error.
	assert.ErrorContains(t, tokens.CheckVerificationKeys(domain.NewSecret(privatePEM(t, edKey)[:60]+"\n"+publicPEM(t, edKey))), "damaged")
}

// Algorithms and a curve that crypto/x509 does not read, and one that it does.
var (
	ed448       = asn1.ObjectIdentifier{1, 3, 101, 113}
	rsaPSS      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}
	secp256k1   = asn1.ObjectIdentifier{1, 3, 132, 0, 10}
	ecPublicKey = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
	ed25519Key  = asn1.ObjectIdentifier{1, 3, 101, 112}
)

// pkcs8 returns the PEM text of a private key of any algorithm, without a valid key.
func pkcs8(t testing.TB, algorithm, curve asn1.ObjectIdentifier) string {
	t.Helper()
	return encodePEM("PRIVATE KEY", marshal(t, struct {
		Version   int
		Algorithm pkix.AlgorithmIdentifier
		Private   []byte
	}{0, identifier(t, algorithm, curve), []byte("canary")}))
}

// spki is pkcs8 for public keys.
func spki(t testing.TB, algorithm asn1.ObjectIdentifier) string {
	t.Helper()
	return encodePEM("PUBLIC KEY", marshal(t, struct {
		Algorithm pkix.AlgorithmIdentifier
		Public    asn1.BitString
	}{identifier(t, algorithm, nil), asn1.BitString{Bytes: []byte("canary"), BitLength: 48}}))
}

// sec1 is pkcs8 for the older form of ECDSA keys.
func sec1(t testing.TB, curve asn1.ObjectIdentifier) string {
	t.Helper()
	return encodePEM("EC PRIVATE KEY", marshal(t, struct {
		Version int
		Private []byte
		Curve   asn1.ObjectIdentifier `asn1:"explicit,tag:0"`
	}{1, []byte("canary"), curve}))
}

func identifier(t testing.TB, algorithm, curve asn1.ObjectIdentifier) pkix.AlgorithmIdentifier {
	t.Helper()
	id := pkix.AlgorithmIdentifier{Algorithm: algorithm}
	if curve != nil {
		id.Parameters = asn1.RawValue{FullBytes: marshal(t, curve)}
	}
	return id
}

func marshal(t testing.TB, value any) []byte {
	t.Helper()
	der, err := asn1.Marshal(value)
	require.NoError(t, err)
	return der
}

// oddKey returns the PEM text of an RSA public key that is unfit for use.
func oddKey(t testing.TB, modulus *big.Int, exponent int) string {
	t.Helper()
	var key crypto.PublicKey = &rsa.PublicKey{N: modulus, E: exponent}
	der, err := x509.MarshalPKIXPublicKey(key)
	require.NoError(t, err)
	return encodePEM("PUBLIC KEY", der)
}
