package domain_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/seed543b3b27/auth-service/domain"
)

// modelToken is a refresh token as RFC 9700 speaks of it: a link in a chain. The
// model knows no generations; a token is live while it has no child and is not void.
type modelToken struct {
	claims domain.RefreshClaims // as answered to the client
	parent *modelToken
	child  *modelToken   // the newest successor, if any
	at     time.Time     // when it was issued
	by     domain.Client // the client that it was issued to
	seen   bool          // a mark of its first use is stored
	void   bool          // its parent got another child
	// reissues is how many children its parent had before it.
	reissues int
}

// rotation is a session in a store, its clients, and the model beside them.
type rotation struct {
	lives domain.SessionLives
	now   time.Time
	user  *domain.User

	// stored is what the store holds; a save succeeds only on the version
	// that was loaded.
	stored domain.SessionSnapshot
	// flights are the requests under way.
	flights []*flight
	// marks are the first uses that are still to be stored.
	marks []*modelToken

	// The model.
	tokens []*modelToken // in the order of issue; the first is the login's
	over   bool          // logged out, revoked by reuse, or ended with all others
	idle   time.Time     // when the session expires unless refreshed
	end    time.Time     // when it ends in any case
}

// flight is a refresh that was decided on the session it loaded, and has yet to
// save it.
type flight struct {
	token   *modelToken
	session *domain.Session
	outcome domain.RefreshOutcome
	at      time.Time
	by      domain.Client
}

// clients are two networks with two user agents each.
var clients = []domain.Client{
	{IP: "192.0.2.1", UserAgent: "Browser/1.0"},
	{IP: "192.0.2.1", UserAgent: "App/1.0"},
	{IP: "198.51.100.1", UserAgent: "Browser/1.0"},
	{IP: "198.51.100.1", UserAgent: "App/1.0"},
}

func newRotation(t *rapid.T) *rotation {
	l := domain.SessionLives{
		Idle:     rapid.SampledFrom([]time.Duration{15 * time.Minute, 7 * day}).Draw(t, "idle"),
		Absolute: rapid.SampledFrom([]time.Duration{time.Hour, 30 * day}).Draw(t, "absolute"),
		Grace:    rapid.SampledFrom([]time.Duration{0, time.Second, 10 * time.Second}).Draw(t, "grace"),
		Unseen:   rapid.SampledFrom([]time.Duration{0, 5 * time.Second, 10 * time.Minute}).Draw(t, "unseen"),
	}
	user := domain.NewUser(aliceID, domain.Email{}, domain.PasswordHash{}, domain.RoleUser, start)
	s := domain.StartSession(sessionID, user, domain.Proofs{domain.ProofByPassword(start)}, clients[0], l, start)
	return &rotation{
		lives: l, now: start, user: user, stored: s.Snapshot(),
		tokens: []*modelToken{{claims: rules.Refresh(s), at: start, by: clients[0]}},
		idle:   start.Add(l.Idle), end: start.Add(l.Absolute),
	}
}

func (r *rotation) load(t *rapid.T) *domain.Session {
	s, err := domain.RestoreSession(r.stored)
	if err != nil {
		t.Fatalf("the stored session does not load: %v", err)
	}
	return s
}

// save is a conditional write, as every store does it.
func (r *rotation) save(s *domain.Session) bool {
	snapshot := s.Snapshot()
	if snapshot.Version != r.stored.Version {
		return false
	}
	snapshot.Version++
	r.stored = snapshot
	return true
}

// begin presents any token that was ever issued.
func (r *rotation) begin(t *rapid.T) {
	r.decide(t, rapid.SampledFrom(r.tokens).Draw(t, "token"))
}

// beginNewest presents the newest token, so that chains grow.
func (r *rotation) beginNewest(t *rapid.T) { r.decide(t, r.tokens[len(r.tokens)-1]) }

// decide loads the session and applies the rule. An outcome that has to be saved
// stays under way, so that others can come between.
func (r *rotation) decide(t *rapid.T, token *modelToken) {
	by := rapid.SampledFrom(clients).Draw(t, "client")
	s := r.load(t)
	outcome, err := s.Refresh(token.claims.Generation, by, r.user.SessionEpoch(), r.lives, r.now)
	if !r.active() {
		if !errors.Is(err, domain.ErrSessionEnded) {
			t.Fatalf("a session that is over answered %v, %v", outcome, err)
		}
		return
	}
	if want := r.expected(token, by); err != nil || outcome != want {
		t.Fatalf("got %v, %v instead of %v", outcome, err, want)
	}
	switch outcome {
	case domain.RefreshReplayed, domain.RefreshReplayedElsewhere:
		if got := rules.Refresh(s); !reflect.DeepEqual(got, token.child.claims) {
			t.Fatalf("a replay got %+v instead of %+v", got, token.child.claims)
		}
	default:
		r.flights = append(r.flights, &flight{token, s, outcome, r.now, by})
	}
}

// expected is the model's outcome of presenting a token.
func (r *rotation) expected(token *modelToken, by domain.Client) domain.RefreshOutcome {
	if token.child == nil && !token.void {
		return domain.RefreshRotated
	}
	newest := token.child
	if newest == nil || newest.child != nil {
		return domain.RefreshReused
	}
	age := r.now.Sub(newest.at)
	switch {
	case r.lives.Grace > 0 && age <= r.lives.Grace && by == newest.by:
		return domain.RefreshReplayed
	case r.lives.Grace > 0 && age <= r.lives.Grace && (by.IP == newest.by.IP || by.UserAgent == newest.by.UserAgent):
		return domain.RefreshReplayedElsewhere
	case r.lives.Grace > 0 && age <= r.lives.Grace:
		return domain.RefreshReused
	case r.lives.Unseen > 0 && age <= r.lives.Unseen && !newest.seen && newest.reissues < 4:
		return domain.RefreshReissued
	}
	return domain.RefreshReused
}

// land saves what one request decided; if another request was first, the request
// decides again, as the service does. Only a save moves the model along.
func (r *rotation) land(t *rapid.T) {
	if len(r.flights) == 0 {
		t.Skip("no request is under way")
	}
	i := rapid.IntRange(0, len(r.flights)-1).Draw(t, "request")
	f := r.flights[i]
	r.flights = slices.Delete(r.flights, i, i+1)
	if !r.save(f.session) {
		r.decide(t, f.token)
		return
	}
	if f.outcome == domain.RefreshReused {
		r.over = true
		return
	}
	if lost := f.token.child; lost != nil {
		if f.outcome != domain.RefreshReissued || lost.seen || lost.child != nil {
			t.Fatalf("a second child was saved beside one that is in use")
		}
		lost.void = true
	}
	child := &modelToken{claims: rules.Refresh(f.session), parent: f.token, at: f.at, by: f.by}
	if f.token.child != nil {
		child.reissues = f.token.child.reissues + 1
	}
	f.token.child = child
	r.tokens = append(r.tokens, f.token.child)
	r.idle = f.at.Add(r.lives.Idle)
}

// use presents the access token that was issued beside a refresh token.
func (r *rotation) use(t *rapid.T) {
	token := rapid.SampledFrom(r.tokens).Draw(t, "token")
	if !r.active() {
		return
	}
	s := r.load(t)
	void := token.void && token.parent.child.child == nil
	if got := s.IsVoid(token.claims.Generation); got != void {
		t.Fatalf("the session says void=%v, the model %v", got, void)
	}
	if void {
		s.Revoke(domain.RevokedByReuse, r.now)
		r.save(s)
		r.over = true
		return
	}
	first := token.child == nil && token.parent != nil && !token.void && !token.seen
	if got := s.Uses(token.claims.Generation); got != first {
		t.Fatalf("the session says first use=%v, the model %v", got, first)
	}
	if first {
		r.marks = append(r.marks, token)
	}
}

// mark stores a first use, as the background does, if the generation is still the
// newest.
func (r *rotation) mark(t *rapid.T) {
	if len(r.marks) == 0 {
		t.Skip("no mark waits")
	}
	token := r.marks[0]
	r.marks = r.marks[1:]
	if r.stored.Generation == token.claims.Generation && !r.stored.Seen {
		r.stored.Seen = true
		r.stored.Version++
	}
	token.seen = token.seen || token.child == nil && !token.void
}

// active is the model's word on whether the session can be used.
func (r *rotation) active() bool {
	return !r.over && r.now.Before(r.idle) && r.now.Before(r.end)
}

// check holds after every step.
func (r *rotation) check(t *rapid.T) {
	live := 0
	for _, token := range r.tokens {
		outcome, err := r.load(t).Refresh(token.claims.Generation, clients[0], r.user.SessionEpoch(), r.lives, r.now)
		if err == nil && outcome == domain.RefreshRotated {
			live++
			if token.child != nil || token.void {
				t.Fatalf("a token that has a child, or is void, is live")
			}
		}
	}
	active := r.active()
	if active && live != 1 || !active && live != 0 {
		t.Fatalf("%d live tokens in a session that is active=%v", live, active)
	}
	if got := r.load(t).State(r.user.SessionEpoch(), r.now) == domain.SessionActive; got != active {
		t.Fatalf("the session says active=%v, the model %v", got, active)
	}
}

// S-31, S-33, V-01, F-H1, F-A2: under any order of requests from any client, replays,
// lost responses, first uses, pauses, logouts and concurrent saves there is never more
// than one live child of a token, a replay gets the identical successor, a generation
// that was seen is never replaced, and reuse ends the session for good.
func TestRefresh_AgreesWithTheModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := newRotation(t)
		t.Repeat(map[string]func(*rapid.T){
			"begin":          r.begin,
			"begin newest":   r.beginNewest,
			"begin the last": r.beginNewest,
			"land":           r.land,
			"land another":   r.land,
			"use":            r.use,
			"mark":           r.mark,
			"wait a moment": func(t *rapid.T) {
				r.now = r.now.Add(time.Duration(rapid.Int64Range(0, int64(12*time.Second)).Draw(t, "pause")))
			},
			"wait long": func(t *rapid.T) {
				r.now = r.now.Add(time.Duration(rapid.Int64Range(0, int64(12*time.Minute)).Draw(t, "pause")))
			},
			"log out": func(t *rapid.T) {
				if rapid.IntRange(0, 9).Draw(t, "really") > 0 {
					t.Skip("stays")
				}
				s := r.load(t)
				s.Revoke(domain.RevokedByLogout, r.now)
				r.save(s)
				r.over = true
			},
			"end all sessions": func(t *rapid.T) {
				if rapid.IntRange(0, 9).Draw(t, "really") > 0 {
					t.Skip("stays")
				}
				r.user.EndSessions(r.now)
				r.over = true
			},
			"change the password": func(t *rapid.T) {
				if rapid.IntRange(0, 9).Draw(t, "really") > 0 {
					t.Skip("stays")
				}
				r.user.SetPassword(domain.PasswordHash{}, r.now)
				r.over = true
			},
			"": r.check,
		})
	})
}
