package system

import (
	"crypto/rand"
	"encoding/base64"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Random reads from the operating system's generator. The zero value is ready for
// use.
type Random struct{}

var _ ports.Random = Random{}

// secretSize is the size of a secret in bytes: 256 bits.
const secretSize = 32

// Secret returns 256 random bits as 43 characters of unpadded base64url. Errors:
// none; without randomness the process ends (see crypto/rand).
func (Random) Secret() domain.Secret {
	var b [secretSize]byte
	_, _ = rand.Read(b[:]) // never returns an error
	return domain.NewSecret(base64.RawURLEncoding.EncodeToString(b[:]))
}
