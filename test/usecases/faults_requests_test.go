package usecases_test

import (
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// request is a use case that is about to be executed.
type request func() error

func registering(b *app.Bundle) request {
	return func() error { return b.Register(app.Ada, app.Password) }
}

// faultyRequests are requests in which every call of a store and of the hasher fails
// once. Each is prepared by its function.
var faultyRequests = []map[string]func(b *app.Bundle) request{requestsOfAccounts, requestsOfSessions, requestsOfOperators}

var requestsOfAccounts = map[string]func(b *app.Bundle) request{
	"register": registering,
	"register again": func(b *app.Bundle) request {
		require.NoError(b, b.Register(app.Ada, app.Password))
		return registering(b)
	},
	"register with another password": func(b *app.Bundle) request {
		require.NoError(b, b.Register(app.Ada, app.Another))
		return registering(b)
	},
	"register a taken address": func(b *app.Bundle) request { b.Account(app.Ada, app.Another); return registering(b) },
	"request verification":     func(b *app.Bundle) request { return func() error { return b.RequestVerification(app.Ada) } },
	"request reset":            func(b *app.Bundle) request { return func() error { return b.RequestReset(app.Ada) } },
	"verify": func(b *app.Bundle) request {
		require.NoError(b, b.Register(app.Ada, app.Password))
		link := b.LastSecret(app.Ada)
		return func() error { return b.Verify(link) }
	},
	"verify without a password": func(b *app.Bundle) request {
		require.NoError(b, b.Register(app.Ada, app.Password))
		require.NoError(b, b.Register(app.Ada, app.Another))
		link := b.LastSecret(app.Ada)
		return func() error { return b.Verify(link) }
	},
	"confirm reset": func(b *app.Bundle) request {
		b.Account(app.Ada, app.Password)
		link := b.ResetSecret(app.Ada)
		return func() error { return b.Reset(link, app.Another) }
	},
	"change password": func(b *app.Bundle) request {
		b.Account(app.Ada, app.Password)
		p := b.SignIn(app.Ada, app.Password)
		return func() error { return b.ChangePassword(p, app.Password, app.Another) }
	},
	"change e-mail": func(b *app.Bundle) request {
		b.Account(app.Ada, app.Password)
		p := b.SignIn(app.Ada, app.Password)
		return func() error { return b.ChangeEmail(p, app.Moved, app.Password) }
	},
	"change e-mail onto a taken one": func(b *app.Bundle) request {
		b.Account(app.Ada, app.Password)
		b.Account(app.Bob, app.Password)
		p := b.SignIn(app.Ada, app.Password)
		return func() error { return b.ChangeEmail(p, app.Bob, app.Password) }
	},
	"delete account": func(b *app.Bundle) request {
		b.Admin(app.Bob)
		p := b.Admin(app.Ada)
		return func() error { return b.DeleteAccount(p, app.Password) }
	},
	"list activity": func(b *app.Bundle) request {
		p := b.Admin(app.Ada)
		return func() error { _, err := b.Activity(ports.ListActivityCommand{Principal: p}); return err }
	},
	"export account": func(b *app.Bundle) request {
		p := b.Admin(app.Ada)
		b.History(300, b.User(app.Ada).ID())
		return func() error { _, err := b.Export(p); return err }
	},
}

var requestsOfSessions = map[string]func(b *app.Bundle) request{
	"login": func(b *app.Bundle) request {
		b.Account(app.Ada, app.Password)
		return func() error { _, err := b.TryLogin(app.Ada, app.Password); return err }
	},
	"login over the limit with an outdated hash": func(b *app.Bundle) request {
		b.Account(app.Ada, app.Password)
		b.Login(app.Ada, app.Password)
		b.Login(app.Ada, app.Password)
		b.Edit(app.Ada, func(s *domain.UserSnapshot) {
			s.PasswordHash = b.Hasher.HashOutdated(app.Secret(app.Password)).Encoded()
		})
		return func() error { _, err := b.TryLogin(app.Ada, app.Password); return err }
	},
	"login refused": func(b *app.Bundle) request {
		b.Account(app.Ada, app.Password)
		return expected(domain.ErrInvalidCredentials, func() error { _, err := b.TryLogin(app.Ada, app.Another); return err })
	},
	"login refused to a disabled account": func(b *app.Bundle) request {
		id := b.Account(app.Ada, app.Password).ID().String()
		require.NoError(b, b.SetStatus(domain.Operator(), id, "disabled"))
		return expected(domain.ErrAccountDisabled, func() error { _, err := b.TryLogin(app.Ada, app.Password); return err })
	},
	"login beyond a limit": func(b *app.Bundle) request {
		b.Account(app.Ada, app.Password)
		b.Limit(ports.LimitLoginAccount, domain.Quota{Events: 1, Per: time.Hour})
		b.Login(app.Ada, app.Password)
		return expected(domain.ErrRateLimited, func() error { _, err := b.TryLogin(app.Ada, app.Password); return err })
	},
	"wrong password inside a session": func(b *app.Bundle) request {
		b.Account(app.Ada, app.Password)
		p := b.SignIn(app.Ada, app.Password)
		return expected(domain.ErrWrongPassword, func() error { return b.ChangePassword(p, app.Another, "a third password") })
	},
	"refresh": func(b *app.Bundle) request {
		b.Account(app.Ada, app.Password)
		tokens := b.Login(app.Ada, app.Password)
		return func() error { _, err := b.Refresh(tokens.RefreshToken); return err }
	},
	"authenticate": func(b *app.Bundle) request {
		b.Account(app.Ada, app.Password)
		tokens := b.Login(app.Ada, app.Password)
		return func() error { _, err := b.Authenticate(tokens.AccessToken); return err }
	},
	"logout": func(b *app.Bundle) request {
		b.Account(app.Ada, app.Password)
		tokens := b.Login(app.Ada, app.Password)
		return func() error { return b.Logout(tokens.AccessToken) }
	},
	"logout everywhere": func(b *app.Bundle) request {
		b.Account(app.Ada, app.Password)
		p := b.SignIn(app.Ada, app.Password)
		return func() error {
			_, err := b.UseCases.LogoutEverywhere.Execute(b.Context(), ports.LogoutEverywhereCommand{Principal: p})
			return err
		}
	},
	"list sessions": func(b *app.Bundle) request {
		b.Account(app.Ada, app.Password)
		p := b.SignIn(app.Ada, app.Password)
		return func() error {
			_, err := b.UseCases.ListSessions.Execute(b.Context(), ports.ListSessionsCommand{Principal: p})
			return err
		}
	},
	"revoke session": func(b *app.Bundle) request {
		b.Account(app.Ada, app.Password)
		p, other := b.SignIn(app.Ada, app.Password), b.Login(app.Ada, app.Password)
		return func() error { return b.Revoke(p, other.SessionID.String()) }
	},
}

var requestsOfOperators = map[string]func(b *app.Bundle) request{
	"list the audit log": func(b *app.Bundle) request {
		return func() error { _, err := b.Audit(ports.ListAuditCommand{}); return err }
	},
	"list users": func(b *app.Bundle) request { return b.AdminRequests(domain.Operator(), "")["list"] },
	"get user": func(b *app.Bundle) request {
		return b.AdminRequests(domain.Operator(), b.Account(app.Bob, app.Password).ID().String())["get"]
	},
	"create user": func(b *app.Bundle) request {
		cmd := ports.CreateUserCommand{Principal: domain.Operator(), Email: app.Bob, Password: app.Secret(app.Password)}
		return func() error { _, err := b.CreateUser(cmd); return err }
	},
	"invite user": func(b *app.Bundle) request { return b.AdminRequests(domain.Operator(), "")["create"] },
	"disable user": func(b *app.Bundle) request {
		b.Admin(app.Ada)
		b.Admin(app.Bob)
		id := b.User(app.Bob).ID().String()
		return func() error { return b.SetStatus(domain.Operator(), id, "disabled") }
	},
	"change role and status": func(b *app.Bundle) request {
		b.Admin(app.Ada)
		b.Admin(app.Bob)
		role, status := "user", "disabled"
		cmd := ports.ChangeUserCommand{Principal: domain.Operator(), UserID: b.User(app.Bob).ID().String(), Role: &role, Status: &status}
		return func() error { _, err := b.UseCases.ChangeUser.Execute(b.Context(), cmd); return err }
	},
	"delete user": func(b *app.Bundle) request {
		b.Admin(app.Ada)
		b.Admin(app.Bob)
		return b.AdminRequests(domain.Operator(), b.User(app.Bob).ID().String())["delete"]
	},
	"list user sessions": func(b *app.Bundle) request {
		return b.AdminRequests(domain.Operator(), b.Account(app.Bob, app.Password).ID().String())["list sessions"]
	},
	"end user sessions": func(b *app.Bundle) request {
		id := b.Account(app.Bob, app.Password).ID().String()
		b.Login(app.Bob, app.Password)
		return b.AdminRequests(domain.Operator(), id)["end sessions"]
	},
}
