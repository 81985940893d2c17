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

// modelToken is a refresh token in the terms of RFC 9700: a link in a chain. The model
// knows no generations. A token is live while it has no child.
type modelToken struct {
	claims  domain.RefreshClaims // as answered to the client
	child   *modelToken
	childAt time.Time // when the child was made
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
}

func newRotation(t *rapid.T) *rotation {
	l := domain.SessionLives{
		Idle:     rapid.SampledFrom([]time.Duration{15 * time.Minute, 7 * day}).Draw(t, "idle"),
		Absolute: rapid.SampledFrom([]time.Duration{time.Hour, 30 * day}).Draw(t, "absolute"),
		Grace:    rapid.SampledFrom([]time.Duration{0, time.Second, 10 * time.Second}).Draw(t, "grace"),
	}
	user := domain.NewUser(aliceID, domain.Email{}, domain.PasswordHash{}, domain.RoleUser, start)
	s := domain.StartSession(sessionID, user, domain.Proofs{domain.ProofByPassword(start)}, domain.Client{}, l, start)
	return &rotation{
		lives: l, now: start, user: user, stored: s.Snapshot(),
		tokens: []*modelToken{{claims: rules.Refresh(s)}},
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

// begin presents any issued token.
func (r *rotation) begin(t *rapid.T) {
	r.decide(t, rapid.SampledFrom(r.tokens).Draw(t, "token"))
}

// beginNewest presents the newest token, so that chains grow.
func (r *rotation) beginNewest(t *rapid.T) { r.decide(t, r.tokens[len(r.tokens)-1]) }

// decide loads the session and applies the rule. An outcome that has to be saved waits, so
// that other requests can come in between.
func (r *rotation) decide(t *rapid.T, token *modelToken) {
	s := r.load(t)
	outcome, err := s.Refresh(token.claims.Generation, r.user.SessionEpoch(), r.lives, r.now)
	r.compare(t, token, s, outcome, err)
	if err == nil && outcome != domain.RefreshReplayed {
		r.flights = append(r.flights, &flight{token, s, outcome, r.now})
	}
}

// compare compares a decision with the decision of the model.
func (r *rotation) compare(t *rapid.T, token *modelToken, s *domain.Session, outcome domain.RefreshOutcome, err error) {
	if !r.active() {
		if !errors.Is(err, domain.ErrSessionEnded) {
			t.Fatalf("a session that is over answered %v, %v", outcome, err)
		}
		return
	}
	want := domain.RefreshReused
	switch {
	case token.child == nil:
		want = domain.RefreshRotated
	case token.child.child == nil && r.lives.Grace > 0 && r.now.Sub(token.childAt) <= r.lives.Grace:
		want = domain.RefreshReplayed
		if got := rules.Refresh(s); !reflect.DeepEqual(got, token.child.claims) {
			t.Fatalf("a replay got %+v instead of %+v", got, token.child.claims)
		}
	}
	if err != nil || outcome != want {
		t.Fatalf("got %v, %v instead of %v", outcome, err, want)
	}
}

// land saves the decision of one request. If another request saved first, the request
// decides again, as the service does. Only a save changes the model.
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
	if f.token.child != nil {
		t.Fatalf("a second child was saved")
	}
	f.token.child, f.token.childAt = &modelToken{claims: rules.Refresh(f.session)}, f.at
	r.tokens = append(r.tokens, f.token.child)
	r.idle = f.at.Add(r.lives.Idle)
}

// active reports whether the session can be used according to the model.
func (r *rotation) active() bool {
	return !r.over && r.now.Before(r.idle) && r.now.Before(r.end)
}

// check checks the rules that hold after every step.
func (r *rotation) check(t *rapid.T) {
	live := 0
	for _, token := range r.tokens {
		outcome, err := r.load(t).Refresh(token.claims.Generation, r.user.SessionEpoch(), r.lives, r.now)
		if err == nil && outcome == domain.RefreshRotated {
			live++
			if token.child != nil {
				t.Fatalf("a token that has a child can get another one")
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

// S-31, S-33, V-01: requests, replays, pauses, logouts and concurrent saves come in any
// order. A token never has more than one live child, a replay gets the identical successor,
// and reuse ends the session permanently.
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
			"change the password here": func(t *rapid.T) {
				s := r.load(t)
				if s.State(r.user.SessionEpoch(), r.now) != domain.SessionActive {
					t.Skip("no session to change it in")
				}
				r.user.SetPassword(domain.PasswordHash{}, r.now)
				s.Follow(r.user)
				r.save(s)
			},
			"": r.check,
		})
	})
}
