package app

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// CreateUser creates a user with an administrator's command.
func (b *Bundle) CreateUser(cmd ports.CreateUserCommand) (*domain.User, error) {
	result, err := b.UseCases.CreateUser.Execute(b.Context(), cmd)
	return result.User, err
}

// AdminRequests returns all requests of administrators, aimed at one user, by name.
func (b *Bundle) AdminRequests(p domain.Principal, id string) map[string]func() error {
	ctx, role := b.Context(), "admin"
	return map[string]func() error{
		"list": func() error {
			_, err := b.UseCases.ListUsers.Execute(ctx, ports.ListUsersCommand{Principal: p})
			return err
		},
		"get": func() error {
			_, err := b.UseCases.GetUser.Execute(ctx, ports.GetUserCommand{Principal: p, UserID: id})
			return err
		},
		"create": func() error {
			_, err := b.CreateUser(ports.CreateUserCommand{Principal: p, Email: "new@example.com", Origin: b.From})
			return err
		},
		"change": func() error {
			_, err := b.UseCases.ChangeUser.Execute(ctx, ports.ChangeUserCommand{Principal: p, UserID: id, Role: &role, Origin: b.From})
			return err
		},
		"delete": func() error { return b.DeleteUser(p, id) },
		"list sessions": func() error {
			_, err := b.UseCases.ListUserSessions.Execute(ctx, ports.ListUserSessionsCommand{Principal: p, UserID: id})
			return err
		},
		"end session": func() error {
			session := domain.SessionID{1}.String()
			if user, err := domain.ParseUserID(id); err == nil {
				if live := b.liveIDs(user); len(live) > 0 {
					session = live[0]
				}
			}
			_, err := b.UseCases.EndUserSession.Execute(ctx, ports.EndUserSessionCommand{Principal: p, UserID: id, SessionID: session, Origin: b.From})
			return err
		},
		"send mail": func() error {
			_, err := b.UseCases.SendUserMail.Execute(ctx, ports.SendUserMailCommand{Principal: p, UserID: id, Mail: "reset_password", Origin: b.From})
			return err
		},
		"list limits": func() error {
			_, err := b.UseCases.ListLimits.Execute(ctx, ports.ListLimitsCommand{Principal: p, Of: b.limitsOf(id)})
			return err
		},
		"lift limits": func() error {
			_, err := b.UseCases.LiftLimits.Execute(ctx, ports.LiftLimitsCommand{Principal: p, Of: b.limitsOf(id), Origin: b.From})
			return err
		},
		"end sessions": func() error {
			_, err := b.UseCases.EndUserSessions.Execute(ctx, ports.EndUserSessionsCommand{Principal: p, UserID: id, Origin: b.From})
			return err
		},
	}
}

// limitsOf names a user's limits, also by an identifier that is empty.
func (b *Bundle) limitsOf(id string) ports.LimitsOf {
	if id == "" {
		id = "junk"
	}
	return ports.LimitsOf{UserID: id}
}

// liveIDs returns the identifiers of a user's live sessions.
func (b *Bundle) liveIDs(id domain.UserID) (ids []string) {
	user, err := b.Ports.Store.Users.ByID(b.Context(), id)
	if err != nil {
		return nil
	}
	for _, session := range b.Live(user) {
		ids = append(ids, session.ID().String())
	}
	return ids
}

// Population stores n users, user00@example.com and so on, four in each microsecond.
func (b *Bundle) Population(n int) {
	b.Helper()
	for i := range n {
		address := Email(b, fmt.Sprintf("user%02d@example.com", i))
		now := Start.Add(time.Duration(i/4) * time.Microsecond)
		u := domain.NewUser(b.Ports.IDs.NewUserID(), address, domain.PasswordHash{}, domain.RoleUser, now)
		require.NoError(b, b.Ports.Store.Users.Add(b.Context(), u))
	}
}

// List lists users as the operator.
func (b *Bundle) List(cmd ports.ListUsersCommand) (ports.UsersResult, error) {
	cmd.Principal = domain.Operator()
	return b.UseCases.ListUsers.Execute(b.Context(), cmd)
}
