package contract

import (
	"crypto/rand"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// start is the time at which every test begins. Its microseconds test the precision.
var start = time.Date(2026, time.March, 4, 5, 6, 7, 891_011_000, time.UTC)

// lives are the service's defaults.
var lives = domain.SessionLives{Idle: 7 * 24 * time.Hour, Absolute: 30 * 24 * time.Hour, Grace: 10 * time.Second, Unseen: time.Hour}

// store is the store under test with shortcuts for its fixtures.
type store struct{ Stores }

// newID returns a random UUID of version 7's form.
func newID() (id [16]byte) {
	_, _ = rand.Read(id[:]) // never returns an error
	id[6] = id[6]&0x0f | 0x70
	id[8] = id[8]&0x3f | 0x80
	return id
}

// newHash returns the hash of a random secret.
func newHash() (hash [32]byte) {
	_, _ = rand.Read(hash[:]) // never returns an error
	return hash
}

// email parses an address that is known to be good.
func email(t testing.TB, text string) domain.Email {
	t.Helper()
	e, err := domain.ParseEmail(text)
	require.NoError(t, err)
	return e
}

// newUser returns an active user of the role "user", changed by edits.
func newUser(t testing.TB, address string, edits ...func(*domain.UserSnapshot)) *domain.User {
	t.Helper()
	s := domain.NewUser(newID(), email(t, address), domain.NewPasswordHash("hash of "+address), domain.RoleUser, start).Snapshot()
	for _, edit := range edits {
		edit(&s)
	}
	u, err := domain.RestoreUser(s)
	require.NoError(t, err)
	return u
}

// admin makes the user an administrator with a confirmed address.
func admin(s *domain.UserSnapshot) { s.Role, s.EmailVerified = domain.RoleAdmin.String(), true }

// unverified takes the confirmation of the address back.
func unverified(s *domain.UserSnapshot) { s.EmailVerified = false }

// invitedAsAdmin offers the role admin by an invitation.
func invitedAsAdmin(s *domain.UserSnapshot) { s.InvitedRole = domain.RoleAdmin.String() }

// withoutPassword leaves the account without a password.
func withoutPassword(s *domain.UserSnapshot) { s.PasswordHash = "" }

// disabled closes the account.
func disabled(s *domain.UserSnapshot) { s.Status = domain.StatusDisabled.String() }

// verified confirms the address.
func verified(s *domain.UserSnapshot) { s.EmailVerified = true }

// claimed makes the account one that a browser registered. contested is never true
// beside it in the service, but stores keep both.
func claimed(s *domain.UserSnapshot) { s.ClaimHash[0], s.ClaimHash[31], s.Contested = 0xff, 1, true }

// marked makes the account one whose password must change, and that staff disabled for a
// reason.
func marked(s *domain.UserSnapshot) {
	s.PasswordChangeRequired, s.DisabledReason = true, "Spam;\nsee case 4711 – 🦊 '\"%_"
}

// factored gives the account a confirmed second factor.
func factored(s *domain.UserSnapshot) { s.SecondFactor = true }

// support gives the role support, to a confirmed address.
func support(s *domain.UserSnapshot) { s.Role, s.EmailVerified = domain.RoleSupport.String(), true }

// pending makes the account a registration that nobody has confirmed.
func pending(s *domain.UserSnapshot) { s.RegistrationPending = true }

// createdAt sets when the account was made.
func createdAt(at time.Time) func(*domain.UserSnapshot) {
	return func(s *domain.UserSnapshot) { s.CreatedAt, s.UpdatedAt = at, at }
}

// addUser stores a new user.
func (s store) addUser(t testing.TB, address string, edits ...func(*domain.UserSnapshot)) *domain.User {
	t.Helper()
	u := newUser(t, address, edits...)
	require.NoError(t, s.Repositories.Users.Add(t.Context(), u))
	return u
}

// user loads a user.
func (s store) user(t testing.TB, id domain.UserID) *domain.User {
	t.Helper()
	u, err := s.Repositories.Users.ByID(t.Context(), id)
	require.NoError(t, err)
	return u
}

// newSession signs u in at now, changed by edits.
func newSession(t testing.TB, u *domain.User, now time.Time, edits ...func(*domain.SessionSnapshot)) *domain.Session {
	t.Helper()
	client := domain.Client{IP: "192.0.2.7", UserAgent: "Browser/1.0"}
	s := domain.StartSession(newID(), u, domain.Proofs{domain.ProofByPassword(now)}, client, lives, now).Snapshot()
	for _, edit := range edits {
		edit(&s)
	}
	session, err := domain.RestoreSession(s)
	require.NoError(t, err)
	return session
}

// addSession stores a new session.
func (s store) addSession(t testing.TB, u *domain.User, now time.Time, edits ...func(*domain.SessionSnapshot)) *domain.Session {
	t.Helper()
	session := newSession(t, u, now, edits...)
	s.keepSession(t, session)
	return session
}

// keepSession stores a session.
func (s store) keepSession(t testing.TB, session *domain.Session) {
	t.Helper()
	added, err := s.Repositories.Sessions.Add(t.Context(), session, 1000)
	require.NoError(t, err)
	require.True(t, added)
}

// session loads a session.
func (s store) session(t testing.TB, id domain.SessionID) *domain.Session {
	t.Helper()
	session, _, err := s.Repositories.Sessions.WithUser(t.Context(), id)
	require.NoError(t, err)
	return session
}

// newToken issues an armed token for u, changed by edits.
func newToken(t testing.TB, purpose domain.MailKind, u *domain.User, edits ...func(*domain.TokenSnapshot)) *domain.Token {
	t.Helper()
	s := domain.IssueToken(newID(), purpose, u, start).Snapshot()
	s.SecretHash = newHash()
	switch purpose {
	case domain.MailChangeEmail:
		s.NewEmail = "new-" + s.Email
	case domain.MailUndoEmail:
		s.NewEmail, s.FormerRole = "new-"+s.Email, "user"
	default:
	}
	for _, edit := range edits {
		edit(&s)
	}
	token, err := domain.RestoreToken(s)
	require.NoError(t, err)
	return token
}

// addToken stores a new token.
func (s store) addToken(t testing.TB, purpose domain.MailKind, u *domain.User, edits ...func(*domain.TokenSnapshot)) *domain.Token {
	t.Helper()
	token := newToken(t, purpose, u, edits...)
	require.NoError(t, s.Repositories.Tokens.Add(t.Context(), token))
	return token
}

// token loads a token.
func (s store) token(t testing.TB, use domain.TokenUse, id domain.TokenID) *domain.Token {
	t.Helper()
	token, err := s.Repositories.Tokens.ByID(t.Context(), use, id)
	require.NoError(t, err)
	return token
}

// newJob returns a notice for a user.
func newJob(id domain.UserID) ports.MailJob {
	return ports.MailJob{
		Mail: domain.MailPasswordChanged, UserID: id,
		AcceptedAt: start, ExpiresAt: start.Add(ports.NoticeLife),
	}
}

// requireEveryField demands that no field is zero, so that a new field cannot be left
// out of a round trip.
func requireEveryField(t testing.TB, snapshot any) {
	t.Helper()
	v := reflect.ValueOf(snapshot)
	for i := range v.NumField() {
		require.False(t, v.Field(i).IsZero(), "%s.%s is not tested", v.Type(), v.Type().Field(i).Name)
	}
}

// race runs n calls of fn at once and returns their errors.
func race(n int, fn func(i int) error) []error {
	errs := make([]error, n)
	gate := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-gate
			errs[i] = fn(i)
		})
	}
	close(gate)
	wg.Wait()
	return errs
}

// requireOutcomes demands that exactly wins errors of a race are nil, and that every
// other one is loss.
func requireOutcomes(t testing.TB, errs []error, wins int, loss error) {
	t.Helper()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		require.ErrorIs(t, err, loss)
	}
	require.Equal(t, wins, won, "winners of the race")
}
