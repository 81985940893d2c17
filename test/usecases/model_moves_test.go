package usecases_test

import (
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// reserved reports whether another account than own has left the address and can still
// come back (F-M6).
func (m *model) reserved(address string, own *modelUser) bool {
	for _, l := range m.links {
		if l.kind == "undo_email" && l.address == address && l.user != own && m.usable(l) {
			return true
		}
	}
	return false
}

// undoable reports whether a change of the user's address can be undone.
func (m *model) undoable(u *modelUser) bool {
	for _, l := range m.links {
		if l.kind == "undo_email" && l.user == u && m.usable(l) {
			return true
		}
	}
	return false
}

// leave prepares a move that can be undone: by a new link if the address was confirmed, or
// by the one that leads to the same address already. The links of earlier moves work on.
func (m *model) leave(u *modelUser, to string) {
	m.voidLinks(u)
	for i, l := range m.links {
		if l.kind == "undo_email" && l.user == u && l.address == to && m.usable(l) {
			m.voidUndos(u, m.links[i+1:])
			return
		}
	}
	if u.verified {
		m.link("undo_email", u, 72*time.Hour, "")
	}
}

// leaveForGood prepares a move that only undos to the same address can follow.
func (m *model) leaveForGood(u *modelUser, to string) {
	m.voidLinks(u)
	for _, l := range m.links {
		l.dead = l.dead || l.kind == "undo_email" && l.user == u && l.address != to
	}
}

// voidUndos ends those of links that undo a change of the user's address.
func (m *model) voidUndos(u *modelUser, links []*modelLink) {
	for _, l := range links {
		l.dead = l.dead || l.kind == "undo_email" && l.user == u
	}
}

// undo follows a link that undoes a change of address.
func (m *model) undo(l *modelLink) error {
	if l.kind != "undo_email" || !m.usable(l) {
		return domain.ErrInvalidToken
	}
	u, left := l.user, l.user.address
	for i := range m.links {
		if m.links[i] == l {
			m.voidUndos(u, m.links[i:])
		}
	}
	m.voidLinks(u)
	m.endSessions(u)
	u.address, u.verified, u.password = l.address, l.confirmed, ""
	if left != u.address {
		m.notice("email_restored", left)
	}
	m.link("reset_password", u, time.Hour, "")
	return nil
}

// confirmByHand confirms the present address without a mail. Nothing proves the password,
// which stays as it does for a confirmation by the token alone.
func (m *model) confirmByHand(u *modelUser) {
	u.verified = true
	if u.password != "" {
		return
	}
	m.endSessions(u)
	for _, l := range m.links {
		if l.user == u && (l.kind == "verify_email" || l.kind == "change_email") {
			l.dead, l.unsent = true, false
		}
	}
	if !u.disabled {
		m.link("reset_password", u, time.Hour, "")
	}
}

// assign moves an account as the operator does.
func (m *model) assign(u *modelUser, to string, verified, recovers bool) error {
	if u.address == to && !recovers {
		if verified && !u.verified {
			m.confirmByHand(u)
		}
		return nil
	}
	if owner := m.find(to); owner != nil && owner != u || m.reserved(to, u) {
		return domain.ErrEmailTaken
	}
	if recovers {
		m.leaveForGood(u, to)
	} else {
		m.leave(u, to)
	}
	m.endSessions(u)
	u.address, u.verified, u.assigned, u.browser = to, verified, true, domain.Secret{}
	if recovers {
		u.password = ""
	}
	switch {
	case u.password == "" && !verified && !recovers:
		m.link("invitation", u, 72*time.Hour, "")
	case u.password == "":
		m.link("reset_password", u, time.Hour, "")
	case !verified:
		m.link("verify_email", u, 24*time.Hour, "")
	default:
		m.notice("email_assigned", to)
	}
	return nil
}
