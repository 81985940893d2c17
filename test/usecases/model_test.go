package usecases_test

import (
	"slices"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// model describes the service in the terms of its users: which users may sign in, which
// sessions live, which links work, and which mails are sent. It knows nothing about
// epochs, versions, hashes or stores.
type model struct {
	now      time.Time
	users    []*modelUser
	sessions []*modelSession
	links    []*modelLink
	// mails are the mails that the current action sends, as "kind address".
	mails []string
	// sent holds the link of each of those mails, or nil for a notice.
	sent []*modelLink
}

type modelUser struct {
	id         domain.UserID
	registered time.Time
	address    string
	password   string
	verified   bool
	disabled   bool
	deleted    bool
	// assigned is true once an administrator has set an address, so that the account is no
	// longer a registration that waits.
	assigned bool
}

type modelSession struct {
	id       domain.SessionID
	user     *modelUser
	answers  []ports.TokensResult // one per generation
	expiries []time.Time          // of the refresh tokens
	rotated  time.Time
	expires  time.Time
	absolute time.Time
	ended    bool
}

type modelLink struct {
	secret  domain.Secret
	kind    string
	user    *modelUser
	address string // the user's when it was sent
	moves   string // the address an address change leads to
	expires time.Time
	dead    bool
	// unsent is a link that exists, although no mail went to the disabled account.
	unsent bool
	// confirmed is whether the address was, for a link that undoes a change of it.
	confirmed bool
}

// find returns the account of an address, or nil.
func (m *model) find(address string) *modelUser {
	for _, u := range m.users {
		if !u.deleted && u.address == address {
			return u
		}
	}
	return nil
}

func (m *model) live(s *modelSession) bool {
	return !s.ended && m.now.Before(s.expires) && m.now.Before(s.absolute)
}

func (m *model) usable(l *modelLink) bool {
	u := l.user
	if l.kind == "undo_email" { // it dies by use and expiry alone
		return !l.dead && m.now.Before(l.expires) && !u.deleted
	}
	return !l.dead && m.now.Before(l.expires) && !u.deleted && !u.disabled && u.address == l.address
}

// endSessions ends all sessions of a user and returns how many were live.
func (m *model) endSessions(u *modelUser) int {
	n := 0
	for _, s := range m.sessions {
		if s.user == u {
			if m.live(s) {
				n++
			}
			s.ended = true
		}
	}
	return n
}

// newPassword applies the effects of a new password.
func (m *model) newPassword(u *modelUser, pass string) {
	u.password = pass
	m.voidLinks(u)
	m.notice("password_changed", u.address)
}

// voidLinks ends the links of a user, but for those that undo a change of address.
func (m *model) voidLinks(u *modelUser) {
	for _, l := range m.links {
		if l.user == u && l.kind != "undo_email" {
			l.dead, l.unsent = true, false
		}
	}
}

func (m *model) notice(kind, to string) {
	m.mails, m.sent = append(m.mails, kind+" "+to), append(m.sent, nil)
}

// link sends a mail with a link, unless the account is disabled.
func (m *model) link(kind string, u *modelUser, life time.Duration, moves string) {
	l := &modelLink{kind: kind, user: u, address: u.address, moves: moves, expires: m.now.Add(life)}
	m.links = append(m.links, l)
	if kind == "undo_email" {
		l.confirmed = u.verified
	} else if u.disabled {
		l.dead, l.unsent = true, true // no secret was made for it
		return
	}
	to := u.address
	if moves != "" {
		to = moves
	}
	m.mails, m.sent = append(m.mails, kind+" "+to), append(m.sent, l)
}

// register reports whether it makes an account.
func (m *model) register(address, pass string) bool {
	u := m.find(address)
	switch {
	case u == nil && m.reserved(address, nil):
		m.notice("email_held", address)
		return false
	case u == nil:
		u = &modelUser{address: address, password: pass, registered: m.now}
		m.users = append(m.users, u)
		m.link("verify_email", u, 24*time.Hour, "")
		return true
	case u.verified:
		m.notice("email_taken", address)
	default:
		if u.password != pass && u.password != "" {
			u.password = ""
			m.endSessions(u)
		}
		m.link("verify_email", u, 24*time.Hour, "")
	}
	return false
}

// confirm follows a link that confirms an address. refusal is the answer to the proof
// that comes with it, or nil for a good proof; only a change of address asks for it.
func (m *model) confirm(l *modelLink, refusal error) error {
	switch {
	case !m.usable(l) || l.kind != "verify_email" && l.kind != "change_email":
		return domain.ErrInvalidToken
	case l.moves == "":
	case refusal != nil:
		return refusal
	case m.find(l.moves) != nil || m.reserved(l.moves, l.user):
		return domain.ErrInvalidToken
	default:
		m.leave(l.user, l.moves)
		l.user.address = l.moves
	}
	l.dead, l.user.verified = true, true
	if l.user.password == "" {
		m.link("reset_password", l.user, time.Hour, "")
	}
	return nil
}

// reset follows a link that sets a password.
func (m *model) reset(l *modelLink, pass string) error {
	if !m.usable(l) || l.kind != "reset_password" && l.kind != "invitation" {
		return domain.ErrInvalidToken
	}
	m.endSessions(l.user)
	l.user.verified = true
	m.newPassword(l.user, pass)
	return nil
}

// cleanUp removes the accounts that nobody confirmed in time and whose links are over.
func (m *model) cleanUp(retention time.Duration) {
	for _, u := range m.users {
		held := slices.ContainsFunc(m.links, func(l *modelLink) bool {
			return l.user == u && (!l.dead || l.unsent) && m.now.Before(l.expires)
		})
		u.deleted = u.deleted || !u.verified && !u.assigned && !u.disabled && !held && m.now.Sub(u.registered) > retention
	}
}

func (m *model) login(address, pass string) error {
	u := m.find(address)
	switch {
	case u == nil || u.password == "" || u.password != pass:
		return domain.ErrInvalidCredentials
	case u.disabled:
		return domain.ErrAccountDisabled
	case !u.verified:
		return domain.ErrEmailNotVerified
	}
	return nil
}

// makeRoom ends the oldest sessions of a user who signs in once more.
func (m *model) makeRoom(u *modelUser, limit int) {
	var live []*modelSession
	for _, s := range m.sessions {
		if s.user == u && m.live(s) {
			live = append(live, s)
		}
	}
	for ; len(live) >= limit; live = live[1:] {
		live[0].ended = true
	}
}

// issued records a new pair of tokens.
func (m *model) issued(s *modelSession, answer ports.TokensResult, idle time.Duration) {
	s.rotated, s.expires = m.now, m.now.Add(idle)
	if s.expires.After(s.absolute) {
		s.expires = s.absolute
	}
	s.answers = append(s.answers, answer)
	s.expiries = append(s.expiries, s.expires.Truncate(time.Second))
}

// refresh returns the outcome of the refresh token of generation i, counted from zero.
// rotates reports whether the session gets a new pair of tokens.
func (m *model) refresh(s *modelSession, i int, grace time.Duration) (rotates bool, err error) {
	newest := len(s.answers) - 1
	switch {
	case !m.now.Before(s.expiries[i]):
		return false, domain.ErrTokenExpired
	case !m.live(s):
		return false, domain.ErrSessionEnded
	case i == newest:
		return true, nil
	case i == newest-1 && grace > 0 && m.now.Sub(s.rotated) <= grace:
		return false, nil
	}
	s.ended = true
	m.notice("session_reused", s.user.address)
	return false, domain.ErrRefreshTokenReused
}

// liveIDs returns the live sessions of a user, in order of their ids.
func (m *model) liveIDs(u *modelUser) []string {
	ids := []string{}
	for _, s := range m.sessions {
		if s.user == u && m.live(s) {
			ids = append(ids, s.id.String())
		}
	}
	slices.Sort(ids)
	return ids
}
