// Package configtest has settings for tests of bootstrap, which start no service
// with them, and keys. Package program has the settings of running services.
package configtest

import (
	"crypto/rand"
	"encoding/base64"
)

// Key is a good JWT_SECRET_KEY. It is new in each process, because the service refuses
// keys that the repository shows.
var Key = rand.Text() + rand.Text()

// DataKey returns a key for DATA_ENCRYPTION_KEYS. It is new in each call.
func DataKey() string {
	var key [32]byte
	_, _ = rand.Read(key[:]) // it never fails
	return base64.StdEncoding.EncodeToString(key[:])
}

// Production returns a complete configuration for PostgreSQL, changed as by With.
func Production(pairs ...string) map[string]string {
	return With(map[string]string{
		"DATABASE_URL":   "postgres://auth:db-password-canary@db.example.com/auth?sslmode=verify-full",
		"JWT_SECRET_KEY": Key,
		"PUBLIC_URL":     "https://auth.example.com",
		"SMTP_HOST":      "smtp.example.com",
		"SMTP_FROM":      "Example <auth@example.com>",

		"EMAIL_VERIFY_UNPROVEN": "drop",
	}, pairs...)
}

// With sets variables, given as names and values in turn, in base and returns base.
func With(base map[string]string, pairs ...string) map[string]string {
	for i := 0; i < len(pairs); i += 2 {
		base[pairs[i]] = pairs[i+1]
	}
	return base
}
