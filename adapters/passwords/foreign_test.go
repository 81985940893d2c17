package passwords_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"

	"github.com/seed543b3b27/auth-service/adapters/passwords"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// foreignHashes come from other software: the first four from the documents and
// tests of Django, Kratos and passlib and from an export of Keycloak, the others
// from Python's hashlib and bcrypt's own vectors.
var foreignHashes = map[string]struct{ encoded, password string }{
	"Django":  {"pbkdf2_sha256$1000000$seasalt$r1uLUxoxpP2Ued/qxvmje7UH9PUJBkRrvf9gGPL7Cps=", "lètmein"},
	"Kratos":  {"$pbkdf2-sha256$i=100000,l=32$1jP+5Zxpxgtee/iPxGgOz0RfE9/KJuDElP1ley4VxXc$QJxzfvdbHYBpydCbHoFg3GJEqMFULwskiuqiJctoYpI", "test"},
	"passlib": {"$pbkdf2-sha256$29000$N2YMIWQsBWBMae09x1jrPQ$1t8iyB2A.WF/Z5JZv.lfCIhXXN33N23OSgQYThBYRfk", "toomanysecrets"},
	"Keycloak, two blocks": {
		"$pbkdf2-sha256$i=27500,l=64$H1Yjwf5UUIip/deJSkNJ+Q$gI7lGJLNUQfn6xcMUtLp0XnOIF3JdaoAj8IogosYZsDg4Q5cFxG5JkJrKZpR7mIG5MxlH346ikZKsiZovvFKDQ", "user1",
	},
	"Keycloak, argon2id": {"$argon2id$v=19$m=7168,t=5,p=1$RJ0aLMQ2qKbZuROs7qQhcA$BuViHNDGmCq80fvpty/QoggTI8NSt0CuNDGgeoa5f5A", "iceberg"},
	"Django, SHA-1":      {"pbkdf2_sha1$1000$seasalt$H6WU+1jmJ8zSnEXWnKOkiKafRIA=", "pässword"},
	"SHA-224":            {"pbkdf2_sha224$1000$seasalt$zD8cVnE/z5kAbM03ZafoWUik7YqmXDU3c8WB/Q==", "pässword"},
	"SHA-384":            {"pbkdf2_sha384$1000$seasalt$bfD5QrI5DmGtLU8rjyha9GePAxcjHpz2DtHUIMpPiySEJigQ6W6lNXDLtdisqEuc", "pässword"},
	"SHA-512":            {"pbkdf2_sha512$1000$seasalt$8zwIjbbfUtSNd3O94YeOw0XPhgLxtROQiGP+2it0e4YK52bNNezH9djX053/umuPonnvGVYR2RAJn7uCIRro/Q==", "pässword"},
	"SHA-1, four blocks": {
		"$pbkdf2-sha1$i=1000,l=64$c29tZSBzYWx0IG9mIHRleHQ$q/MhwzZzR0iqrE4VTrjBzcVI8sYptVZwWT1VAplzavAeQ/BXxazJWZFJianxKQErd4yOrkXAB+2itB6SPQVDzQ", "pässword",
	},
	"passlib, SHA-1":    {"$pbkdf2$1000$c29tZSBzYWx0IG9mIHRleHQ$q/MhwzZzR0iqrE4VTrjBzcVI8sY", "pässword"},
	"bcrypt":            {"$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"},
	"Django's bcrypt":   {"bcrypt$$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"},
	"Django's argon2id": {"argon2$argon2id$v=19$m=7168,t=5,p=1$RJ0aLMQ2qKbZuROs7qQhcA$BuViHNDGmCq80fvpty/QoggTI8NSt0CuNDGgeoa5f5A", "iceberg"},
}

func TestVerify_ChecksHashesOfOtherSoftware(t *testing.T) {
	t.Parallel()
	h := newHasher(t, passwords.Options{})
	for name, row := range foreignHashes {
		encoded := domain.NewPasswordHash(row.encoded)
		require.NoError(t, h.CanVerify(encoded), name)
		assert.Equal(t, outdated, verify(t, h, encoded, row.password), name)
		for _, other := range []string{"", row.password + "x", row.password[1:], row.password + "\x00", strings.ToUpper(row.password) + "!"} {
			assert.Equal(t, differs, verify(t, h, encoded, other), "%s: %q", name, other)
		}
	}
}

// The vector comes from the reference implementation's own test
// (phc-winner-argon2, test.c).
func TestVerify_ChecksArgon2i(t *testing.T) {
	t.Parallel()
	h := newHasher(t, passwords.Options{})
	encoded := domain.NewPasswordHash("$argon2i$v=19$m=256,t=2,p=2$c29tZXNhbHQ$T/XOJ2mh1/TIpJHfCdQan76Q5esCFVoT5MAeIM1Oq2E")
	require.NoError(t, h.CanVerify(encoded))
	assert.Equal(t, outdated, verify(t, h, encoded, "password"))
	assert.Equal(t, differs, verify(t, h, encoded, "passwore"))
}

func TestVerify_ChecksDjangosBcryptOfADigest(t *testing.T) {
	t.Parallel()
	h := newHasher(t, passwords.Options{})
	// This is bcrypt of the hexadecimal SHA-256 of "password", so all bytes of a
	// long password count.
	inner, err := bcrypt.GenerateFromPassword([]byte("5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"), bcrypt.MinCost)
	require.NoError(t, err)
	encoded := domain.NewPasswordHash("bcrypt_sha256$" + string(inner))
	require.NoError(t, h.CanVerify(encoded))
	assert.Equal(t, outdated, verify(t, h, encoded, "password"))
	assert.Equal(t, differs, verify(t, h, encoded, "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"))
}

func TestAdmit_RefusesUnreadableAndTooExpensiveHashes(t *testing.T) {
	t.Parallel()
	h := newHasher(t, passwords.Options{})
	require.NoError(t, h.CanVerify(hash(t, h, "x")))
	const salt, key = "c29tZSBzYWx0IG9mIHRleHQ", "q/MhwzZzR0iqrE4VTrjBzcVI8sY"
	for _, encoded := range []string{
		"", "!", "x", "plain text", "{SSHA}aaaa", "$scrypt$ln=16,r=8,p=1$aaaa$aaaa", "$fbscrypt$v=1,n=14,r=8,p=1$aaaa$aaaa", "$2x$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
		"$2b$16$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "bcrypt_sha256$$2b$16$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
		"$argon2d$v=19$m=64,t=1,p=1$c29tZXNhbHQ$tsEVYKap1h6scGt5ovl9aLRGOqOth+AMB+KwHpDFZPs",
		"$argon2i$v=16$m=64,t=1,p=1$c29tZXNhbHQ$tsEVYKap1h6scGt5ovl9aLRGOqOth+AMB+KwHpDFZPs",
		"argon2$argon2id$v=19$m=1048576,t=1,p=1$RJ0aLMQ2qKbZuROs7qQhcA$BuViHNDGmCq80fvpty/QoggTI8NSt0CuNDGgeoa5f5A",
		"pbkdf2_sha256$2000001$seasalt$r1uLUxoxpP2Ued/qxvmje7UH9PUJBkRrvf9gGPL7Cps=", "pbkdf2_sha256$0$seasalt$r1uLUxoxpP2Ued/qxvmje7UH9PUJBkRrvf9gGPL7Cps=",
		"pbkdf2_sha512$1000001$seasalt$r1uLUxoxpP2Ued/qxvmje7UH9PUJBkRrvf9gGPL7Cps=", "pbkdf2_sha384$1000001$seasalt$r1uLUxoxpP2Ued/qxvmje7UH9PUJBkRrvf9gGPL7Cps=",
		"pbkdf2_sha256$-1$seasalt$r1uLUxoxpP2Ued/qxvmje7UH9PUJBkRrvf9gGPL7Cps=", "pbkdf2_sha256$01$seasalt$r1uLUxoxpP2Ued/qxvmje7UH9PUJBkRrvf9gGPL7Cps=",
		"pbkdf2_sha256$99999999999999999999$seasalt$r1uLUxoxpP2Ued/qxvmje7UH9PUJBkRrvf9gGPL7Cps=",
		"pbkdf2_md5$1000$seasalt$r1uLUxoxpP2Ued/qxvmje7UH9PUJBkRrvf9gGPL7Cps=", "pbkdf2_sha256$1000$$r1uLUxoxpP2Ued/qxvmje7UH9PUJBkRrvf9gGPL7Cps=",
		"pbkdf2_sha256$1000$seasalt$r1uLUxo=", "pbkdf2_sha256$1000$seasalt", "pbkdf2_sha256$1000$seasalt$!!!", "pbkdf2_sha256$1000$" + strings.Repeat("s", 129) + "$r1uLUxoxpP2Ued/qxvmje7UH9PUJBkRrvf9gGPL7Cps=",
		"$pbkdf2-sha1$i=1000,l=21$" + salt + "$" + key, "$pbkdf2-sha1$i=2000001,l=20$" + salt + "$" + key, "$pbkdf2-sha1$i=1000$" + salt + "$" + key,
		"$pbkdf2-sha1$i=1000,l=20,x=1$" + salt + "$" + key, "$pbkdf2-$1000$" + salt + "$" + key, "$pbkdf2x$1000$" + salt + "$" + key,
		"$pbkdf2-sha1$1000$" + salt, "$pbkdf2-sha1$1000$" + salt + "=$" + key,
	} {
		err := h.CanVerify(domain.NewPasswordHash(encoded))
		var refusal *ports.HashRefusal
		require.ErrorAs(t, err, &refusal, encoded)
		assert.True(t, refusal.Unsupported, "it is unsupported on every machine: %s", encoded)
		if len(encoded) > 20 {
			assert.NotContains(t, refusal.Detail, encoded[:20], "a reason must not repeat the hash")
		}
		assert.Equal(t, differs, verify(t, h, domain.NewPasswordHash(encoded), "x"), "a refused hash matches nothing: %s", encoded)
	}
}
