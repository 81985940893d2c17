package usecases_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// The values from which random actions draw.
var (
	someAddresses = []string{app.Ada, app.Bob, "carol@example.com", app.Moved}
	somePasswords = []string{app.Password, app.Another, "a third password"}
	someTimes     = []time.Duration{time.Second, 11 * time.Second, 31 * time.Minute, time.Hour, 25 * time.Hour, 4 * 24 * time.Hour, 8 * 24 * time.Hour}
)

// walk holds the service beside the model.
type walk struct {
	b *app.Bundle
	m model
	// browsers are the secrets of all registrations.
	browsers []domain.Secret
}

// F-M5, F-M6. TestProperty_AnySequenceOfRequestsAgreesWithTheModel lets a few users do random actions
// in random order. Each answer, each mail and each live session must agree with the model.
// F-H2: confirmations come with every mixture of proofs.
func TestProperty_AnySequenceOfRequestsAgreesWithTheModel(t *testing.T) {
	t.Parallel()
	for name, grace := range map[string]time.Duration{"with grace": 10 * time.Second, "without": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) {
				b := app.New(t, func(s *assembly.Settings) { s.MaxSessionsPerUser, s.SessionLives.Grace = 3, grace })
				w := &walk{b: b, m: model{now: app.Start}}
				rt.Repeat(map[string]func(*rapid.T){
					"register": w.register, "confirm": w.confirm, "requestVerification": w.requestVerification,
					"requestReset": w.requestReset, "reset": w.reset, "login": w.login, "refresh": w.refresh,
					"logout": w.logout, "logoutEverywhere": w.logoutEverywhere, "revoke": w.revoke,
					"changePassword": w.changePassword, "changeEmail": w.changeEmail, "undo": w.undo, "assign": w.assign, "status": w.status,
					"delete": w.delete, "wait": w.wait, "": w.check,
				})
			})
		})
	}
}

// agree compares an outcome and its mails with the model, and collects the links of the
// mails.
func (w *walk) agree(t *rapid.T, before int, want, got error) {
	if want == nil {
		require.NoError(t, got)
	} else {
		require.ErrorIs(t, got, want)
	}
	require.Equal(t, append([]string{}, w.m.mails...), w.b.Mails()[before:])
	for i, mail := range w.b.Mailer.All()[before:] {
		if link := w.m.sent[i]; link != nil {
			link.secret = mail.TokenSecret
			require.True(t, mail.ExpiresAt.Equal(link.expires))
		}
	}
	w.m.mails, w.m.sent = nil, nil
}

func (w *walk) mailCount() int { return len(w.b.Mailer.All()) }

func (w *walk) address(t *rapid.T) string { return rapid.SampledFrom(someAddresses).Draw(t, "address") }

func (w *walk) password(t *rapid.T, label string) string {
	return rapid.SampledFrom(somePasswords).Draw(t, label)
}

// user draws an account that exists, or skips.
func (w *walk) user(t *rapid.T) *modelUser {
	u := w.m.find(w.address(t))
	if u == nil {
		t.Skip("no such account")
	}
	return u
}

// link draws any link that was ever mailed, or skips.
func (w *walk) link(t *rapid.T) *modelLink {
	mailed := slices.DeleteFunc(slices.Clone(w.m.links), func(l *modelLink) bool { return l.secret.IsEmpty() })
	if len(mailed) == 0 {
		t.Skip("no link")
	}
	return mailed[rapid.IntRange(0, len(mailed)-1).Draw(t, "link")]
}

// session draws any session, live or ended, and one of its generations, mostly a new one.
// It skips if there is no session.
func (w *walk) session(t *rapid.T) (*modelSession, int) {
	if len(w.m.sessions) == 0 {
		t.Skip("no session")
	}
	back := rapid.IntRange(0, len(w.m.sessions)-1).Draw(t, "session, from the newest")
	s := w.m.sessions[len(w.m.sessions)-1-back]
	newest := len(s.answers) - 1
	return s, newest - rapid.IntRange(0, min(newest, 3)).Draw(t, "generations back")
}

// principal draws a live session and its principal, or skips.
func (w *walk) principal(t *rapid.T) (*modelSession, domain.Principal) {
	s, _ := w.session(t)
	p, err := w.b.Authenticate(s.answers[len(s.answers)-1].AccessToken)
	if err != nil {
		t.Skip("not signed in") // check compares this with the model
	}
	return s, p
}

// check compares the stored users and their sessions with the model. It also compares the
// outcome of every session's newest access token.
func (w *walk) check(t *rapid.T) {
	ctx := w.b.Context()
	for _, u := range w.m.users {
		result, err := w.b.UseCases.ListUserSessions.Execute(ctx, ports.ListUserSessionsCommand{Principal: domain.Operator(), UserID: u.id.String()})
		if u.deleted {
			require.ErrorIs(t, err, domain.ErrUserNotFound)
			continue
		}
		require.NoError(t, err)
		got := []string{}
		for _, s := range result.Sessions {
			got = append(got, s.ID().String())
		}
		slices.Sort(got)
		require.Equal(t, w.m.liveIDs(u), got)

		stored, err := w.b.UseCases.GetUser.Execute(ctx, ports.GetUserCommand{Principal: domain.Operator(), UserID: u.id.String()})
		require.NoError(t, err)
		require.Equal(t, u.address, stored.User.Email().String())
		require.Equal(t, u.verified, stored.User.EmailVerified())
		require.Equal(t, u.disabled, stored.User.Status() == domain.StatusDisabled)
		require.Equal(t, u.password == "", stored.User.PasswordHash().IsZero())
	}
	for _, s := range w.m.sessions {
		_, err := w.b.Authenticate(s.answers[len(s.answers)-1].AccessToken)
		end := s.rotated.Truncate(time.Second).Add(w.b.Settings.TokenRules.AccessLife)
		if expiry := s.expires.Truncate(time.Second); expiry.Before(end) {
			end = expiry
		}
		switch {
		case !w.m.now.Before(end):
			require.ErrorIs(t, err, domain.ErrTokenExpired)
		case !w.m.live(s):
			require.ErrorIs(t, err, domain.ErrSessionEnded)
		default:
			require.NoError(t, err)
		}
	}
}
