package admin_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

func TestChangeUser_ChangesProfileAndApp(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	id := b.User(app.Ada).ID().String()
	root := b.Admin(app.Bob)
	change := func(p domain.Principal, patch domain.MetadataPatch) (ports.UserResult, error) {
		return b.UseCases.ChangeUser.Execute(t.Context(), ports.ChangeUserCommand{Principal: p, UserID: id, Metadata: patch, Origin: b.From})
	}
	entries := b.Entries(func() {
		result, err := change(root, domain.MetadataPatch{Profile: `{"name":"Ada"}`, App: `{"tenant":"acme"}`})
		require.NoError(t, err)
		assert.Equal(t, int64(1), result.Metadata.Version())
	})
	var types []domain.EventType
	for _, e := range entries {
		types = append(types, e.Type)
	}
	assert.Equal(t, []domain.EventType{domain.EventProfileChanged, domain.EventAppChanged}, types)
	stale := int64(0)
	b.Refused(domain.ErrVersionConflict, func() error { _, err := change(root, domain.MetadataPatch{App: `{}`, Version: &stale}); return err })
	b.Refused(domain.ErrInvalidMetadata, func() error { _, err := change(root, domain.MetadataPatch{App: `[]`}); return err })
	ada := b.SignIn(app.Ada, app.Password)
	b.Refused(domain.ErrForbidden, func() error {
		_, err := change(ada, domain.MetadataPatch{App: `{"tenant":"other"}`})
		return err
	})
	shown, err := b.UseCases.GetUser.Execute(t.Context(), ports.GetUserCommand{Principal: root, UserID: id})
	require.NoError(t, err)
	assert.Equal(t, `{"tenant":"acme"}`, shown.Metadata.App())
	_, err = change(domain.Operator(), domain.MetadataPatch{App: `null`})
	require.NoError(t, err)
	assert.Empty(t, b.Mailed(func() { _, err = change(root, domain.MetadataPatch{App: `{"a":1}`}) }), "no mail follows")
}

// A role above user takes password and profile of an unconfirmed account; a profile in the same
// request is the administrator's.
func TestChangeUser_AnInvitationDropsTheProfileBeforeThePatch(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	_, err := b.UseCases.Register.Execute(t.Context(), ports.RegisterCommand{Email: app.Ada, Password: app.Secret(app.Password), Profile: `{"name":"A thief"}`, Origin: b.From})
	require.NoError(t, err)
	role, version := "admin", int64(1)
	var result ports.UserResult
	entries := b.Entries(func() {
		result, err = b.UseCases.ChangeUser.Execute(t.Context(), ports.ChangeUserCommand{
			Principal: domain.Operator(), UserID: b.User(app.Ada).ID().String(), Role: &role,
			Metadata: domain.MetadataPatch{Profile: `{"nick":"A"}`, Version: &version}, Origin: b.From,
		})
		require.NoError(t, err)
	})
	id := b.User(app.Ada).ID()
	assert.Equal(t, []app.Entry{
		{Type: domain.EventPasswordDropped, Subject: id, Operator: true}, {Type: domain.EventRoleInvited, Subject: id, Operator: true, Detail: "admin"},
		{Type: domain.EventProfileChanged, Subject: id, Operator: true}, {Type: domain.EventProfileChanged, Subject: id, Operator: true},
	}, entries, "the loss and the patch")
	assert.Equal(t, int64(3), result.Metadata.Version())
	assert.Equal(t, `{"nick":"A"}`, result.Metadata.Profile())
	assert.Equal(t, domain.RoleAdmin, result.User.InvitedRole())
}

func TestCreateUser_KeepsMetadata(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	create := func(profile, app string, address string) (ports.UserResult, error) {
		return b.UseCases.CreateUser.Execute(t.Context(), ports.CreateUserCommand{Principal: domain.Operator(), Email: address, Profile: profile, App: app, Origin: b.From})
	}
	result, err := create(`{"name":"Bob"}`, `{"tenant":"acme"}`, app.Bob)
	require.NoError(t, err)
	assert.Equal(t, `{"name":"Bob"}`, result.Metadata.Profile())
	require.NoError(t, b.Reset(b.LastSecret(app.Bob), app.Password))
	shown, err := b.UseCases.CurrentUser.Execute(t.Context(), ports.CurrentUserCommand{Principal: b.SignIn(app.Bob, app.Password)})
	require.NoError(t, err)
	assert.Equal(t, result.Metadata.Snapshot(), shown.Metadata.Snapshot(), "accepting the invitation keeps both")

	// An account that was registered is taken over without its profile.
	_, err = b.UseCases.Register.Execute(t.Context(), ports.RegisterCommand{Email: app.Ada, Password: app.Secret(app.Password), Profile: `{"name":"A thief"}`, Origin: b.From})
	require.NoError(t, err)
	entries := b.Entries(func() { result, err = create("", `{"tenant":"acme"}`, app.Ada) })
	require.NoError(t, err)
	var types []domain.EventType
	for _, e := range entries {
		types = append(types, e.Type)
	}
	assert.Equal(t, []domain.EventType{domain.EventPasswordDropped, domain.EventUserCreated, domain.EventProfileChanged, domain.EventAppChanged}, types)
	stored, err := b.Ports.Store.Metadata.ByUser(t.Context(), result.User.ID())
	require.NoError(t, err)
	assert.Equal(t, stored.Snapshot(), result.Metadata.Snapshot())
	assert.Equal(t, "{}", result.Metadata.Profile())
	assert.Equal(t, `{"tenant":"acme"}`, result.Metadata.App())
	b.Refused(domain.ErrInvalidMetadata, func() error { _, err := create("[]", "", "c@example.com"); return err })
}
