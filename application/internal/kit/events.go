package kit

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Event returns a new entry of the audit log. The caller appends it in the
// transaction of the change that it records.
func Event(ids ports.IDs, t domain.EventType, o ports.Origin, now time.Time) domain.Event {
	return domain.NewEvent(ids.NewEventID(), t, o.Client, o.RequestID, now)
}

// Record appends events in the transaction of the change that they record. Errors: the
// errors of the store.
func Record(ctx context.Context, r ports.Repositories, events []domain.Event) error {
	return r.Audit.Append(ctx, events...)
}
