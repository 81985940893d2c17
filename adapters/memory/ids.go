package memory

import (
	"encoding/binary"
	"sync/atomic"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// IDs makes identifiers by counting. The n-th identifier of every instance is the
// same, and each is greater than the one before it. All have the form of UUID
// version 7 (RFC 9562 section 5.7). Two instances on one store would collide.
type IDs struct{ last atomic.Uint64 }

var _ ports.IDs = (*IDs)(nil)

// NewIDs returns a counter that starts at zero.
func NewIDs() *IDs { return &IDs{} }

// NewUserID returns the next identifier. Errors: none.
func (i *IDs) NewUserID() domain.UserID { return i.next() }

// NewSessionID returns the next identifier. Errors: none.
func (i *IDs) NewSessionID() domain.SessionID { return i.next() }

// NewTokenID returns the next identifier. Errors: none.
func (i *IDs) NewTokenID() domain.TokenID { return i.next() }

// NewDeviceID returns the next identifier. Errors: none.
func (i *IDs) NewDeviceID() domain.DeviceID { return i.next() }

// NewEventID returns the next identifier. Errors: none.
func (i *IDs) NewEventID() domain.EventID { return i.next() }

// NewFactorID returns the next identifier. Errors: none.
func (i *IDs) NewFactorID() domain.FactorID { return i.next() }

// firstMillisecond is the time that the identifiers count from: 1 January 2026, in
// Unix milliseconds.
const firstMillisecond = 1_767_225_600_000

// next writes the count as the identifier's milliseconds. It also writes it as the
// last digits, which are easy to read in a test's output.
func (i *IDs) next() (id [16]byte) {
	n := i.last.Add(1)
	binary.BigEndian.PutUint64(id[:], (firstMillisecond+n)<<16)
	binary.BigEndian.PutUint64(id[8:], n)
	id[6] = 0x70
	id[8] = 0x80
	return id
}
