package system

import (
	"github.com/google/uuid"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// IDs makes UUIDs of version 7 (RFC 9562 section 5.7). Within one process each is
// greater than all earlier ones, so new rows go to the end of an index. The zero
// value is ready for use.
type IDs struct{}

var _ ports.IDs = IDs{}

// NewUserID returns a fresh identifier. Errors: none.
func (IDs) NewUserID() domain.UserID { return domain.UserID(newV7()) }

// NewSessionID returns a fresh identifier. Errors: none.
func (IDs) NewSessionID() domain.SessionID { return domain.SessionID(newV7()) }

// NewTokenID returns a fresh identifier. Errors: none.
func (IDs) NewTokenID() domain.TokenID { return domain.TokenID(newV7()) }

// NewDeviceID returns a fresh identifier. Errors: none.
func (IDs) NewDeviceID() domain.DeviceID { return domain.DeviceID(newV7()) }

// NewEventID returns a fresh identifier. Errors: none.
func (IDs) NewEventID() domain.EventID { return domain.EventID(newV7()) }

// NewFactorID returns a fresh identifier. Errors: none.
func (IDs) NewFactorID() domain.FactorID { return domain.FactorID(newV7()) }

// newV7 never panics: the only possible error comes from the machine's random
// generator, and crypto/rand ends the process instead of returning it.
func newV7() uuid.UUID { return uuid.Must(uuid.NewV7()) }
