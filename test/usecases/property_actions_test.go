package usecases_test

import (
	"slices"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func (w *walk) register(t *rapid.T) {
	address, pass, before := w.address(t), w.password(t, "password"), w.mailCount()
	made := w.m.register(address, pass)
	browser, err := w.b.RegisterHere(address, pass)
	w.agree(t, before, nil, err)
	require.False(t, browser.IsEmpty())
	w.browsers = append(w.browsers, browser)
	if u := w.m.find(address); u != nil && !u.verified {
		u.browser = domain.Secret{}
		if u.password == pass {
			u.browser = browser
		}
	}
	if made {
		e, err := domain.ParseEmail(address)
		require.NoError(t, err)
		user, err := w.b.Ports.Store.Users.ByEmail(w.b.Context(), e)
		require.NoError(t, err)
		w.m.find(address).id = user.ID()
	}
}

func (w *walk) confirm(t *rapid.T) {
	link, before := w.link(t), w.mailCount()
	proof := modelProof{drop: rapid.Bool().Draw(t, "drop"), required: rapid.Bool().Draw(t, "required")}
	if rapid.Bool().Draw(t, "with a password") {
		proof.password = w.password(t, "password")
	}
	if len(w.browsers) > 0 && rapid.Bool().Draw(t, "with a browser") {
		proof.browser = rapid.SampledFrom(w.browsers).Draw(t, "browser")
	}
	var p domain.Principal
	if rapid.Bool().Draw(t, "with a session") {
		proof.session, p = w.principal(t)
	}
	want := w.m.confirm(link, proof)
	w.agree(t, before, want, w.b.VerifyWith(link.secret, func(cmd *ports.VerifyEmailCommand) {
		cmd.BrowserSecret, cmd.Principal, cmd.DropPassword, cmd.RequireProof = proof.browser, p, proof.drop, proof.required
		if proof.password != "" {
			cmd.Confirmation = &ports.Confirmation{Password: domain.NewSecret(proof.password)}
		}
	}))
}

// undo follows a link, mostly one that undoes a change of address.
func (w *walk) undo(t *rapid.T) {
	link, before := w.link(t), w.mailCount()
	if open := slices.DeleteFunc(slices.Clone(w.m.links), func(l *modelLink) bool { return l.kind != "undo_email" }); len(open) > 0 {
		link = rapid.SampledFrom(append(open, link)).Draw(t, "link to undo")
	}
	want := w.m.undo(link)
	w.agree(t, before, want, w.b.Undo(link.secret))
}

// assign moves an account as the operator does.
func (w *walk) assign(t *rapid.T) {
	u, address, before := w.user(t), rapid.SampledFrom(someAddresses).Draw(t, "new address"), w.mailCount()
	verified, recovers := rapid.Bool().Draw(t, "verified"), rapid.Bool().Draw(t, "recover")
	want := w.m.assign(u, address, verified, recovers)
	_, err := w.b.ChangeUser(ports.ChangeUserCommand{
		Principal: domain.Operator(), UserID: u.id.String(), Email: &address, EmailVerified: verified, Recover: recovers,
	})
	w.agree(t, before, want, err)
}

func (w *walk) requestVerification(t *rapid.T) {
	address, before := w.address(t), w.mailCount()
	if u := w.m.find(address); u != nil && !u.disabled && !u.verified {
		w.m.link("verify_email", u, 24*time.Hour, "")
	}
	w.agree(t, before, nil, w.b.RequestVerification(address))
}

func (w *walk) requestReset(t *rapid.T) {
	address, before := w.address(t), w.mailCount()
	if u := w.m.find(address); u != nil && !u.disabled {
		w.m.link("reset_password", u, time.Hour, "")
	}
	w.agree(t, before, nil, w.b.RequestReset(address))
}

func (w *walk) reset(t *rapid.T) {
	link, pass, before := w.link(t), w.password(t, "new password"), w.mailCount()
	want := w.m.reset(link, pass)
	w.agree(t, before, want, w.b.Reset(link.secret, pass))
}

// later returns the later of two times.
func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (w *walk) login(t *rapid.T) {
	address, pass, before := w.address(t), w.password(t, "password"), w.mailCount()
	want := w.m.login(address, pass)
	if u := w.m.find(address); want == nil && u.verified && !w.m.now.Before(later(u.registered, u.told).Add(24*time.Hour)) {
		u.told = w.m.now // each login is from an unknown device
		w.m.notice("new_device", address)
	}
	answer, err := w.b.TryLogin(address, pass)
	w.agree(t, before, want, err)
	if want == nil {
		w.opened(w.m.find(address), answer)
	}
}

// opened records a new session of a user.
func (w *walk) opened(u *modelUser, answer ports.TokensResult) {
	settings := w.b.Settings
	w.m.makeRoom(u, settings.MaxSessionsPerUser)
	s := &modelSession{id: answer.SessionID, user: u, absolute: w.m.now.Add(settings.SessionLives.Absolute)}
	w.m.issued(s, answer, settings.SessionLives.Idle)
	w.m.sessions = append(w.m.sessions, s)
}

func (w *walk) refresh(t *rapid.T) {
	s, i := w.session(t)
	before, limits := w.mailCount(), w.b.Settings.SessionLives
	rotates, want := w.m.refresh(s, i, limits.Grace)
	answer, err := w.b.Refresh(s.answers[i].RefreshToken)
	w.agree(t, before, want, err)
	switch {
	case rotates:
		w.m.issued(s, answer, limits.Idle)
	case want == nil:
		newest := s.answers[len(s.answers)-1]
		require.Equal(t, newest.RefreshToken.Reveal(), answer.RefreshToken.Reveal())
		require.Equal(t, newest.AccessToken.Reveal(), answer.AccessToken.Reveal())
	}
}

func (w *walk) logout(t *rapid.T) {
	s, i := w.session(t)
	token, before := s.answers[i].AccessToken, w.mailCount()
	if rapid.Bool().Draw(t, "by the refresh token") {
		token = s.answers[i].RefreshToken
	}
	s.ended = true
	w.agree(t, before, nil, w.b.Logout(token))
}

func (w *walk) logoutEverywhere(t *rapid.T) {
	s, p := w.principal(t)
	want := w.m.endSessions(s.user)
	result, err := w.b.UseCases.LogoutEverywhere.Execute(w.b.Context(), ports.LogoutEverywhereCommand{Principal: p})
	require.NoError(t, err)
	require.Equal(t, want, result.Revoked)
}

func (w *walk) revoke(t *rapid.T) {
	s, p := w.principal(t)
	other, _ := w.session(t)
	before := w.mailCount()
	var want error = domain.ErrSessionNotFound
	if other.user == s.user && w.m.live(other) {
		other.ended, want = true, nil
	}
	w.agree(t, before, want, w.b.Revoke(p, other.id.String()))
}

func (w *walk) changePassword(t *rapid.T) {
	s, p := w.principal(t)
	current, next, before := w.password(t, "password"), w.password(t, "new password"), w.mailCount()
	var want error = domain.ErrWrongPassword
	switch {
	case current == next:
		want = domain.ErrSamePassword
	case s.user.password == current:
		want = nil
		w.m.endSessions(s.user) // F-M1: the own one too
		w.m.newPassword(s.user, next)
	}
	answer, err := w.b.Renew(p, current, next)
	w.agree(t, before, want, err)
	if want == nil {
		w.opened(s.user, answer.TokensResult)
	}
}

func (w *walk) changeEmail(t *rapid.T) {
	s, p := w.principal(t)
	address, pass, before := w.address(t), w.password(t, "password"), w.mailCount()
	owner := w.m.find(address)
	var want error
	switch {
	case owner == s.user:
		want = domain.ErrInvalidEmail
	case s.user.password != pass:
		want = domain.ErrWrongPassword
	case owner != nil:
		w.m.notice("email_taken", address)
	case w.m.reserved(address, s.user):
		w.m.notice("email_held", address)
	default:
		w.m.link("change_email", s.user, 24*time.Hour, address)
	}
	if want == nil {
		w.m.notice("email_changing", s.user.address)
	}
	w.agree(t, before, want, w.b.ChangeEmail(p, address, pass))
}

func (w *walk) status(t *rapid.T) {
	u, before := w.user(t), w.mailCount()
	status := rapid.SampledFrom([]string{"active", "active", "disabled"}).Draw(t, "status")
	switch {
	case status == "disabled" && !u.disabled:
		w.m.endSessions(u)
		w.m.notice("account_disabled", u.address) // F-L8
	case status == "active" && u.disabled:
		w.m.notice("account_enabled", u.address)
	}
	u.disabled = status == "disabled"
	w.agree(t, before, nil, w.b.SetStatus(domain.Operator(), u.id.String(), status))
}

func (w *walk) delete(t *rapid.T) {
	before := w.mailCount()
	if rapid.Bool().Draw(t, "by an administrator") {
		u := w.user(t)
		u.deleted = true
		w.m.endSessions(u)
		if u.verified {
			w.m.notice("account_deleted", u.address)
		}
		w.agree(t, before, nil, w.b.DeleteUser(domain.Operator(), u.id.String()))
		return
	}
	s, p := w.principal(t)
	pass := w.password(t, "password")
	var want error = domain.ErrWrongPassword
	switch {
	case s.user.password != pass:
	case w.m.undoable(s.user):
		want = domain.ErrUndoOpen
	default:
		want, s.user.deleted = nil, true
		w.m.endSessions(s.user)
		w.m.notice("account_closed", s.user.address)
	}
	w.agree(t, before, want, w.b.DeleteAccount(p, pass))
}

func (w *walk) wait(t *rapid.T) {
	d := rapid.SampledFrom(someTimes).Draw(t, "time")
	w.b.Clock.Advance(d)
	w.m.now = w.m.now.Add(d)
	if rapid.Bool().Draw(t, "clean up") {
		_, err := w.b.UseCases.CleanUp.Execute(w.b.Context(), ports.CleanUpCommand{})
		require.NoError(t, err)
		w.m.cleanUp(w.b.Settings.UnconfirmedRetention)
	}
}
