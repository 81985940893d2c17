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
	// Text is what else the order needs: an address, or nothing.
	Text string
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

// EncodeCursor returns the cursor of a page that ends at end, for the query of
// fingerprint only.
func EncodeCursor(end Place, fingerprint string) string {
	body := binary.BigEndian.AppendUint64(nil, uint64(end.At.UnixMicro()))
	body = append(body, end.ID[:]...)
	body = append(body, end.Text...)
	sum := cursorSum(body, fingerprint)
	return base64.RawURLEncoding.EncodeToString(append(sum[:], body...))
}

// DecodeCursor reads a cursor of the same query. Errors: domain.ErrInvalidCursor.
func DecodeCursor(s, fingerprint string) (Place, error) {
	if len(s) > maxCursorLength {
		return Place{}, domain.ErrInvalidCursor
	}
	raw, err := base64.RawURLEncoding.DecodeString(s)
	// One spelling only: decoding skips line breaks and spare bits.
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
