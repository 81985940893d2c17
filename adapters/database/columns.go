package database

import (
	"encoding/binary"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// columns are the destinations of one row. They read PostgreSQL's binary form themselves,
// because pgx would look for a way to scan each column of each row anew.
type columns []any

// ScanRow implements pgx.RowScanner. Rows in the text form, as a simple protocol sends them,
// are left to pgx, and so are types that have no entry here.
func (c columns) ScanRow(rows pgx.Rows) error {
	values, fields := rows.RawValues(), rows.FieldDescriptions()
	if len(values) != len(c) {
		return rows.Scan(c...)
	}
	for i, value := range values {
		isText := fields[i].DataTypeOID == pgtype.TextOID // the same in both forms
		if !isText && fields[i].Format != pgx.BinaryFormatCode || !read(value, fields[i].DataTypeOID, c[i]) {
			return rows.Scan(c...)
		}
	}
	return nil
}

// read reads a value of a type in binary form; ok is false if pgx has to.
func read(value []byte, oid uint32, into any) (ok bool) {
	switch into := into.(type) {
	case *int64:
		if oid == pgtype.Int8OID && len(value) == 8 {
			*into = int64(binary.BigEndian.Uint64(value)) //nolint:gosec // the same 64 bits
			return true
		}
	case *string:
		if oid == pgtype.TextOID && value != nil {
			*into = string(value)
			return true
		}
	case *bool:
		if oid == pgtype.BoolOID && len(value) == 1 {
			*into = value[0] != 0
			return true
		}
	case *timestamp:
		if oid == pgtype.TimestamptzOID {
			return into.readBinary(value)
		}
	case *rowID:
		if oid == pgtype.UUIDOID && len(value) == len(into) && rowID(value) != (rowID{}) {
			*into = rowID(value)
			return true
		}
	case *secretHash:
		if oid == pgtype.ByteaOID {
			return into.ScanBytes(value) == nil
		}
	}
	return false
}

// postgresEpoch is the zero of PostgreSQL's times, in microseconds since 1970.
const postgresEpoch = 946_684_800_000_000

// readBinary reads a timestamptz, microseconds since 2000 or NULL; ok is false if the time is
// infinite.
func (t *timestamp) readBinary(value []byte) (ok bool) {
	if value == nil {
		t.time = time.Time{}
		return true
	}
	if len(value) != 8 {
		return false
	}
	micros := int64(binary.BigEndian.Uint64(value)) //nolint:gosec // the same 64 bits
	if micros == math.MaxInt64 || micros == math.MinInt64 {
		return false
	}
	t.time = time.UnixMicro(micros + postgresEpoch).UTC()
	return true
}
