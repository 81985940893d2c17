package database

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgtype"

	"github.com/seed543b3b27/auth-service/domain"
)

// timeLayout has a fixed width, so that SQLite's text sorts by time. PostgreSQL
// reads it as a timestamptz in any time zone of the server.
const timeLayout = "2006-01-02T15:04:05.000000Z"

// timestamp is a UTC time with microseconds on both databases. The zero time is
// NULL.
type timestamp struct{ time time.Time }

// Value implements driver.Valuer.
func (t timestamp) Value() (driver.Value, error) {
	if t.time.IsZero() {
		return nil, nil
	}
	return t.time.UTC().Format(timeLayout), nil
}

// Scan implements sql.Scanner: PostgreSQL returns a time, SQLite a text.
func (t *timestamp) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		t.time = time.Time{}
	case time.Time:
		t.time = v.UTC()
	case string:
		parsed, err := time.Parse(timeLayout, v)
		if err != nil {
			return fmt.Errorf("a stored time has another form than %s", timeLayout)
		}
		t.time = parsed
	default:
		return fmt.Errorf("a stored time is a %T", value)
	}
	return nil
}

// TimestamptzValue implements pgtype.TimestamptzValuer: pgx sends the time as it is stored.
func (t timestamp) TimestamptzValue() (pgtype.Timestamptz, error) {
	return pgtype.Timestamptz{Time: t.time, Valid: !t.time.IsZero()}, nil
}

// ScanTimestamptz implements pgtype.TimestamptzScanner.
func (t *timestamp) ScanTimestamptz(v pgtype.Timestamptz) error {
	if v.InfinityModifier != pgtype.Finite {
		return errors.New("a stored time is infinite")
	}
	t.time = time.Time{}
	if v.Valid {
		t.time = v.Time.UTC()
	}
	return nil
}

// secretHash is a SHA-256 hash. The zero hash belongs to a token whose mail has
// not been sent yet; it is stored as NULL and therefore equals no other.
type secretHash [32]byte

// Value implements driver.Valuer.
func (h secretHash) Value() (driver.Value, error) {
	if h == (secretHash{}) {
		return nil, nil
	}
	return h[:], nil
}

// Scan implements sql.Scanner.
func (h *secretHash) Scan(value any) error {
	if value == nil {
		*h = secretHash{}
		return nil
	}
	stored, ok := value.([]byte)
	if !ok || len(stored) != len(h) {
		return fmt.Errorf("a stored hash must have 32 bytes, but is a %T", value)
	}
	copy(h[:], stored)
	return nil
}

// ScanBytes implements pgtype.BytesScanner.
func (h *secretHash) ScanBytes(stored []byte) error {
	if stored == nil {
		return h.Scan(nil)
	}
	return h.Scan(stored)
}

// rowID is the identifier of a row: text for database/sql, 16 bytes for pgx.
type rowID [16]byte

// Value implements driver.Valuer.
func (id rowID) Value() (driver.Value, error) { return domain.UserID(id).String(), nil }

// Scan implements sql.Scanner.
func (id *rowID) Scan(value any) error {
	text, _ := value.(string)
	parsed, ok := domain.ParseID[rowID](text)
	if !ok {
		return errStoredID
	}
	*id = parsed
	return nil
}

// UUIDValue implements pgtype.UUIDValuer.
func (id rowID) UUIDValue() (pgtype.UUID, error) { return pgtype.UUID{Bytes: id, Valid: true}, nil }

// ScanUUID implements pgtype.UUIDScanner.
func (id *rowID) ScanUUID(v pgtype.UUID) error {
	if !v.Valid || v.Bytes == [16]byte{} {
		return errStoredID
	}
	*id = v.Bytes
	return nil
}

// optionalID is an identifier that may be unset. The zero identifier is NULL.
type optionalID [16]byte

// Value implements driver.Valuer.
func (id optionalID) Value() (driver.Value, error) {
	if id == (optionalID{}) {
		return nil, nil
	}
	return domain.UserID(id).String(), nil
}

// Scan implements sql.Scanner.
func (id *optionalID) Scan(value any) error {
	if value == nil {
		*id = optionalID{}
		return nil
	}
	text, ok := value.(string)
	if !ok {
		return fmt.Errorf("a stored identifier is a %T", value)
	}
	parsed, ok := domain.ParseID[optionalID](text)
	if !ok {
		return errStoredID
	}
	*id = parsed
	return nil
}

// storable reports whether PostgreSQL can store text: it refuses NUL and invalid
// UTF-8. Text that is not storable equals no stored text.
func storable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}

// cleaned removes characters that cannot be stored from text that people only
// read.
func cleaned(text string) string {
	if storable(text) {
		return text
	}
	return strings.ReplaceAll(strings.ToValidUTF8(text, ""), "\x00", "")
}
