package transfer_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	files "github.com/seed543b3b27/auth-service/adapters/transfer"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

func TestTransfer_IsForAdministratorsOnly(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	p := b.SignIn(app.Ada, app.Password)
	for principal, want := range map[domain.Principal]error{p: domain.ErrForbidden, {}: domain.ErrUnauthenticated} {
		b.Refused(want, func() error {
			_, err := b.UseCases.ImportUsers.Execute(t.Context(), ports.ImportUsersCommand{
				Principal: principal, Rows: slices.Values([]ports.ImportRow{{Email: app.Bob}}),
			})
			return err
		})
		b.Refused(want, func() error {
			_, err := b.UseCases.ExportUsers.Execute(t.Context(), ports.ExportUsersCommand{Principal: principal})
			return err
		})
	}
}

func TestExportUsers_ReturnsEachUserOnceAndRecordsTheExport(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	var rows []ports.ImportRow
	for i := range ports.MaxTransfer + 3 {
		rows = append(rows, ports.ImportRow{Email: fmt.Sprintf("u%d@example.com", i)})
	}
	importRows(b, numbered(rows...))
	for withHashes, detail := range map[bool]string{false: "", true: "password_hashes"} {
		var got []ports.TransferUser
		pages := 0
		events := b.Recorded(func() {
			result, err := b.UseCases.ExportUsers.Execute(t.Context(), ports.ExportUsersCommand{
				Principal: domain.Operator(), WithPasswordHashes: withHashes,
				Page: func(page []ports.TransferUser) error { got = append(got, page...); pages++; return nil },
			})
			require.NoError(t, err)
			assert.Equal(t, ports.ExportUsersResult{Users: len(rows), At: app.Start}, result)
		})
		assert.Equal(t, transferAll(b), got)
		assert.Equal(t, 2, pages)
		require.Len(t, events, 1)
		assert.Equal(t, domain.EventUsersExported, events[0].Type)
		assert.Equal(t, detail, events[0].Detail)
		assert.True(t, events[0].ByOperator)
	}
	for failAt := 1; failAt <= 3; failAt++ { // the record, the first page, the last one
		b.Store.Fail(memory.Fault{Err: app.ErrFault, Call: failAt})
		_, err := b.UseCases.ExportUsers.Execute(t.Context(), ports.ExportUsersCommand{
			Principal: domain.Operator(), Page: func([]ports.TransferUser) error { return nil },
		})
		require.ErrorIs(t, err, app.ErrFault)
	}
	b.Store.Heal()
	_, err := b.UseCases.ExportUsers.Execute(t.Context(), ports.ExportUsersCommand{
		Principal: domain.Operator(), Page: func([]ports.TransferUser) error { return app.ErrFault },
	})
	require.ErrorIs(t, err, app.ErrFault, "a full disk ends it")
}

func TestImportUsers_BringsMetadata(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	rows := numbered(
		ports.ImportRow{Email: app.Ada, Profile: `{"name":"Ada"}`, App: `{"tenant":"acme"}`},
		ports.ImportRow{Email: app.Bob, Profile: `{}`},
		ports.ImportRow{Email: "c@example.com", App: `[]`},
	)
	result, fates := importRows(b, rows)
	assert.Equal(t, ports.ImportUsersResult{Imported: 2, Refused: 1, WithoutPassword: 2}, result)
	assert.Contains(t, fates[2].Reason, "app: ")
	byEmail := map[string]ports.TransferUser{}
	for _, u := range transferAll(b) {
		byEmail[u.User.Email().String()] = u
	}
	assert.Equal(t, `{"name":"Ada"}`, byEmail[app.Ada].Metadata.Profile())
	assert.Equal(t, `{"tenant":"acme"}`, byEmail[app.Ada].Metadata.App())
	assert.Nil(t, byEmail[app.Bob].Metadata)
	rows[1].Profile = `{"name":"Bob"}`
	again, _ := importRows(b, rows[:2])
	assert.Equal(t, ports.ImportUsersResult{Present: 2}, again, "metadata is not compared, as docs/moving says")
}

// The role that an invitation offers is written, so that the file names it when it is imported again.
func TestExportUsers_NamesTheRoleOfAnInvitation(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	invite := func(cmd *ports.ImportUsersCommand) { cmd.Invite = true }
	importRows(b, numbered(ports.ImportRow{Email: app.Ada, Role: "admin"}, ports.ImportRow{Email: app.Bob}), invite)
	require.True(t, b.User(app.Ada).IsInvitedAbove())
	var file bytes.Buffer
	writer, err := files.NewWriter(&file, files.CSV, files.ExportColumns(true))
	require.NoError(t, err)
	for _, user := range transferAll(b) {
		require.NoError(t, writer.WriteUser(user))
	}
	require.NoError(t, writer.Flush())
	reader, err := files.NewReader(&file, files.Options{})
	require.NoError(t, err)
	var rows []ports.ImportRow
	for record, err := reader.Next(); err == nil; record, err = reader.Next() {
		rows = append(rows, record.Row)
	}
	again, fates := importRows(b, rows)
	assert.Equal(t, ports.ImportUsersResult{Present: 2}, again, "%v", fates)
	elsewhere := app.New(t)
	moved, _ := importRows(elsewhere, rows, invite)
	assert.Equal(t, 1, moved.RolesInvited)
	assert.Equal(t, domain.RoleAdmin, elsewhere.User(app.Ada).InvitedRole())
}
