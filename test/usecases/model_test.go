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
	// browser is the secret of the newest registration with this password.
	browser  domain.Secret
	verified bool
	disabled bool
	deleted  bool
	// assigned is true once an administrator has set an address, so that the account is no
	// longer a registration that waits.
	assigned bool
	// told is when the owner last heard of a sign-in from an unknown device.
	told time.Time
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
	// used is when it confirmed an address.
	used time.Time
}

// modelProof is what comes with a link that confirms an address.
type modelProof struct {
	// password is "" if none is given.
	password string
	browser  domain.Secret
	// session is the session whose access token is given, or nil.
	session        *modelSession
	drop, required bool
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
		}
		m.link("verify_email", u, 24*time.Hour, "")
	}
	return false
}

// repeats reports whether the link has just confirmed the present address.
func (m *model) repeats(l *modelLink) bool {
	u, confirmed := l.user, l.address
	if l.moves != "" {
		confirmed = l.moves
	}
	return !l.used.IsZero() && m.now.Before(l.used.Add(domain.RepeatLife)) && u.verified && !u.deleted && !u.disabled && u.address == confirmed
}

// confirm follows a link that confirms an address.
func (m *model) confirm(l *modelLink, p modelProof) error {
	u, repeats := l.user, m.repeats(l)
	switch {
	case p.drop && p.password != "":
		return domain.ErrInvalidParameter
	case !repeats && (!m.usable(l) || l.kind != "verify_email" && l.kind != "change_email"):
		return domain.ErrInvalidToken
	case l.moves != "":
		return m.move(l, p, repeats)
	case repeats:
		return nil
	case p.password != "" && p.password != u.password:
		return domain.ErrWrongPassword
	case !u.verified && p.required && !p.drop && !m.proven(u, p) && u.password != "":
		return domain.ErrProofRequired
	}
	before, proven := u.verified, m.proven(u, p)
	l.dead, l.used, u.verified = true, m.now, true
	switch {
	case before:
	case u.password != "" && p.drop:
		u.password = ""
		m.endSessions(u)
		m.voidLinks(u)
	case u.password == "" && (p.drop || !proven):
		m.endSessions(u)
		for _, l := range m.links {
			if l.user == u && (l.kind == "verify_email" || l.kind == "change_email") {
				l.dead, l.unsent = true, false
			}
		}
	}
	if u.password == "" || p.drop {
		m.link("reset_password", u, time.Hour, "")
	}
	return nil
}

// move follows a link that confirms a change of address. It needs a proof of the account.
func (m *model) move(l *modelLink, p modelProof, repeats bool) error {
	u := l.user
	switch {
	case p.drop:
		return domain.ErrInvalidParameter
	case p.password != "" && p.password != u.password:
		return domain.ErrWrongPassword
	case p.password == "" && (p.session == nil || p.session.user != u):
		return domain.ErrConfirmationRequired
	case p.password == "" && !u.verified:
		return domain.ErrSessionEnded
	case repeats:
		return nil
	case m.find(l.moves) != nil || m.reserved(l.moves, u):
		return domain.ErrInvalidToken
	}
	m.leave(u, l.moves)
	l.dead, l.used, u.verified, u.address = true, m.now, true, l.moves
	if u.password == "" {
		m.link("reset_password", u, time.Hour, "")
	}
	return nil
}

// proven reports whether the person who confirms has the password that stands, the
// browser that chose it, or a session.
func (m *model) proven(u *modelUser, p modelProof) bool {
	return p.password != "" || !u.browser.IsEmpty() && u.browser.Equal(p.browser) || p.session != nil && p.session.user == u
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
