package memory

import (
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"sync/atomic"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Random makes unique but predictable secrets: the n-th secret of every instance is
// the same. For tests only.
type Random struct{ last atomic.Uint64 }

var _ ports.Random = (*Random)(nil)

// NewRandom returns a source that starts with its first secret.
func NewRandom() *Random { return &Random{} }

// Secret returns the next secret, 43 characters of unpadded base64url. Errors:
// none.
func (r *Random) Secret() domain.Secret {
	sum := sha256.Sum256([]byte("secret " + strconv.FormatUint(r.last.Add(1), 10)))
	return domain.NewSecret(base64.RawURLEncoding.EncodeToString(sum[:]))
}
