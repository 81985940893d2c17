package e2e

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// F-H3, F-M3: a stranger registers the address of the future administrator before its
// owner. However the operator then gives the role, the stranger never has it, and the
// owner has it by accepting the invitation.
func TestInvitation_AStrangerWhoRegistersFirstNeverBecomesAdministrator(t *testing.T) {
	t.Parallel()
	env, folder := cheap(), t.TempDir()
	p := program.StartLocal(t, folder, env)
	tg := targetOf(t, env, p)
	tg.mails = mailsIn(mailboxOf(t, p))
	admin := createAdmin(t, folder, env)
	c := tg.client(t)
	root := c.login(admin).Access
	operator := func(args ...string) func(t *testing.T, c client, stranger person) {
		return func(t *testing.T, _ client, stranger person) {
			t.Helper()
			out := program.MustRun(t, folder, env, "", append([]string{"user"}, append(args, stranger.email)...)...)
			assert.Contains(t, out, "becomes admin by accepting the invitation")
		}
	}
	// F-M3: an invited user is no administrator yet.
	c.Post("/admin/users", root, api.Object{"email": newPerson().email, "role": "admin"}).Is(http.StatusCreated)
	c.Delete("/me", root, api.Object{"password": admin.password}).Refused(http.StatusConflict, "last_admin")
	ways := map[string]func(t *testing.T, c client, stranger person){
		"user set-role": func(t *testing.T, _ client, stranger person) {
			out := program.MustRun(t, folder, env, "", "user", "set-role", stranger.email, "admin")
			assert.Contains(t, out, stranger.email+" is now user, active\n")
			assert.Contains(t, out, "becomes admin by accepting the invitation")
		},
		"user create": operator("create", "--role", "admin", "--unverified", "--email"),
		"PATCH": func(t *testing.T, c client, stranger person) {
			found := api.Decode[users](c.Get("/admin/users?q="+stranger.email, root).Is(http.StatusOK))
			require.Len(t, found.Users, 1)
			changed := api.Decode[invitedUser](c.Patch(path("admin", "users", found.Users[0].ID), root, api.Object{"role": "admin"}).Is(http.StatusOK))
			assert.Equal(t, "user admin", changed.Role+" "+changed.InvitedRole)
		},
		"POST": func(t *testing.T, c client, stranger person) {
			made := api.Decode[invitedUser](c.Post("/admin/users", root, api.Object{"email": stranger.email, "role": "admin"}).Is(http.StatusCreated))
			assert.Equal(t, "user admin", made.Role+" "+made.InvitedRole)
		},
	}
	t.Run("ways", func(t *testing.T) {
		for name, promote := range ways {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				c := tg.client(t)
				stranger := newPerson()
				owner := person{stranger.email, newPassword()}
				c.register(stranger).Is(http.StatusAccepted)
				genuine := tg.token(t, owner.email, "verify_email")
				promote(t, c, stranger)
				invitation := tg.token(t, owner.email, "invitation")
				c.tryLogin(stranger).Refused(http.StatusUnauthorized, "invalid_credentials")

				// The owner presses the button of the first mail, and of one that the
				// stranger asked for afterwards.
				c.verify(genuine).Refused(http.StatusBadRequest, "invalid_or_expired_token")
				c.Post("/email/verify/request", "", api.Object{"email": stranger.email}).Is(http.StatusAccepted)
				confirmed := api.Decode[user](c.verify(tg.awaitMail(t, owner.email, "verify_email", 2).token).Is(http.StatusOK))
				assert.Equal(t, "user", confirmed.Role)
				assert.True(t, confirmed.EmailVerified)
				c.tryLogin(stranger).Refused(http.StatusUnauthorized, "invalid_credentials")

				c.confirmReset(invitation, owner.password).Is(http.StatusOK)
				access := c.login(owner).Access
				c.Get("/admin/users", access).Is(http.StatusOK)
				assert.Equal(t, "admin", api.Decode[user](c.Get("/me", access).Is(http.StatusOK)).Role)
				c.tryLogin(stranger).Refused(http.StatusUnauthorized, "invalid_credentials")
				c.Delete("/me", access, api.Object{"password": owner.password}).Is(http.StatusNoContent)
			})
		}
	})
	p.Stop(t)
}

// invitedUser is a user with the role of an invitation.
type invitedUser struct {
	user
	InvitedRole string `json:"invited_role"`
}
