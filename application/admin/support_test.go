package admin_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// supporter signs in a user with the role support.
func supporter(b *app.Bundle) domain.Principal {
	b.Helper()
	b.Account("sue@example.com", app.Password)
	b.Edit("sue@example.com", func(s *domain.UserSnapshot) { s.Role = domain.RoleSupport.String() })
	return b.SignIn("sue@example.com", app.Password)
}

// Support reads everything, and helps plain users; it changes nothing else.
func TestSupport_HelpsPlainUsersOnly(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Admin(app.Ada)
	p := supporter(b)
	plain := b.Account(app.Bob, app.Password).ID().String()
	b.Login(app.Bob, app.Password)
	invited, err := b.CreateUser(ports.CreateUserCommand{Principal: domain.Operator(), Email: "invited@example.com", Role: "admin"})
	require.NoError(t, err)
	withheld := b.Account("withheld@example.com", app.Password)
	b.Edit("withheld@example.com", func(s *domain.UserSnapshot) { s.Role, s.EmailVerified = "admin", false })
	b.Account("newer@example.com", app.Password)
	newer := b.Edit("newer@example.com", func(s *domain.UserSnapshot) { s.Role = "owner" })
	own, err := p.Account()
	require.NoError(t, err)

	reads := []string{"list", "get", "list sessions", "list limits"}
	helps := []string{"end session", "send mail", "lift limits", "end sessions"}
	changes := []string{"create", "change", "delete"}
	require.Len(t, b.AdminRequests(p, plain), len(reads)+len(helps)+len(changes))
	for _, name := range append(reads, helps...) {
		require.NoError(t, b.AdminRequests(p, plain)[name](), name)
	}
	_, err = b.Audit(ports.ListAuditCommand{Principal: p})
	require.NoError(t, err)
	for _, id := range []domain.UserID{b.User(app.Ada).ID(), invited.ID(), withheld.ID(), newer.ID(), own.ID()} {
		for _, name := range reads {
			require.NoError(t, b.AdminRequests(p, id.String())[name](), name)
		}
		for _, name := range helps {
			b.Refused(domain.ErrForbidden, b.AdminRequests(p, id.String())[name])
		}
	}
	for _, name := range changes {
		b.Refused(domain.ErrForbidden, b.AdminRequests(p, plain)[name])
	}
	assert.Equal(t, domain.StatusActive, b.User(app.Bob).Status())
}

// An administrator who becomes support no longer counts for the rule of the last one.
func TestSupport_DoesNotCountAsAnAdministrator(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	supporter(b)
	p := b.Admin(app.Ada)
	id := b.User(app.Ada).ID().String()
	b.Refused(domain.ErrLastAdmin, func() error { return b.SetRole(p, id, "support") })
	b.Admin(app.Bob)
	require.NoError(t, b.SetRole(p, id, "support"))
	assert.Equal(t, domain.RoleSupport, b.User(app.Ada).Role())
}

// F-H3: the role support is for confirmed addresses, as admin is.
func TestSupport_IsInvitedAtAnUnconfirmedAddress(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	require.NoError(t, b.Register(app.Ada, app.Password))
	require.NoError(t, b.SetRole(domain.Operator(), b.User(app.Ada).ID().String(), "support"))
	assert.Equal(t, domain.RoleUser, b.User(app.Ada).Role())
	assert.Equal(t, domain.RoleSupport, b.User(app.Ada).InvitedRole())
	require.NoError(t, b.Reset(b.LastSecret(app.Ada), app.Another))
	assert.Equal(t, domain.RoleSupport, b.User(app.Ada).Role())
}

func TestEndUserSession_EndsOneAndNoOther(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	p := b.Admin(app.Ada)
	user := b.Account(app.Bob, app.Password)
	gone, stays := b.Login(app.Bob, app.Password), b.Login(app.Bob, app.Password)
	end := func(userID, sessionID string) error {
		_, err := b.UseCases.EndUserSession.Execute(t.Context(), ports.EndUserSessionCommand{Principal: p, UserID: userID, SessionID: sessionID, Origin: b.From})
		return err
	}
	id := user.ID().String()
	other := b.User(app.Ada).ID().String()
	for _, sessionID := range []string{"junk", "", domain.SessionID{1}.String()} {
		b.Refused(domain.ErrSessionNotFound, func() error { return end(id, sessionID) })
	}
	b.Refused(domain.ErrSessionNotFound, func() error { return end(other, gone.SessionID.String()) })
	actor, _ := b.Actor(p)
	entries := b.Entries(func() { require.NoError(t, end(id, gone.SessionID.String())) })
	require.Len(t, entries, 1)
	assert.Equal(t, domain.EventSessionRevoked, entries[0].Type)
	assert.Equal(t, actor, entries[0].Actor)
	assert.Equal(t, "staff", entries[0].Detail)
	b.RequireEnded(gone)
	b.RequireLive(stays)
	b.Refused(domain.ErrSessionNotFound, func() error { return end(id, gone.SessionID.String()) })
}

func TestListUsers_ByIds(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Population(3)
	all := b.Users()
	list := func(cmd ports.ListUsersCommand) ([]string, error) {
		page, err := b.List(cmd)
		var got []string
		for _, user := range page.Users {
			got = append(got, user.ID().String())
		}
		return got, err
	}
	first, last := all[0].ID().String(), all[2].ID().String()
	got, err := list(ports.ListUsersCommand{IDs: []string{last, domain.UserID{1}.String(), first, last}})
	require.NoError(t, err)
	assert.Equal(t, []string{last, first}, got)
	for _, cmd := range []ports.ListUsersCommand{
		{IDs: []string{"junk"}},
		{IDs: []string{first}, Limit: 1},
		{IDs: []string{first}, Role: "user"},
		{IDs: make([]string, ports.MaxUserIDs+1)},
	} {
		assert.Equal(t, "id", b.Refused(domain.ErrInvalidParameter, func() error { _, err := list(cmd); return err }).Field)
	}
}

func TestDisable_KeepsTheReasonForStaff(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	p := b.Admin(app.Ada)
	user := b.Account(app.Bob, app.Password)
	change := func(status, reason string) error {
		_, err := b.ChangeUser(ports.ChangeUserCommand{Principal: p, UserID: user.ID().String(), Status: &status, Reason: reason})
		return err
	}
	for status, reason := range map[string]string{"active": "A reason.", "disabled": strings.Repeat("ä", 501)} {
		assert.Equal(t, "reason", b.Refused(domain.ErrInvalidParameter, func() error { return change(status, reason) }).Field)
	}
	for _, reason := range []string{"a\x00b", "\xff", "a\x1bb"} {
		b.Refused(domain.ErrInvalidParameter, func() error { return change("disabled", reason) })
	}
	assert.Equal(t, []string{"account_disabled " + app.Bob}, b.Mailed(func() { require.NoError(t, change("disabled", " Spam. ")) }))
	assert.Equal(t, "Spam.", b.User(app.Bob).DisabledReason())
	events := app.WithoutMails(b.Events())
	assert.Equal(t, "Spam.", events[len(events)-1].Reason)
	assert.Empty(t, events[len(events)-1].ForSubject().Reason)
	assert.Empty(t, b.Mailed(func() { require.NoError(t, change("disabled", "Fraud.")) }), "another reason alone is not mailed")
	assert.Equal(t, "Fraud.", b.User(app.Bob).DisabledReason())
	require.NoError(t, change("active", ""))
	assert.Empty(t, b.User(app.Bob).DisabledReason())

	require.NoError(t, b.DeleteUser(p, user.ID().String()))
	for _, e := range b.Events() {
		assert.False(t, e.SubjectID == user.ID() && e.Reason != "", "the reason goes with the account")
	}
}

func TestSendUserMail_RenewsAnInvitation(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	p := b.Admin(app.Ada)
	user, err := b.CreateUser(ports.CreateUserCommand{Principal: p, Email: app.Bob})
	require.NoError(t, err)
	send := func(p domain.Principal, mail string) error {
		_, err := b.UseCases.SendUserMail.Execute(t.Context(), ports.SendUserMailCommand{Principal: p, UserID: user.ID().String(), Mail: mail, Origin: b.From})
		return err
	}
	b.Clock.Advance(72 * time.Hour)
	p = b.SignIn(app.Ada, app.Password)
	b.Refused(domain.ErrInvalidToken, func() error { return b.Reset(b.LastSecret(app.Bob), app.Another) })
	assert.Equal(t, []string{"invitation " + app.Bob}, b.Mailed(func() { require.NoError(t, send(p, "invitation")) }))
	b.Refused(domain.ErrMailNotDue, func() error { return send(p, "verify_email") })
	for _, mail := range []string{"", "change_email", "password_changed", "Invitation"} {
		b.Refused(domain.ErrInvalidParameter, func() error { return send(p, mail) })
	}
	require.NoError(t, b.Reset(b.LastSecret(app.Bob), app.Another))
	b.Refused(domain.ErrMailNotDue, func() error { return send(p, "invitation") })
	b.Refused(domain.ErrMailNotDue, func() error { return send(p, "verify_email") })
	assert.Equal(t, []string{"reset_password " + app.Bob}, b.Mailed(func() { require.NoError(t, send(p, "reset_password")) }))
	b.Limit(ports.LimitMailRecipient, domain.Quota{Events: 1, Per: time.Hour})
	require.NoError(t, send(p, "reset_password"))
	b.Refused(domain.ErrRateLimited, func() error { return send(p, "reset_password") })
	require.NoError(t, send(domain.Operator(), "reset_password"), "the operator has no limit")
	require.NoError(t, b.SetStatus(p, user.ID().String(), "disabled"))
	b.Refused(domain.ErrMailNotDue, func() error { return send(domain.Operator(), "reset_password") })
}

func TestSendUserMail_VerifiesAnUnconfirmedAddress(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	require.NoError(t, b.Register(app.Bob, app.Password))
	id := b.User(app.Bob).ID().String()
	p := supporter(b)
	assert.Equal(t, []string{"verify_email " + app.Bob}, b.Mailed(func() {
		_, err := b.UseCases.SendUserMail.Execute(t.Context(), ports.SendUserMailCommand{Principal: p, UserID: id, Mail: "verify_email", Origin: b.From})
		require.NoError(t, err)
	}))
	require.NoError(t, b.Verify(b.LastSecret(app.Bob)))
}

func confirm(b *app.Bundle, p domain.Principal, id domain.UserID, edit ...func(*ports.ChangeUserCommand)) error {
	cmd := ports.ChangeUserCommand{Principal: p, UserID: id.String(), EmailVerified: true}
	for _, e := range edit {
		e(&cmd)
	}
	_, err := b.ChangeUser(cmd)
	return err
}

// An administrator confirms an address by hand. The password stands as it does after a
// confirmation without a proof, and the record says who did.
func TestConfirmByHand_IsRecorded(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	p := b.Admin(app.Bob)
	require.NoError(t, b.Register(app.Ada, app.Password))
	user := b.User(app.Ada)
	actor, session := b.Actor(p)
	want := app.Entry{Type: domain.EventEmailVerified, Actor: actor, Session: session, Subject: user.ID(), Detail: "by_hand"}
	assert.Equal(t, []app.Entry{want}, b.Entries(func() { require.NoError(t, confirm(b, p, user.ID())) }))
	b.Login(app.Ada, app.Password)
	before := b.State()
	require.NoError(t, confirm(b, p, user.ID()))
	assert.Equal(t, before, b.State(), "a confirmed address stays as it is")
	require.NoError(t, setEmail(b, p, user.ID(), app.Moved, verified))
	assert.True(t, b.User(app.Moved).EmailVerified())
}

// F-H2, F-H3: no password that a stranger may have chosen gets a role above user.
func TestConfirmByHand_DropsThePasswordOfARoleAboveUser(t *testing.T) {
	t.Parallel()
	role := func(cmd *ports.ChangeUserCommand) { r := "admin"; cmd.Role = &r }
	moved := func(cmd *ports.ChangeUserCommand) { e := app.Moved; cmd.Email = &e }
	for name, edits := range map[string][]func(*ports.ChangeUserCommand){"present address": {role}, "new address": {role, moved}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := app.New(t)
			p := b.Admin(app.Bob)
			require.NoError(t, b.Register(app.Ada, app.Password))
			id := b.User(app.Ada).ID()
			require.NoError(t, confirm(b, p, id, edits...))
			user, err := b.Ports.Store.Users.ByID(t.Context(), id)
			require.NoError(t, err)
			assert.Equal(t, domain.RoleAdmin, user.Role())
			assert.Equal(t, domain.PasswordNone, user.PasswordState())
			assert.Contains(t, b.Mails(), "reset_password "+user.Email().String())
			require.NoError(t, b.Reset(b.ResetSecret(user.Email().String()), app.Another))
			b.SignIn(user.Email().String(), app.Another)
		})
	}
}

func TestConfirmByHand_FollowsTheSettingOfUnprovenPasswords(t *testing.T) {
	t.Parallel()
	b := app.New(t, app.DropUnproven)
	p := domain.Operator()
	require.NoError(t, b.Register(app.Ada, app.Password))
	assert.Equal(t, []string{"reset_password " + app.Ada}, b.Mailed(func() { require.NoError(t, confirm(b, p, b.User(app.Ada).ID())) }))
	b.Refused(domain.ErrInvalidCredentials, func() error { _, err := b.TryLogin(app.Ada, app.Password); return err })
}

func lifted(b *app.Bundle, p domain.Principal, of ports.LimitsOf) (ports.LimitsResult, error) {
	return b.UseCases.LiftLimits.Execute(b.Context(), ports.LiftLimitsCommand{Principal: p, Of: of, Origin: b.From})
}

func shown(b *app.Bundle, p domain.Principal, of ports.LimitsOf) map[string]ports.LimitUse {
	b.Helper()
	result, err := b.UseCases.ListLimits.Execute(b.Context(), ports.ListLimitsCommand{Principal: p, Of: of})
	require.NoError(b, err)
	all := map[string]ports.LimitUse{}
	for _, use := range result.Limits {
		all[use.Limit] = use
	}
	return all
}

// Otherwise nothing would bound what a stolen session of an administrator does.
func TestLiftLimits_AreLiftedByAnother(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	p, other := b.Admin(app.Ada), b.Admin(app.Bob)
	own := ports.LimitsOf{UserID: b.User(app.Ada).ID().String()}
	b.Refused(domain.ErrForbidden, func() error { _, err := lifted(b, p, own); return err })
	for _, another := range []domain.Principal{other, domain.Operator()} {
		_, err := lifted(b, another, own)
		require.NoError(t, err)
	}
}

// Mails count by the address without its detail, so that of an administrator is not lifted
// through another spelling.
func TestLiftLimits_OfAnotherSpellingAsksForTheAccount(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Admin("boss@example.com")
	b.Account(app.Ada, app.Password)
	b.Edit(app.Ada, func(s *domain.UserSnapshot) { s.Role, s.EmailVerified = "support", true })
	p := b.SignIn(app.Ada, app.Password)
	b.Refused(domain.ErrForbidden, func() error { _, err := lifted(b, p, ports.LimitsOf{Email: "boss+x@example.com"}); return err })
	_, err := lifted(b, p, ports.LimitsOf{Email: "stranger+x@example.com"})
	require.NoError(t, err)
}

// An invitation stays open when its address is confirmed by hand: a reset would end it.
func TestConfirmByHand_KeepsAnInvitation(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	p := domain.Operator()
	b.Account(app.Ada, app.Password)
	b.Edit(app.Ada, func(s *domain.UserSnapshot) { s.EmailVerified = false })
	id := b.User(app.Ada).ID()
	require.NoError(t, b.SetRole(p, id.String(), "admin"))
	require.Equal(t, domain.RoleAdmin, b.User(app.Ada).InvitedRole())
	assert.NotContains(t, b.Mailed(func() { require.NoError(t, confirm(b, p, id)) }), "reset_password "+app.Ada)
	b.Refused(domain.ErrMailNotDue, func() error {
		_, err := b.UseCases.SendUserMail.Execute(t.Context(), ports.SendUserMailCommand{Principal: p, UserID: id.String(), Mail: "reset_password"})
		return err
	})
	require.NoError(t, b.Reset(b.LastSecret(app.Ada), app.Another))
	assert.Equal(t, domain.RoleAdmin, b.User(app.Ada).Role())
}

// S-12, S-13: support ends a lock by wrong passwords, and the limits of a login.
func TestLiftLimits_EndsALockAndTheLimitsOfALogin(t *testing.T) {
	t.Parallel()
	b := app.New(t, func(s *assembly.Settings) { s.LoginFailures = domain.FailureLimit{Failures: 3, Lock: time.Hour} })
	p := supporter(b)
	b.Limit(ports.LimitLoginAccount, domain.Quota{Events: 4, Per: time.Hour})
	user := b.Account(app.Bob, app.Password)
	id := ports.LimitsOf{UserID: user.ID().String()}
	assert.Empty(t, shown(b, p, id))
	for range 3 {
		_, err := b.TryLogin(app.Bob, "wrong")
		require.ErrorIs(t, err, domain.ErrInvalidCredentials)
	}
	b.Refused(domain.ErrRateLimited, func() error { _, err := b.TryLogin(app.Bob, app.Password); return err })
	for _, of := range []ports.LimitsOf{id, {Email: " BOB@example.com"}} {
		uses := shown(b, p, of)
		assert.Equal(t, time.Hour, uses["login_failures"].RetryAfter)
		assert.Zero(t, uses["login_failures"].Remaining)
		assert.Zero(t, uses["login_account"].Remaining)
	}
	entries := b.Entries(func() {
		before, err := lifted(b, p, id)
		require.NoError(t, err)
		assert.NotEmpty(t, before.Limits)
	})
	require.Len(t, entries, 1)
	assert.Equal(t, domain.EventLimitsLifted, entries[0].Type)
	assert.Equal(t, "user", entries[0].Detail)
	assert.Empty(t, shown(b, p, id))
	b.Login(app.Bob, app.Password)
}

func TestLiftLimits_OfANetworkAndOfAnAddressWithoutAnAccount(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Bob, app.Password)
	p := supporter(b)
	b.Limit(ports.LimitLoginIP, domain.Quota{Events: 1, Per: time.Hour})
	b.From = app.At("2001:db8::1")
	b.Login(app.Bob, app.Password)
	b.Refused(domain.ErrRateLimited, func() error { _, err := b.TryLogin(app.Bob, app.Password); return err })
	network := ports.LimitsOf{Network: "2001:db8::ffff"}
	assert.Contains(t, shown(b, p, network), "login_ip")
	assert.Equal(t, shown(b, p, network), shown(b, p, ports.LimitsOf{Network: "2001:db8::/64"}))
	lifts := func(of ports.LimitsOf) []domain.Event {
		return b.Recorded(func() {
			_, err := lifted(b, p, of)
			require.NoError(t, err)
		})
	}
	// S-45: the event names the network to staff, and keeps the address of who lifted.
	limitedFrom := b.From
	b.From = app.At("198.51.100.9")
	events := lifts(network)
	require.Len(t, events, 1)
	assert.Equal(t, "2001:db8::/64", events[0].Reason)
	assert.Equal(t, "network", events[0].Detail)
	assert.Equal(t, "198.51.100.9", events[0].Client.IP)
	assert.Empty(t, events[0].ForSubject().Reason)
	b.From = limitedFrom
	b.Login(app.Bob, app.Password)

	events = lifts(ports.LimitsOf{Email: "nobody@example.com"})
	require.Len(t, events, 1)
	assert.Equal(t, "address", events[0].Detail)
	b.RequireNoSecret(events[0])
	assert.Empty(t, events[0].Reason)
	events = lifts(ports.LimitsOf{Email: app.Bob, Network: "192.0.2.7"})
	require.Len(t, events, 2)
	assert.Equal(t, []string{"", "192.0.2.7"}, []string{events[0].Reason, events[1].Reason})
}

func TestListLimits_Refusals(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	for _, test := range []struct {
		of   ports.LimitsOf
		want error
	}{
		{ports.LimitsOf{}, domain.ErrInvalidParameter},
		{ports.LimitsOf{UserID: domain.UserID{1}.String(), Email: app.Bob}, domain.ErrInvalidParameter},
		{ports.LimitsOf{Email: "junk"}, domain.ErrInvalidEmail},
		{ports.LimitsOf{Network: "junk"}, domain.ErrInvalidParameter},
		{ports.LimitsOf{Network: "192.0.2.1/64"}, domain.ErrInvalidParameter},
		{ports.LimitsOf{UserID: domain.UserID{1}.String()}, domain.ErrUserNotFound},
	} {
		_, err := b.UseCases.ListLimits.Execute(t.Context(), ports.ListLimitsCommand{Principal: domain.Operator(), Of: test.of})
		require.ErrorIs(t, err, test.want)
		_, err = lifted(b, domain.Operator(), test.of)
		require.ErrorIs(t, err, test.want)
	}
}
