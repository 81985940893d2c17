package passwords_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"golang.org/x/crypto/argon2"

	"github.com/seed543b3b27/auth-service/adapters/passwords"
	"github.com/seed543b3b27/auth-service/domain"
)

func argon(password string, memory, passes uint32, threads uint8) domain.PasswordHash {
	salt := []byte("sixteen byte salt"[:16])
	key := argon2.IDKey([]byte(password), salt, passes, memory, threads, 32)
	return domain.NewPasswordHash(fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", memory, passes, threads,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key)))
}

func TestVerify_ChecksArgon2idOfOtherSoftware(t *testing.T) {
	t.Parallel()
	h := newHasher(t, passwords.Options{})
	for _, encoded := range []domain.PasswordHash{argon("pass\x00word", 1024, 2, 1), argon("pass\x00word", 64, 1, 4)} {
		assert.Equal(t, outdated, verify(t, h, encoded, "pass\x00word"))
		assert.Equal(t, differs, verify(t, h, encoded, "pass\x00wore"))
		assert.Equal(t, differs, verify(t, h, encoded, "pass"))
	}
}

func TestVerify_RefusesArgon2idBeyondItsLimits(t *testing.T) {
	t.Parallel()
	h := newHasher(t, passwords.Options{})
	good := argon("x", 64, 1, 1).Encoded()
	assert.Equal(t, outdated, verify(t, h, domain.NewPasswordHash(good), "x"))
	for _, parameters := range []string{
		"m=4194304,t=1,p=1", "m=131073,t=1,p=1", "m=131072,t=5,p=1", "m=64,t=4294967295,p=1", "m=64,t=1,p=255", "m=64,t=1,p=17",
		"m=64,t=0,p=1", "m=64,t=1,p=0", "m=7,t=1,p=1", "m=0,t=1,p=1", "m=-64,t=1,p=1", "m=64,t=1", "m=064,t=1,p=1",
		"m=99999999999,t=1,p=1", "m=64,t=1,p=1,x=1", " m=64,t=1,p=1", "",
	} {
		encoded := domain.NewPasswordHash(strings.Replace(good, "m=64,t=1,p=1", parameters, 1))
		assert.Equal(t, differs, verify(t, h, encoded, "x"), parameters)
	}
	for from, to := range map[string]string{
		"$argon2id$": "$argon2i$", "v=19": "v=16", "$m=": "$$m=", good[len(good)-43:]: "", good[len(good)-42:]: "+",
	} {
		encoded := domain.NewPasswordHash(strings.Replace(good, from, to, 1))
		assert.Equal(t, differs, verify(t, h, encoded, "x"), encoded.Encoded())
	}
}

// FuzzVerify: no stored text takes too long, and a wrong password matches none.
func FuzzVerify(f *testing.F) {
	h := newHasher(f, passwords.Options{Workers: 1})
	for _, seed := range []string{"", "!", hash(f, h, "x").Encoded(), argon("x", 64, 1, 1).Encoded(), "$2b$04$", "$argon2id$v=19$m=8,t=1,p=1$$"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, encoded string) {
		assert.Equal(t, differs, verify(t, h, domain.NewPasswordHash(encoded), "not the password of any seed"))
	})
}
