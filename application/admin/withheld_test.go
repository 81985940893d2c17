package admin_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// F-H3: accounts of earlier releases and of imports hold the role without a
// confirmation. The confirmation of the address does not give it to a person who
// knew the password before.
func TestWithheldRole_ActsAsUserAndLosesThePasswordOnConfirmation(t *testing.T) {
	t.Parallel()
	b := app.New(t, app.Optional)
	sessions, verify := squat(b, true)
	b.Edit(app.Ada, func(s *domain.UserSnapshot) { s.Role = "admin" })
	require.ErrorIs(t, b.Principal(sessions[0]).Allows(domain.PermissionManageUsers), domain.ErrForbidden)
	claims, err := b.Ports.Signer.ParseAccess(b.Login(app.Ada, app.Password).AccessToken)
	require.NoError(t, err)
	assert.Equal(t, domain.RoleUser, claims.Role)

	assert.Equal(t, []string{"reset_password " + app.Ada}, b.Mailed(func() { require.NoError(t, b.Verify(verify[0])) }))
	b.RequireEnded(sessions[0])
	b.Refused(domain.ErrInvalidToken, func() error { return b.Verify(verify[1]) })
	b.Refused(domain.ErrInvalidCredentials, func() error { _, err := b.TryLogin(app.Ada, app.Password); return err })
	require.NoError(t, b.Reset(b.LastSecret(app.Ada), app.Another))
	require.NoError(t, b.SignIn(app.Ada, app.Another).Allows(domain.PermissionManageUsers))
}

// F-H3: the stranger moves the account to an address of their own instead.
func TestWithheldRole_DoesNotMoveToAnotherAddress(t *testing.T) {
	t.Parallel()
	b := app.New(t, app.Optional)
	sessions, verify := squat(b, true)
	b.Edit(app.Ada, func(s *domain.UserSnapshot) { s.Role = "admin" })
	require.NoError(t, b.ConfirmAs(b.Principal(sessions[0]), verify[1]))
	user := b.User(app.Moved)
	assert.True(t, user.EmailVerified())
	assert.Equal(t, domain.RoleUser, user.GrantedRole())
	require.ErrorIs(t, b.Principal(sessions[0]).Allows(domain.PermissionManageUsers), domain.ErrForbidden)
}

// F-H3: for accounts that `migrate up` names, the operator sends an invitation.
func TestWithheldRole_IsOfferedByAnInvitationAnew(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	_, verify := squat(b, false)
	b.Edit(app.Ada, func(s *domain.UserSnapshot) { s.Role = "admin" })
	require.NoError(t, b.SetRole(domain.Operator(), b.User(app.Ada).ID().String(), "admin"))
	requireHarmless(b, nil, verify)
	assert.Equal(t, domain.RoleUser, b.User(app.Ada).GrantedRole())
}
