package application_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func TestTransfer_IsForAdministratorsOnly(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	p := b.signIn(ada, password)
	for principal, want := range map[domain.Principal]error{p: domain.ErrForbidden, {}: domain.ErrUnauthenticated} {
		b.refused(want, func() error {
			_, err := b.ImportUsers.Execute(t.Context(), ports.ImportUsersCommand{
				Principal: principal, Rows: slices.Values([]ports.ImportRow{{Email: bob}}),
			})
			return err
		})
		b.refused(want, func() error {
			_, err := b.ExportUsers.Execute(t.Context(), ports.ExportUsersCommand{Principal: principal})
			return err
		})
	}
}

func TestExportUsers_HandsOutEverybodyOnceAndRecordsIt(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	var rows []ports.ImportRow
	for i := range ports.MaxTransfer + 3 {
		rows = append(rows, ports.ImportRow{Email: fmt.Sprintf("u%d@example.com", i)})
	}
	b.importRows(numbered(rows...))
	for withHashes, detail := range map[bool]string{false: "", true: "password_hashes"} {
		var got []ports.TransferUser
		pages := 0
		events := b.recorded(func() {
			result, err := b.ExportUsers.Execute(t.Context(), ports.ExportUsersCommand{
				Principal: domain.Operator(), WithPasswordHashes: withHashes,
				Page: func(page []ports.TransferUser) error { got = append(got, page...); pages++; return nil },
			})
			require.NoError(t, err)
			assert.Equal(t, ports.ExportUsersResult{Users: len(rows), At: start}, result)
		})
		assert.Equal(t, b.transferAll(), got)
		assert.Equal(t, 2, pages)
		require.Len(t, events, 1)
		assert.Equal(t, domain.EventUsersExported, events[0].Type)
		assert.Equal(t, detail, events[0].Detail)
		assert.True(t, events[0].ByOperator)
	}
	for failAt := 1; failAt <= 3; failAt++ { // the record, the first page, the last one
		b.store.Fail(memory.Fault{Err: errFault, Call: failAt})
		_, err := b.ExportUsers.Execute(t.Context(), ports.ExportUsersCommand{
			Principal: domain.Operator(), Page: func([]ports.TransferUser) error { return nil },
		})
		require.ErrorIs(t, err, errFault)
	}
	b.store.Heal()
	_, err := b.ExportUsers.Execute(t.Context(), ports.ExportUsersCommand{
		Principal: domain.Operator(), Page: func([]ports.TransferUser) error { return errFault },
	})
	require.ErrorIs(t, err, errFault, "a full disk ends it")
}
