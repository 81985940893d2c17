package kit

import (
	"slices"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// HideRotation replaces the principal's own session among sessions by the one that its
// holder may see, as domain.Session.HeldBy describes it.
func HideRotation(sessions []*domain.Session, p domain.Principal, o ports.Origin, lives domain.SessionLives, now time.Time) {
	_, own, err := p.SignedIn()
	if err != nil {
		return // the operator has no session
	}
	for i, session := range sessions {
		if session.ID() == own.ID() {
			sessions[i] = session.HeldBy(o.Client, lives, now)
		}
	}
}

// WithoutFreshReplays returns events without those that would show the holder of a copied
// token that the principal's own session has just rotated: replays and reissues that are
// not older than the grace interval.
func WithoutFreshReplays(events []domain.Event, p domain.Principal, lives domain.SessionLives, now time.Time) []domain.Event {
	return slices.DeleteFunc(events, FreshReplay(p, lives, now))
}

// FreshReplay returns a function that reports whether WithoutFreshReplays leaves an event out.
func FreshReplay(p domain.Principal, lives domain.SessionLives, now time.Time) func(e domain.Event) bool {
	_, own, err := p.SignedIn()
	return func(e domain.Event) bool {
		replay := e.Type == domain.EventRefreshReplayed || e.Type == domain.EventRefreshReissued
		return err == nil && replay && e.SessionID == own.ID() && now.Sub(e.At) <= lives.Grace
	}
}
