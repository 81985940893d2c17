package kit

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// Place is where a page ends in its list.
type Place struct {
	At time.Time
	ID [16]byte
	// Text is the address, for an order that needs it, else empty.
	Text string
}

// A cursor is base64url of: a checksum of 8 bytes over the rest and the query's
// fingerprint, the time in microseconds since 1970 as 8 bytes, the id as 16
// bytes, and the text. The checksum keeps a damaged cursor, or a cursor of another
// query, from giving a wrong page. It need not be a signature, because a cursor
// holds only typed values and selects only among rows that the query may return.
const (
	cursorChecksum = 8
	cursorFixed    = cursorChecksum + 8 + 16
)

// maxCursorLength bounds a cursor before decoding, in characters.
const maxCursorLength = 512

// EncodeCursor returns the cursor of a page that ends at end. It is valid only for
// the query of fingerprint.
func EncodeCursor(end Place, fingerprint string) string {
	body := binary.BigEndian.AppendUint64(nil, uint64(end.At.UnixMicro()))
	body = append(body, end.ID[:]...)
	body = append(body, end.Text...)
	sum := cursorSum(body, fingerprint)
	return base64.RawURLEncoding.EncodeToString(append(sum[:], body...))
}

// DecodeCursor returns the place in a cursor of the query of fingerprint. Errors:
// domain.ErrInvalidCursor.
func DecodeCursor(s, fingerprint string) (Place, error) {
	if len(s) > maxCursorLength {
		return Place{}, domain.ErrInvalidCursor
	}
	raw, err := base64.RawURLEncoding.DecodeString(s)
	// Only one spelling is valid, but decoding skips line breaks and spare bits.
	if err != nil || len(raw) < cursorFixed || base64.RawURLEncoding.EncodeToString(raw) != s {
		return Place{}, domain.ErrInvalidCursor
	}
	body := raw[cursorChecksum:]
	if cursorSum(body, fingerprint) != [cursorChecksum]byte(raw) {
		return Place{}, domain.ErrInvalidCursor
	}
	end := Place{
		At:   time.UnixMicro(int64(binary.BigEndian.Uint64(body))).UTC(), //nolint:gosec // the reverse of EncodeCursor
		ID:   [16]byte(body[8:24]),
		Text: string(body[24:]),
	}
	if end.ID == [16]byte{} || end.At.Year() < 1 || end.At.Year() > 9999 {
		return Place{}, domain.ErrInvalidCursor
	}
	return end, nil
}

func cursorSum(body []byte, fingerprint string) [cursorChecksum]byte {
	sum := sha256.Sum256(append([]byte(fingerprint+"\x00"), body...))
	return [cursorChecksum]byte(sum[:])
}
