package transfer_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

func TestImportUsers_GoesOnWhereItFailed(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	var rows []ports.ImportRow
	for i := range 2*ports.MaxTransfer + 7 {
		rows = append(rows, ports.ImportRow{Email: fmt.Sprintf("u%d@example.com", i)})
	}
	numbered(rows...)
	for failAt := 1; ; failAt++ {
		b := app.New(t)
		b.Store.Fail(memory.Fault{Err: app.ErrFault, Call: failAt})
		told := 0
		cmd := ports.ImportUsersCommand{Principal: domain.Operator(), Rows: slices.Values(rows), Progress: func(ports.ImportedRow) { told++ }}
		result, err := b.UseCases.ImportUsers.Execute(t.Context(), cmd)
		b.Store.Heal()
		if err == nil {
			assert.Greater(t, failAt, 12, "four calls for each of three batches")
			break
		}
		require.ErrorIs(t, err, app.ErrFault)
		assert.Len(t, b.Users(), result.Imported, "a batch is stored as a whole or not")
		assert.Len(t, b.Events(), result.Imported)
		assert.Equal(t, result.Imported, told)

		rest, _ := importRows(b, rows)
		assert.Equal(t, ports.ImportUsersResult{Imported: len(rows) - result.Imported, Present: result.Imported, WithoutPassword: len(rows) - result.Imported}, rest)
	}
	for failAt := 1; failAt <= 2; failAt++ {
		b.Store.Fail(memory.Fault{Err: app.ErrFault, Call: failAt})
		_, err := b.UseCases.ImportUsers.Execute(t.Context(), ports.ImportUsersCommand{
			Principal: domain.Operator(), Rows: slices.Values(rows[:1]), DryRun: true,
		})
		require.ErrorIs(t, err, app.ErrFault, "a dry run reads, too")
	}
}

// A user registers with an address of the batch after the import looked for it and
// before it stores it.
func TestImportUsers_LooksAgainAfterARegistrationCameBetween(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	interrupted := b.With(func(p *assembly.Ports) {
		p.Store.UnitOfWork = interruptedWork{b.Store, func() { b.Account(app.Ada, app.Password) }}
	})
	var fates []ports.ImportedRow
	result, err := interrupted.ImportUsers.Execute(t.Context(), ports.ImportUsersCommand{
		Principal: domain.Operator(), Rows: slices.Values(numbered(ports.ImportRow{Email: app.Ada}, ports.ImportRow{Email: app.Bob})),
		Progress: func(r ports.ImportedRow) { fates = append(fates, r) },
	})
	require.NoError(t, err)
	assert.Equal(t, ports.ImportUsersResult{Imported: 1, Refused: 1, WithoutPassword: 1}, result)
	assert.Contains(t, fates[0].Reason, "belongs to another account")
}

// interruptedWork conflicts once, after something else happened.
type interruptedWork struct {
	ports.UnitOfWork
	meanwhile func()
}

func (w interruptedWork) Do(ctx context.Context, fn func(context.Context, ports.Repositories) error) error {
	_ = w.UnitOfWork.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		if err := fn(ctx, r); err != nil {
			return err
		}
		return app.ErrFault
	})
	w.meanwhile()
	return w.UnitOfWork.Do(ctx, fn)
}
