package usecases_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// Every change records the administrator who made it. The operator has no account and no
// session.
func TestAudit_ChangesByAdministratorsAndTheOperator(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	admin := b.Admin(app.Ada)
	adminID, adminSession := b.Actor(admin)
	for name, who := range map[string]struct {
		p  domain.Principal
		by app.Entry
	}{
		"an administrator": {admin, app.Entry{Actor: adminID, Session: adminSession}},
		"the operator":     {domain.Operator(), app.Entry{Operator: true}},
	} {
		by := func(typ domain.EventType, subject domain.UserID, detail string) []app.Entry {
			e := who.by
			e.Type, e.Subject, e.Detail = typ, subject, detail
			return []app.Entry{e}
		}
		b.Clock.Advance(time.Second)
		var user *domain.User
		got := b.Entries(func() {
			created, err := b.CreateUser(ports.CreateUserCommand{Principal: who.p, Email: app.Bob, Password: app.Secret(app.Password), Verified: true, Origin: b.From})
			require.NoError(t, err)
			user = created
		})
		assert.Equal(t, by(domain.EventUserCreated, user.ID(), ""), got, name)
		// F-M4: a new administrator is named as one.
		made := b.Entries(func() {
			cmd := ports.CreateUserCommand{Principal: who.p, Role: "admin", Origin: b.From}
			cmd.Email = fmt.Sprintf("invited-%t@example.com", who.by.Operator)
			_, err := b.CreateUser(cmd)
			require.NoError(t, err)
			cmd.Email, cmd.Password, cmd.Verified = fmt.Sprintf("root-%t@example.com", who.by.Operator), app.Secret(app.Password), true
			_, err = b.CreateUser(cmd)
			require.NoError(t, err)
		})
		var told []string
		for _, e := range made {
			told = append(told, string(e.Type)+" "+e.Detail)
		}
		assert.Equal(t, []string{"user_created ", "role_invited admin", "user_created admin"}, told)
		id := user.ID().String()
		for _, change := range []struct {
			do   func() error
			want []app.Entry
		}{
			{func() error { return b.SetRole(who.p, id, "admin") }, by(domain.EventRoleChanged, user.ID(), "admin")},
			{func() error { return b.SetRole(who.p, id, "admin") }, []app.Entry{}},
			{func() error { return b.SetRole(who.p, id, "user") }, by(domain.EventRoleChanged, user.ID(), "user")},
			{func() error { return b.SetStatus(who.p, id, "disabled") }, by(domain.EventStatusChanged, user.ID(), "disabled")},
			{func() error { return b.SetStatus(who.p, id, "disabled") }, []app.Entry{}},
			{func() error { return b.SetStatus(who.p, id, "active") }, by(domain.EventStatusChanged, user.ID(), "active")},
			{b.AdminRequests(who.p, id)["end sessions"], by(domain.EventSessionsEnded, user.ID(), "")},
			{b.AdminRequests(who.p, id)["get"], []app.Entry{}},
			{b.AdminRequests(who.p, id)["list"], []app.Entry{}},
			{b.AdminRequests(who.p, id)["list sessions"], []app.Entry{}},
			{func() error { return b.DeleteUser(who.p, id) }, by(domain.EventUserDeleted, user.ID(), "")},
		} {
			b.Clock.Advance(time.Second)
			assert.Equal(t, change.want, b.Entries(func() { require.NoError(t, change.do()) }), name)
		}
	}
}

func TestAudit_RoleAndStatusAtOnceAreTwoEvents(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	user := b.Account(app.Bob, app.Password)
	role, status := "admin", "disabled"
	got := b.Entries(func() {
		_, err := b.UseCases.ChangeUser.Execute(t.Context(), ports.ChangeUserCommand{
			Principal: domain.Operator(), UserID: user.ID().String(), Role: &role, Status: &status, Origin: b.From,
		})
		require.NoError(t, err)
	})
	assert.Equal(t, []app.Entry{
		{Type: domain.EventRoleChanged, Subject: user.ID(), Operator: true, Detail: "admin"},
		{Type: domain.EventStatusChanged, Subject: user.ID(), Operator: true, Detail: "disabled"},
	}, got)
}

func TestAudit_ARefusedChangeIsNotRecorded(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	admin := b.Admin(app.Ada)
	id := b.User(app.Ada).ID().String()
	assert.Empty(t, b.Entries(func() {
		require.ErrorIs(t, b.SetRole(admin, id, "user"), domain.ErrLastAdmin)
		require.ErrorIs(t, b.SetStatus(admin, id, "disabled"), domain.ErrLastAdmin)
		require.ErrorIs(t, b.DeleteUser(admin, id), domain.ErrLastAdmin)
		require.ErrorIs(t, b.DeleteAccount(admin, app.Password), domain.ErrLastAdmin)
		require.ErrorIs(t, b.DeleteUser(admin, domain.UserID{1}.String()), domain.ErrUserNotFound)
		_, err := b.CreateUser(ports.CreateUserCommand{Principal: admin, Email: app.Ada})
		require.ErrorIs(t, err, domain.ErrEmailTaken)
	}))
}

// A deleted account leaves its events, without the clients that caused them.
func TestAudit_ADeletedAccountLeavesAnAnonymousTrail(t *testing.T) {
	t.Parallel()
	for name, remove := range map[string]func(b *app.Bundle, admin, user domain.Principal) error{
		"by itself": func(b *app.Bundle, _, user domain.Principal) error { return b.DeleteAccount(user, app.Password) },
		"by an administrator": func(b *app.Bundle, admin, user domain.Principal) error {
			id, _ := b.Actor(user)
			return b.DeleteUser(admin, id.String())
		},
		"by the operator": func(b *app.Bundle, _, user domain.Principal) error {
			id, _ := b.Actor(user)
			return b.DeleteUser(domain.Operator(), id.String())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			admin := b.Admin(app.Ada)
			b.From = app.At("198.51.100.7")
			id := b.Account(app.Bob, app.Password).ID()
			require.NoError(t, b.RequestReset(app.Bob))
			_, err := b.TryLogin(app.Bob, app.Another) // any client may have sent it
			require.ErrorIs(t, err, domain.ErrInvalidCredentials)
			b.From = app.Origin
			require.NoError(t, b.SetRole(admin, id.String(), "admin"))
			b.From = app.At("198.51.100.7")
			b.SignIn(app.Ada, app.Password)
			user := b.SignIn(app.Bob, app.Password)
			require.NoError(t, b.SetStatus(user, b.Account("else@example.com", app.Password).ID().String(), "disabled"))

			want := b.Events()
			for i, e := range want {
				if e.Type.OfMail() && e.SubjectID == id {
					want[i].Reason = ""
					continue
				}
				// F-M4: what the user did to others keeps its origin.
				if e.SubjectID == id && (e.ActorID == id || e.ActorID.IsZero() && !e.ByOperator) {
					require.Equal(t, app.At("198.51.100.7").Client, e.Client)
					want[i].Client = domain.Client{}
				}
			}
			b.From = app.At("203.0.113.9")
			require.NoError(t, remove(b, admin, user))
			got := b.Events()
			require.Len(t, got, len(want)+3, "with the mail about it")
			require.Equal(t, domain.EventMailSent, got[len(want)+2].Type)
			require.Empty(t, got[len(want)+2].Reason, "the answer of the server would outlive the account")
			assert.Equal(t, want, got[:len(want)], "the events of other users are unchanged")
			acts := slices.IndexFunc(got, func(e domain.Event) bool { return e.ActorID == id && e.Type == domain.EventStatusChanged })
			require.GreaterOrEqual(t, acts, 0)
			assert.Equal(t, app.At("198.51.100.7").Client, got[acts].Client)
			last := got[len(want)]
			assert.Equal(t, domain.EventUserDeleted, last.Type)
			assert.Equal(t, id, last.SubjectID)
			if name == "by itself" {
				assert.Equal(t, id, last.ActorID)
				assert.Equal(t, domain.Client{}, last.Client)
			} else {
				assert.Equal(t, b.From.Client, last.Client)
			}
		})
	}
}
