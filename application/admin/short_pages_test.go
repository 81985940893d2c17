package admin_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// stopping is a store whose searches stop at a user without a find.
type stopping struct {
	ports.UserRepository
	at    ports.UserKey
	asked ports.UserQuery
}

func (s *stopping) List(_ context.Context, q ports.UserQuery) (ports.UserPage, error) {
	s.asked = q
	return ports.UserPage{StoppedAt: &s.at}, nil
}

// A first page that would not be full is refused. A later one is short, and its list goes on
// where the search stopped.
func TestListUsers_ALaterPageIsShort(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Population(3)
	first, err := b.List(ports.ListUsersCommand{Limit: 1})
	require.NoError(t, err)
	users := b.Users()
	store := &stopping{at: ports.UserKey{ID: users[0].ID(), Email: users[0].Email().String(), CreatedAt: users[0].CreatedAt()}}
	b.Change(func(p *assembly.Ports) {
		store.UserRepository = p.Store.Users
		p.Store.Users = store
	})
	b.Refused(domain.ErrTooBroad, func() error { _, err := b.List(ports.ListUsersCommand{Limit: 1}); return err })
	page, err := b.List(ports.ListUsersCommand{Limit: 1, Cursor: first.NextCursor})
	require.NoError(t, err)
	assert.Empty(t, page.Users)
	require.NotEmpty(t, page.NextCursor)
	_, err = b.List(ports.ListUsersCommand{Limit: 1, Cursor: page.NextCursor})
	require.NoError(t, err)
	require.NotNil(t, store.asked.After)
	assert.Equal(t, store.at, *store.asked.After)
}
