package growth

import (
	"crypto/sha256"
	"fmt"
	"iter"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// Client data as long as browsers send it.
const (
	address = "2001:db8:85a3::8a2e:370:7334"
	browser = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
	hash    = "$v1$2b$12$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234567890$c2FsdHNhbHRzYWx0c2E"
)

// table is a table with its rows.
type table struct {
	name    string
	columns []string
	rows    iter.Seq[[]any]
}

func (p population) tables() []table {
	return []table{
		{"users", []string{"id", "email", "password_hash", "role", "status", "email_verified", "registration_pending", "session_epoch", "version", "created_at", "updated_at"}, p.userRows()},
		{"user_sessions", []string{"id", "user_id", "epoch", "generation", "predecessor", "predecessor_of", "seen_generation", "rotated_at", "created_at", "last_seen_at", "expires_at",
			"absolute_expires_at", "revoked_at", "revoke_reason", "client_ip", "user_agent", "version"}, p.sessionRows()},
		{"audit_events", []string{"id", "occurred_at", "type", "outcome", "actor_id", "by_operator", "subject_id", "session_id", "client_ip", "user_agent", "request_id"}, p.eventRows()},
		{"email_verification_tokens", tokenColumns, p.tokenRows(30, "verify_email", day)},
		{"password_reset_tokens", tokenColumns, p.tokenRows(30, "reset_password", time.Hour)},
		{"email_undo_tokens", append([]string{"new_email", "former_role", "former_verified"}, tokenColumns...), p.undoRows()},
		{"user_factors", []string{"id", "user_id", "name", "key_id", "secret", "algorithm", "digits", "period_seconds", "last_step", "created_at", "confirmed_at", "version"}, p.factorRows()},
		{"recovery_codes", []string{"user_id", "key_id", "hash", "created_at", "used_at"}, p.codeRows()},
		{"login_failures", []string{"key", "failures", "expires_at"}, p.keyRows(20, func(key []byte, over time.Time) []any { return []any{key, int32(3), over} })},
		{"rate_limits", []string{"key", "value", "expires_at"}, p.keyRows(10, func(key []byte, over time.Time) []any { return []any{key, over.UnixNano(), over} })},
	}
}

func (p population) userRows() iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for n := range p.users {
			u := p.person(n)
			if !yield([]any{[16]byte(u.id), u.email, hash, u.role, u.status, u.verified, u.pending, u.epoch, int64(1), u.createdAt, u.updatedAt}) {
				return
			}
		}
	}
}

// sampleSessions and sampleEvents are how many rows the sample has.
const sampleSessions, sampleEvents = 4, 60

// sessionRows are the sessions of a month in the order of the logins: most go on, one of twenty
// expired and one of fifty was revoked within a day. Those of users who changed their password
// have an old epoch if they are older.
func (p population) sessionRows() iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		count := p.users * p.sessions
		for n := range count {
			created := now.Add(-absolute).Add(time.Duration(float64(absolute) * float64(n) / float64(count))).Truncate(time.Microsecond)
			if !yield(sessionRow(p.owner(n, count, sampleSessions, "sessions"), n, created)) {
				return
			}
		}
	}
}

func sessionRow(u person, n int, created time.Time) []any {
	id := idAt(created, uint64(n)) //nolint:gosec // not negative
	earliest := created
	if earliest.Before(now.Add(-idle)) {
		earliest = now.Add(-idle)
	}
	seen := earliest.Add(time.Duration(draw(n, "seen", int64(now.Sub(earliest)))))
	var revoked any
	reason, epoch := "", u.epoch
	recently := time.Duration(draw(n, "ended", int64(ended)))
	switch draw(n, "fate", 100) {
	case 0, 1, 2, 3, 4:
		if last := now.Add(-idle - recently); last.After(created) {
			seen = last
		}
	case 5, 6:
		revoked, reason = now.Add(-recently), "logout"
	}
	if u.epoch > 1 && seen.Before(u.updatedAt) {
		epoch = 1
	}
	generation := int64(seen.Sub(created)/(time.Hour)) + 1
	return []any{
		id, [16]byte(u.id), epoch, generation, generation - 1, generation, generation, seen, created, seen, seen.Add(idle),
		created.Add(absolute), revoked, reason, address, browser, generation,
	}
}

// eventRows are the events of a year, the oldest first.
func (p population) eventRows() iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		count := p.users * p.events
		for n := range count {
			at := now.Add(-year).Add(time.Duration(float64(year) * float64(n) / float64(count))).Truncate(time.Microsecond)
			u := p.owner(n, count, sampleEvents, "events")
			kind, outcome := "logged_in", "success"
			actor := any([16]byte(u.id))
			switch draw(n, "type", 20) {
			case 0:
				kind = "password_changed"
			case 1, 2:
				kind, outcome, actor = "login_refused", "refused", nil
			case 3, 4, 5:
				kind = "logged_out"
			}
			if !yield([]any{idAt(at, uint64(n)), at, kind, outcome, actor, false, [16]byte(u.id), idAt(at, 7), address, browser, fmt.Sprintf("%032x", mix(uint64(n)))}) {
				return
			}
		}
	}
}

var tokenColumns = []string{"id", "user_id", "purpose", "email", "secret_hash", "created_at", "expires_at", "used_at", "version"}

// token returns the values of tokenColumns: half of the tokens were used, all are of this day.
func token(u person, n int, purpose string, life time.Duration) []any {
	created := now.Add(-time.Duration(draw(n, purpose, int64(2*day)))).Truncate(time.Microsecond)
	var used any
	if n%2 == 0 {
		used = created.Add(time.Minute)
	}
	key := sha256.Sum256(fmt.Append(nil, purpose, n))
	return []any{idAt(created, uint64(n)), [16]byte(u.id), purpose, u.email, key[:], created, created.Add(life), used, int64(1)} //nolint:gosec // not negative
}

// tokensOf returns how many tokens of a table there are: a batch at least.
func (p population) tokensOf(share int) int { return max(p.users/share, 2*batch) }

func (p population) tokenRows(share int, purpose string, life time.Duration) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for n := range p.tokensOf(share) {
			if !yield(token(p.owner(n, 1<<40, 1, purpose), n, purpose, life)) {
				return
			}
		}
	}
}

func (p population) undoRows() iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for n := range p.tokensOf(500) {
			u := p.owner(n, 1<<40, 1, "undo")
			if !yield(append([]any{"former." + u.email, "user", true}, token(u, n, "undo_email", 3*day)...)) {
				return
			}
		}
	}
}

// keyOf returns the key that sealed what the n-th owner has: few are of the key before.
func keyOf(n int) string {
	if n%50 == 1 {
		return "before"
	}
	return "now"
}

// factorRows are factors of which one in ten was never confirmed.
func (p population) factorRows() iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for n := range p.tokensOf(5) {
			created := now.Add(-time.Duration(draw(n, "factor", int64(year)))).Truncate(time.Microsecond)
			confirmed := any(created.Add(time.Minute))
			if n%10 == 2 {
				confirmed = nil
			}
			secret := sha256.Sum256(fmt.Append(nil, "factor", n))
			if !yield([]any{
				idAt(created, uint64(n)), [16]byte(p.person(n % p.users).id), "Phone", keyOf(n), secret[:], "SHA1", int32(6), int32(30), int64(59_000_000),
				created, confirmed, int64(2),
			}) {
				return
			}
		}
	}
}

// codeRows are the ten recovery codes of each owner of a factor, of which one was used.
func (p population) codeRows() iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for n := range p.tokensOf(5) {
			for code := range domain.RecoveryCodes {
				hash := sha256.Sum256(fmt.Append(nil, "recovery", n, code))
				var used any
				if code == 0 {
					used = now
				}
				if !yield([]any{[16]byte(p.person(n % p.users).id), keyOf(n), hash[:], now, used}) {
					return
				}
			}
		}
	}
}

// keyRows are counts by key, of which half are over.
func (p population) keyRows(share int, row func(key []byte, over time.Time) []any) iter.Seq[[]any] {
	return func(yield func([]any) bool) {
		for n := range p.tokensOf(share) {
			key := sha256.Sum256(fmt.Append(nil, share, n))
			if !yield(row(key[:], now.Add(time.Duration(draw(n, "over", int64(2*day)))-day))) {
				return
			}
		}
	}
}
