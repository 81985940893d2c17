package application

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// place is where a page ends in its list.
type place struct {
	at time.Time
	id [16]byte
	// text is what else the order needs: an address, or nothing.
	text string
}

// A cursor is base64url of: a checksum of 8 bytes over the rest and the query's
// fingerprint, the time in microseconds since 1970 as 8 bytes, the id as 16
// bytes, and the text. The checksum is no signature: a cursor holds nothing but
// typed values, and selects only among what the query may see anyway. It keeps a
// damaged cursor, or one of another query, from giving a wrong page.
const (
	cursorChecksum = 8
	cursorFixed    = cursorChecksum + 8 + 16
)

// maxCursorLength bounds what is decoded, in characters.
const maxCursorLength = 512

func encodeCursor(end place, fingerprint string) string {
	body := binary.BigEndian.AppendUint64(nil, uint64(end.at.UnixMicro()))
	body = append(body, end.id[:]...)
	body = append(body, end.text...)
	sum := cursorSum(body, fingerprint)
	return base64.RawURLEncoding.EncodeToString(append(sum[:], body...))
}

// decodeCursor reads a cursor of the same query. Errors: domain.ErrInvalidCursor.
func decodeCursor(s, fingerprint string) (place, error) {
	if len(s) > maxCursorLength {
		return place{}, domain.ErrInvalidCursor
	}
	raw, err := base64.RawURLEncoding.DecodeString(s)
	// One spelling only: decoding skips line breaks and spare bits.
	if err != nil || len(raw) < cursorFixed || base64.RawURLEncoding.EncodeToString(raw) != s {
		return place{}, domain.ErrInvalidCursor
	}
	body := raw[cursorChecksum:]
	if cursorSum(body, fingerprint) != [cursorChecksum]byte(raw) {
		return place{}, domain.ErrInvalidCursor
	}
	end := place{
		at:   time.UnixMicro(int64(binary.BigEndian.Uint64(body))).UTC(), //nolint:gosec // the reverse of encodeCursor
		id:   [16]byte(body[8:24]),
		text: string(body[24:]),
	}
	if end.id == [16]byte{} || end.at.Year() < 1 || end.at.Year() > 9999 {
		return place{}, domain.ErrInvalidCursor
	}
	return end, nil
}

func cursorSum(body []byte, fingerprint string) [cursorChecksum]byte {
	sum := sha256.Sum256(append([]byte(fingerprint+"\x00"), body...))
	return [cursorChecksum]byte(sum[:])
}
