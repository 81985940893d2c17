package application

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// A cursor is base64url of: a checksum of 8 bytes over the rest and the query's
// fingerprint, the time of creation in microseconds since 1970 as 8 bytes, the
// user's id as 16 bytes, and the address. The checksum is no signature: a
// cursor holds nothing but typed values, and an administrator may see every
// user. It keeps a damaged cursor, or one of another query, from giving a
// wrong page.
const (
	cursorChecksum = 8
	cursorFixed    = cursorChecksum + 8 + 16
)

// maxCursorLength bounds what is decoded, in characters.
const maxCursorLength = 512

// queryFingerprint names the filters and the order of a query; the size of the
// page and the place in the list are not part of it.
func queryFingerprint(q ports.UserQuery) string {
	verified := ""
	if q.Verified != nil {
		verified = strconv.FormatBool(*q.Verified)
	}
	return fmt.Sprintf("%q %s %s %s %d %d %s", q.EmailPrefix, q.Role, q.Status, verified,
		q.CreatedAfter.UnixMicro(), q.CreatedBefore.UnixMicro(), q.Order)
}

func encodeCursor(key ports.UserKey, fingerprint string) string {
	body := binary.BigEndian.AppendUint64(nil, uint64(key.CreatedAt.UnixMicro()))
	body = append(body, key.ID[:]...)
	body = append(body, key.Email...)
	sum := cursorSum(body, fingerprint)
	return base64.RawURLEncoding.EncodeToString(append(sum[:cursorChecksum:cursorChecksum], body...))
}

// decodeCursor reads a cursor of the same query. Errors: domain.ErrInvalidCursor.
func decodeCursor(s, fingerprint string) (ports.UserKey, error) {
	if len(s) > maxCursorLength {
		return ports.UserKey{}, domain.ErrInvalidCursor
	}
	raw, err := base64.RawURLEncoding.DecodeString(s)
	// One spelling only: decoding skips line breaks and spare bits.
	if err != nil || len(raw) <= cursorFixed || base64.RawURLEncoding.EncodeToString(raw) != s {
		return ports.UserKey{}, domain.ErrInvalidCursor
	}
	body := raw[cursorChecksum:]
	if sum := cursorSum(body, fingerprint); !bytes.Equal(sum[:cursorChecksum], raw[:cursorChecksum]) { //nolint:forbidigo // a checksum that anybody can compute
		return ports.UserKey{}, domain.ErrInvalidCursor
	}
	key := ports.UserKey{
		CreatedAt: time.UnixMicro(int64(binary.BigEndian.Uint64(body))).UTC(), //nolint:gosec // the reverse of encodeCursor
		ID:        domain.UserID(body[8:24]),
		Email:     string(body[24:]),
	}
	email, err := domain.ParseEmail(key.Email)
	if err != nil || email.String() != key.Email || key.ID.IsZero() || key.CreatedAt.Year() < 1 || key.CreatedAt.Year() > 9999 {
		return ports.UserKey{}, domain.ErrInvalidCursor
	}
	return key, nil
}

func cursorSum(body []byte, fingerprint string) [sha256.Size]byte {
	return sha256.Sum256(append([]byte(fingerprint+"\x00"), body...))
}
