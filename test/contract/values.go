package contract

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func valueTests() []storeTest {
	return []storeTest{
		{"Values_ChangingAnAggregateAfterItsWriteChangesNothing", valuesAliasAfterWrite},
		{"Values_ChangingALoadedAggregateChangesNothing", valuesAliasAfterRead},
		{"Values_TimesComeBackInUTCToTheMicrosecond", valuesTimes},
	}
}

func valuesAliasAfterWrite(t *testing.T, s store) {
	ctx, later := t.Context(), start.Add(time.Minute)
	u := newUser(t, "ada@example.com")
	require.NoError(t, s.Repositories.Users.Add(ctx, u))
	session, token := newSession(t, u, start), newToken(t, domain.MailResetPassword, u)
	s.keepSession(t, session)
	require.NoError(t, s.Repositories.Tokens.Add(ctx, token))
	wantUser, wantSession, wantToken := u.Snapshot(), session.Snapshot(), token.Snapshot()
	check := func() {
		assert.Equal(t, wantUser, s.user(t, u.ID()).Snapshot())
		assert.Equal(t, wantSession, s.session(t, session.ID()).Snapshot())
		assert.Equal(t, wantToken, s.token(t, domain.UseSetPassword, token.ID()).Snapshot())
	}

	u.VerifyEmail(later)
	session.Revoke(domain.RevokedByLogout, later)
	require.NoError(t, token.Redeem(u, later))
	check()

	u, session, token = s.user(t, u.ID()), s.session(t, session.ID()), s.token(t, domain.UseSetPassword, token.ID())
	require.NoError(t, s.Repositories.Users.Save(ctx, u))
	require.NoError(t, s.Repositories.Sessions.Save(ctx, session))
	require.NoError(t, s.Repositories.Tokens.Save(ctx, token))
	wantUser.Version, wantSession.Version, wantToken.Version = 2, 2, 2
	u.ChangeRole(domain.RoleAdmin, later)
	session.Revoke(domain.RevokedByReuse, later)
	token.Arm(domain.NewSecret("another"))
	check()
}

func valuesAliasAfterRead(t *testing.T, s store) {
	ctx, later := t.Context(), start.Add(time.Minute)
	u := s.addUser(t, "ada@example.com")
	session, token := s.addSession(t, u, start), s.addToken(t, domain.MailVerifyEmail, u)
	reads := map[string]func() (*domain.User, *domain.Session, *domain.Token, error){
		"ByID": func() (*domain.User, *domain.Session, *domain.Token, error) {
			return s.user(t, u.ID()), s.session(t, session.ID()), s.token(t, domain.UseConfirmEmail, token.ID()), nil
		},
		"WithUser and BySecretHash": func() (*domain.User, *domain.Session, *domain.Token, error) {
			session, u, err := s.Repositories.Sessions.WithUser(ctx, session.ID())
			require.NoError(t, err)
			token, err := s.Repositories.Tokens.BySecretHash(ctx, domain.UseConfirmEmail, token.Snapshot().SecretHash)
			return u, session, token, err
		},
		"lists": func() (*domain.User, *domain.Session, *domain.Token, error) {
			users, err := s.Repositories.Users.List(ctx, ports.UserQuery{Limit: 1, Order: ports.EmailUp})
			require.NoError(t, err)
			live, err := s.Repositories.Sessions.LiveByUser(ctx, u.ID(), u.SessionEpoch(), start)
			require.NoError(t, err)
			return users.Rows[0], live[0], s.token(t, domain.UseConfirmEmail, token.ID()), nil
		},
	}
	for name, read := range reads {
		gotUser, gotSession, gotToken, err := read()
		require.NoError(t, err)
		require.NoError(t, gotToken.Redeem(gotUser, later))
		gotUser.Disable(later)
		gotSession.Revoke(domain.RevokedByOwner, later)
		assert.Equal(t, u.Snapshot(), s.user(t, u.ID()).Snapshot(), name)
		assert.Equal(t, session.Snapshot(), s.session(t, session.ID()).Snapshot(), name)
		assert.Equal(t, token.Snapshot(), s.token(t, domain.UseConfirmEmail, token.ID()).Snapshot(), name)
	}
}

// valuesTimes stores times in a zone with half hours, and around a change to
// summer time. Equal also demands the location to be UTC.
func valuesTimes(t *testing.T, s store) {
	zone := time.FixedZone("Half", 5*3600+1800)
	for i, at := range []time.Time{
		time.Date(2026, time.March, 29, 1, 30, 0, 1_000, time.UTC),
		time.Date(2026, time.October, 25, 1, 30, 0, 999_999_000, time.UTC),
		time.Date(2028, time.February, 29, 23, 59, 59, 999_999_000, time.UTC),
		time.Date(2001, time.January, 1, 0, 0, 0, 0, time.UTC),
	} {
		u := s.addUser(t, string(rune('a'+i))+"@example.com", createdAt(at.In(zone)))
		gotUser := s.user(t, u.ID()).Snapshot()
		assert.Equal(t, []time.Time{at, at}, []time.Time{gotUser.CreatedAt, gotUser.UpdatedAt})

		got := s.session(t, s.addSession(t, u, at.In(zone)).ID()).Snapshot()
		assert.Equal(t, []time.Time{at, at, at, at, at.Add(lives.Idle), at.Add(lives.Absolute), {}},
			[]time.Time{got.CreatedAt, got.AuthenticatedAt, got.RotatedAt, got.LastSeenAt, got.ExpiresAt, got.AbsoluteExpiresAt, got.RevokedAt})

		token := s.addToken(t, domain.MailResetPassword, u, func(s *domain.TokenSnapshot) {
			s.CreatedAt, s.ExpiresAt, s.UsedAt = at.In(zone), at.In(zone), at.In(zone)
		})
		gotToken := s.token(t, domain.UseSetPassword, token.ID()).Snapshot()
		assert.Equal(t, []time.Time{at, at, at}, []time.Time{gotToken.CreatedAt, gotToken.ExpiresAt, gotToken.UsedAt})
	}
}
