package application

import (
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// event begins an entry of the audit log, to be appended in the transaction of
// what it records.
func (d Dependencies) event(t domain.EventType, o ports.Origin, now time.Time) domain.Event {
	return domain.NewEvent(d.IDs.NewEventID(), t, o.Client, o.RequestID, now)
}
