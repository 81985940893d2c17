package admin_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// F-M3.
func TestLastAdmin_CannotBeDemotedDisabledOrDeleted(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(b *app.Bundle, p domain.Principal, id string) error{
		"demoted":        func(b *app.Bundle, p domain.Principal, id string) error { return b.SetRole(p, id, "user") },
		"disabled":       func(b *app.Bundle, p domain.Principal, id string) error { return b.SetStatus(p, id, "disabled") },
		"deleted":        func(b *app.Bundle, p domain.Principal, id string) error { return b.DeleteUser(p, id) },
		"gone by itself": func(b *app.Bundle, p domain.Principal, _ string) error { return b.DeleteAccount(p, app.Password) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			p := b.Admin(app.Ada)
			id := b.User(app.Ada).ID().String()
			disabled := b.Account("disabled@example.com", app.Password)
			b.Edit("disabled@example.com", func(s *domain.UserSnapshot) {
				s.Role, s.Status = domain.RoleAdmin.String(), domain.StatusDisabled.String()
			})
			b.Refused(domain.ErrLastAdmin, func() error { return lose(b, p, id) })
			if name != "gone by itself" {
				b.Refused(domain.ErrLastAdmin, func() error { return lose(b, domain.Operator(), id) })
			}
			// F-M3: nor do an invitation, an unconfirmed address, or an account without a
			// password count.
			_, err := b.CreateUser(ports.CreateUserCommand{Principal: domain.Operator(), Email: "invited@example.com", Role: "admin"})
			require.NoError(t, err)
			require.NoError(t, b.Register("unconfirmed@example.com", app.Password))
			b.Edit("unconfirmed@example.com", func(s *domain.UserSnapshot) { s.Role = "admin" })
			b.Account("nopassword@example.com", app.Password)
			b.Edit("nopassword@example.com", func(s *domain.UserSnapshot) { s.Role, s.PasswordHash = "admin", "" })
			b.Refused(domain.ErrLastAdmin, func() error { return lose(b, p, id) })

			// A disabled administrator may be demoted.
			require.NoError(t, b.SetRole(p, disabled.ID().String(), "user"))

			b.Admin(app.Bob)
			require.NoError(t, lose(b, p, id), "another one is left")
		})
	}
}

func TestDeleteUser_TakesEverythingAlong(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	id := b.Account(app.Bob, app.Password).ID().String()
	tokens := b.Login(app.Bob, app.Password)
	link := b.ResetSecret(app.Bob)
	require.NoError(t, b.DeleteUser(b.Admin(app.Ada), id))
	b.RequireEnded(tokens)
	b.Refused(domain.ErrInvalidToken, func() error { return b.Reset(link, app.Another) })
	b.Refused(domain.ErrUserNotFound, func() error { return b.DeleteUser(domain.Operator(), id) })
	b.Account(app.Bob, app.Another) // the address is free again
	b.RequireEnded(tokens)
}
