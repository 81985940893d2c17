package service

import (
	"context"
	"fmt"
	"strings"

	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// sealed are the rows that data keys sealed or hashed.
type sealed struct {
	factors ports.FactorRepository
	keys    ports.DataKeys
	clock   ports.Clock
}

func newSealed(store ports.Store, keys ports.DataKeys, clock ports.Clock) sealed {
	return sealed{factors: store.Factors, keys: keys, clock: clock}
}

// pendingBatch is how many unconfirmed factors are removed at once.
const pendingBatch = 500

// check checks that the data keys open all rows: otherwise the service would refuse right codes.
// Errors: config.Problems that name the absent keys; domain.ErrUnavailable if the database does
// not answer.
func (s sealed) check(ctx context.Context) error {
	absent, err := s.absent(ctx)
	if err == nil && len(absent) > 0 {
		// The clean-up runs in a started service only, so factors that their users never
		// confirmed would keep it from starting for ever.
		if _, err = s.factors.DeletePending(ctx, s.clock.Now().Add(-domain.FactorPendingLife), pendingBatch); err == nil {
			absent, err = s.absent(ctx)
		}
	}
	switch {
	case err != nil:
		// The schema is ready, so the database has failed since.
		return fmt.Errorf("checking the data keys: %w: %w", domain.ErrUnavailable, err)
	case len(absent) == 0:
		return nil
	}
	return config.ProblemWith("DATA_ENCRYPTION_KEYS", fmt.Errorf(
		"lacks keys that second factors or recovery codes in the database need (%s): add them behind the current key, on SQLite without the variable in data-encryption.key; docs/keys.md says what to do if they are lost",
		strings.Join(absent, ", ")))
}

// absent returns the ids of keys that rows name and that are not given.
func (s sealed) absent(ctx context.Context) (ids []string, err error) {
	named, err := s.factors.KeyIDs(ctx)
	for _, id := range named {
		if !s.keys.Knows(id) {
			ids = append(ids, id)
		}
	}
	return ids, err
}
