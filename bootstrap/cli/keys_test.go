package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/datakeys"
	"github.com/seed543b3b27/auth-service/adapters/tokens"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/kit/configtest"
)

// The service accepts the keys that the command makes.
func TestGenerateKey_MakesKeysThatAreGood(t *testing.T) {
	t.Parallel()
	text, variable, err := generateKey(keySecret, 0)
	require.NoError(t, err)
	assert.Equal(t, "JWT_SECRET_KEY", variable)
	secret := domain.NewSecret(strings.TrimSuffix(text.Reveal(), "\n"))
	require.NoError(t, tokens.CheckKey(secret))
	text, variable, err = generateKey(keyData, 0)
	require.NoError(t, err)
	assert.Equal(t, "DATA_ENCRYPTION_KEYS", variable)
	keys, err := datakeys.Parse(text)
	require.NoError(t, err)
	assert.Len(t, keys, 1)
	another, _, err := generateKey(keyData, 0)
	require.NoError(t, err)
	both, err := datakeys.Parse(domain.NewSecret(text.Reveal() + another.Reveal()))
	require.NoError(t, err)
	assert.Len(t, both, 2, "files can be joined")
	for _, kind := range []string{keyEd25519, keyECDSA, keyRSA} {
		text, variable, err := generateKey(kind, tokens.MinRSABits)
		require.NoError(t, err, kind)
		assert.Equal(t, "JWT_ACCESS_KEY", variable)
		require.NoError(t, tokens.CheckAccessKey(text), kind)
		other, _, err := generateKey(kind, tokens.MinRSABits)
		require.NoError(t, err, kind)
		assert.False(t, text.Equal(other), "each call makes another key")
	}
}

func TestMain_GeneratedKeysGoToANewFileOfTheOwner(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "access.pem")
	code, out, errs := run(t, nil, "", "keys", "generate", "--type", "ed25519", "--out", path)
	require.Equal(t, exitOK, code, errs)
	assert.Empty(t, out)
	assert.Contains(t, errs, "JWT_ACCESS_KEY_FILE="+path)
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.NotContains(t, errs, strings.Split(string(before), "\n")[1])

	code, _, errs = run(t, nil, "", "keys", "generate", "--out", path)
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, errs, "already exists")
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, before, after, "a key is never overwritten")
	files, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	assert.Len(t, files, 1, "no temporary file is left")
}

func TestMain_GeneratesDataKeys(t *testing.T) {
	t.Parallel()
	code, out, errs := run(t, nil, "", "keys", "generate", "--type", "data")
	require.Equal(t, exitOK, code, errs)
	assert.Contains(t, errs, "DATA_ENCRYPTION_KEYS_FILE")
	assert.NotContains(t, errs, strings.TrimSpace(out))
	code, checked, errs := run(t, configtest.Production("DATA_ENCRYPTION_KEYS", out, "TRUSTED_PROXIES", "10.0.0.0/8"), "", "config", "check", "--strict")
	assert.Equal(t, exitOK, code, errs)
	assert.NotContains(t, checked, "one-time codes")
}

func TestMain_PrintsKeysAndTheirPublicHalves(t *testing.T) {
	t.Parallel()
	code, private, errs := run(t, nil, "", "keys", "generate", "--type", "ed25519")
	require.Equal(t, exitOK, code, errs)
	assert.True(t, strings.HasPrefix(private, "-----BEGIN PRIVATE KEY-----\n"))
	assert.Contains(t, errs, "JWT_ACCESS_KEY")

	code, public, errs := run(t, nil, private, "keys", "public", "-")
	require.Equal(t, exitOK, code, errs)
	assert.True(t, strings.HasPrefix(public, "-----BEGIN PUBLIC KEY-----\n"))
	code, fromPrivate, _ := run(t, nil, private, "keys", "public", "--jwks", "-")
	assert.Equal(t, exitOK, code)
	_, fromPublic, _ := run(t, nil, public, "keys", "public", "--jwks", "-")
	assert.JSONEq(t, fromPrivate, fromPublic)
	assert.Contains(t, fromPublic, `"kid"`)
	assert.NotContains(t, fromPrivate, `"d"`)
	assert.Equal(t, 1, strings.Count(fromPrivate, "\n"), "the key set is one line")
	assert.True(t, strings.HasSuffix(fromPrivate, "}\n"))

	code, _, errs = run(t, nil, "nonsense", "keys", "public", "-")
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, errs, "no PEM text")
}

func TestMain_KeysRefusesUnknownTypesAndSizes(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--type", "dsa"}, {"--type", "rsa", "--bits", "1024"}, {"--type", "rsa", "--bits", "16384"}} {
		code, out, errs := run(t, nil, "", append([]string{"keys", "generate"}, args...)...)
		assert.Equal(t, exitUsage, code, args)
		assert.Empty(t, out)
		assert.Contains(t, errs, args[len(args)-2])
	}
	code, _, errs := run(t, nil, "", "keys", "public")
	assert.Equal(t, exitUsage, code)
	assert.Contains(t, errs, "needs 1 argument, but got 0")
}
