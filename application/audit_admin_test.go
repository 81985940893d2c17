package application_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Every change by an administrator says who made it; the operator has no
// account and no session.
func TestAudit_ChangesByAdministratorsAndTheOperator(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	admin := b.admin(ada)
	adminID, adminSession := b.actor(admin)
	for name, who := range map[string]struct {
		p  domain.Principal
		by entry
	}{
		"an administrator": {admin, entry{Actor: adminID, Session: adminSession}},
		"the operator":     {domain.Operator(), entry{Operator: true}},
	} {
		by := func(typ domain.EventType, subject domain.UserID, detail string) []entry {
			e := who.by
			e.Type, e.Subject, e.Detail = typ, subject, detail
			return []entry{e}
		}
		b.clock.Advance(time.Second)
		var user *domain.User
		got := b.entries(func() {
			created, err := b.createUser(ports.CreateUserCommand{Principal: who.p, Email: bob, Password: secret(password), Verified: true, Origin: b.from})
			require.NoError(t, err)
			user = created
		})
		assert.Equal(t, by(domain.EventUserCreated, user.ID(), ""), got, name)
		id := user.ID().String()
		for _, change := range []struct {
			do   func() error
			want []entry
		}{
			{func() error { return b.setRole(who.p, id, "admin") }, by(domain.EventRoleChanged, user.ID(), "admin")},
			{func() error { return b.setRole(who.p, id, "admin") }, []entry{}},
			{func() error { return b.setRole(who.p, id, "user") }, by(domain.EventRoleChanged, user.ID(), "user")},
			{func() error { return b.setStatus(who.p, id, "disabled") }, by(domain.EventStatusChanged, user.ID(), "disabled")},
			{func() error { return b.setStatus(who.p, id, "disabled") }, []entry{}},
			{func() error { return b.setStatus(who.p, id, "active") }, by(domain.EventStatusChanged, user.ID(), "active")},
			{b.adminRequests(who.p, id)["end sessions"], by(domain.EventSessionsEnded, user.ID(), "")},
			{b.adminRequests(who.p, id)["get"], []entry{}},
			{b.adminRequests(who.p, id)["list"], []entry{}},
			{b.adminRequests(who.p, id)["list sessions"], []entry{}},
			{func() error { return b.deleteUser(who.p, id) }, by(domain.EventUserDeleted, user.ID(), "")},
		} {
			b.clock.Advance(time.Second)
			assert.Equal(t, change.want, b.entries(func() { require.NoError(t, change.do()) }), name)
		}
	}
}

func TestAudit_RoleAndStatusAtOnceAreTwoEvents(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	user := b.account(bob, password)
	role, status := "admin", "disabled"
	got := b.entries(func() {
		_, err := b.ChangeUser.Execute(t.Context(), ports.ChangeUserCommand{
			Principal: domain.Operator(), UserID: user.ID().String(), Role: &role, Status: &status, Origin: b.from,
		})
		require.NoError(t, err)
	})
	assert.Equal(t, []entry{
		{Type: domain.EventRoleChanged, Subject: user.ID(), Operator: true, Detail: "admin"},
		{Type: domain.EventStatusChanged, Subject: user.ID(), Operator: true, Detail: "disabled"},
	}, got)
}

func TestAudit_ARefusedChangeIsNoEvent(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	admin := b.admin(ada)
	id := b.user(ada).ID().String()
	assert.Empty(t, b.entries(func() {
		require.ErrorIs(t, b.setRole(admin, id, "user"), domain.ErrLastAdmin)
		require.ErrorIs(t, b.setStatus(admin, id, "disabled"), domain.ErrLastAdmin)
		require.ErrorIs(t, b.deleteUser(admin, id), domain.ErrLastAdmin)
		require.ErrorIs(t, b.deleteAccount(admin, password), domain.ErrLastAdmin)
		require.ErrorIs(t, b.deleteUser(admin, domain.UserID{1}.String()), domain.ErrUserNotFound)
		_, err := b.createUser(ports.CreateUserCommand{Principal: admin, Email: ada})
		require.ErrorIs(t, err, domain.ErrEmailTaken)
	}))
}

// What stays of an account is the trail of what happened, without where from.
func TestAudit_ADeletedAccountLeavesAnAnonymousTrail(t *testing.T) {
	t.Parallel()
	for name, remove := range map[string]func(b *bundle, admin, user domain.Principal) error{
		"by itself": func(b *bundle, _, user domain.Principal) error { return b.deleteAccount(user, password) },
		"by an administrator": func(b *bundle, admin, user domain.Principal) error {
			id, _ := b.actor(user)
			return b.deleteUser(admin, id.String())
		},
		"by the operator": func(b *bundle, _, user domain.Principal) error {
			id, _ := b.actor(user)
			return b.deleteUser(domain.Operator(), id.String())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBundle(t)
			admin := b.admin(ada)
			b.from = at("198.51.100.7")
			id := b.account(bob, password).ID()
			require.NoError(t, b.requestReset(bob))
			_, err := b.tryLogin(bob, another) // anybody may have typed it
			require.ErrorIs(t, err, domain.ErrInvalidCredentials)
			b.from = origin
			require.NoError(t, b.setRole(admin, id.String(), "admin"))
			b.from = at("198.51.100.7")
			b.signIn(ada, password)
			user := b.signIn(bob, password)
			require.NoError(t, b.setStatus(user, b.account("else@example.com", password).ID().String(), "disabled"))

			want := b.events()
			for i, e := range want {
				if e.ActorID == id || e.SubjectID == id && e.ActorID.IsZero() && !e.ByOperator {
					require.Equal(t, at("198.51.100.7").Client, e.Client)
					want[i].Client = domain.Client{}
				}
			}
			b.from = at("203.0.113.9")
			require.NoError(t, remove(b, admin, user))
			got := b.events()
			require.Len(t, got, len(want)+1)
			assert.Equal(t, want, got[:len(want)], "the events of others say as much as before")
			last := got[len(want)]
			assert.Equal(t, domain.EventUserDeleted, last.Type)
			assert.Equal(t, id, last.SubjectID)
			if name == "by itself" {
				assert.Equal(t, id, last.ActorID)
				assert.Equal(t, domain.Client{}, last.Client)
			} else {
				assert.Equal(t, b.from.Client, last.Client)
			}
		})
	}
}
