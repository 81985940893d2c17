package admin_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// F-L8: the person concerned learns what an administrator or the operator did.
func TestNotices_TellTheUserWhatAnAdministratorDid(t *testing.T) {
	t.Parallel()
	for name, act := range map[string]func(b *app.Bundle) domain.Principal{
		"by an administrator": func(b *app.Bundle) domain.Principal { return b.Admin(app.Bob) },
		"by the operator":     func(b *app.Bundle) domain.Principal { b.Admin(app.Bob); return domain.Operator() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			id := b.Account(app.Ada, app.Password).ID().String()
			p := act(b)
			// Limits on mails to a recipient do not hold notices back.
			b.Limit(ports.LimitMailRecipient, domain.Quota{Events: 1, Per: time.Hour})
			mailed := func(fn func() error) []string {
				return b.Mailed(func() { require.NoError(t, fn()) })
			}
			assert.Equal(t, []string{"role_changed " + app.Ada}, mailed(func() error { return b.SetRole(p, id, "admin") }))
			mail, _ := b.Mailer.Last(app.Ada)
			assert.Equal(t, domain.RoleAdmin, mail.Role)
			assert.Empty(t, mailed(func() error { return b.SetRole(p, id, "admin") }), "an unchanged role")
			assert.Equal(t, []string{"account_disabled " + app.Ada}, mailed(func() error { return b.SetStatus(p, id, "disabled") }))
			assert.Empty(t, mailed(func() error { return b.SetStatus(p, id, "disabled") }), "an unchanged status")
			assert.Equal(t, []string{"account_enabled " + app.Ada}, mailed(func() error { return b.SetStatus(p, id, "active") }))
			role, status := "user", "disabled"
			assert.Equal(t, []string{"role_changed " + app.Ada, "account_disabled " + app.Ada}, mailed(func() error {
				_, err := b.ChangeUser(ports.ChangeUserCommand{Principal: p, UserID: id, Role: &role, Status: &status})
				return err
			}))
			assert.Equal(t, []string{"account_deleted " + app.Ada}, mailed(func() error { return b.DeleteUser(p, id) }))
			for _, mail := range b.Mailer.All()[len(b.Mailer.All())-6:] {
				assert.True(t, mail.TokenSecret.IsEmpty(), "a notice holds no link")
			}
		})
	}
}

// F-L8: an invitation tells of its role itself, and a withdrawn one took no role away.
func TestNotices_AnInvitationIsItsOwnMail(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	require.NoError(t, b.Register(app.Ada, app.Password))
	id := b.User(app.Ada).ID().String()
	assert.Equal(t, []string{"invitation " + app.Ada}, b.Mailed(func() { require.NoError(t, b.SetRole(domain.Operator(), id, "admin")) }))
	assert.Empty(t, b.Mailed(func() { require.NoError(t, b.SetRole(domain.Operator(), id, "user")) }))
}

// F-L8: a mail and the change that it tells of are stored together.
func TestNotices_AreOfTheSameTransaction(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Admin(app.Ada)
	id := b.User(app.Ada).ID().String()
	b.Queue.Pause()
	b.Refused(domain.ErrLastAdmin, func() error { return b.SetStatus(domain.Operator(), id, "disabled") })
	assert.Empty(t, b.Queue.Pending())
	b.Edit(app.Ada, func(s *domain.UserSnapshot) { s.Role = domain.RoleUser.String() })
	pending := len(b.Queue.Pending())
	require.NoError(t, b.SetStatus(domain.Operator(), id, "disabled"))
	assert.Len(t, b.Queue.Pending(), pending+1)
}
