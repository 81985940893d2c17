package contract

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func cancelTests() []storeTest {
	return []storeTest{
		{"Cancelled_EveryReadFails", cancelledReads},
		{"Cancelled_EveryWriteFailsAndWritesNothing", cancelledWrites},
		{"Cancelled_EveryWriteOfFactorsFailsAndWritesNothing", cancelledFactorWrites},
		{"Cancelled_AUnitFailsAndWritesNothing", cancelledUnit},
		{"Cancelled_WithinAUnitNothingIsCommitted", cancelledWithinUnit},
	}
}

func cancelledReads(t *testing.T, s store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	u, r := s.addUser(t, "ada@example.com"), s.Repositories
	session, token := s.addSession(t, u, start), s.addToken(t, domain.MailResetPassword, u)
	for name, call := range map[string]func() error{
		"Users.ByID":    func() error { _, err := r.Users.ByID(ctx, u.ID()); return err },
		"Users.ByIDs":   func() error { _, err := r.Users.ByIDs(ctx, []domain.UserID{u.ID()}); return err },
		"Users.ByEmail": func() error { _, err := r.Users.ByEmail(ctx, u.Email()); return err },
		"Users.List": func() error {
			_, err := r.Users.List(ctx, ports.UserQuery{Limit: 1, Order: ports.NewestFirst})
			return err
		},
		"Users.HasOtherAdmin": func() error { _, err := r.Users.HasOtherAdmin(ctx, u.ID()); return err },
		"Sessions.WithUser":   func() error { _, _, err := r.Sessions.WithUser(ctx, session.ID()); return err },
		"Sessions.LiveByUser": func() error { _, err := r.Sessions.LiveByUser(ctx, u.ID(), 1, start); return err },
		"Tokens.ByID":         func() error { _, err := r.Tokens.ByID(ctx, domain.UseSetPassword, token.ID()); return err },
		"Tokens.BySecretHash": func() error {
			_, err := r.Tokens.BySecretHash(ctx, domain.UseSetPassword, token.Snapshot().SecretHash)
			return err
		},
		"Sessions.ByUser": func() error { _, err := r.Sessions.ByUser(ctx, u.ID()); return err },
		"Tokens.ByUser":   func() error { _, err := r.Tokens.ByUser(ctx, domain.UseSetPassword, u.ID()); return err },
		"Audit.List":      func() error { _, err := r.Audit.List(ctx, ports.AuditQuery{Limit: 1}); return err },
		"Transfer.Matching": func() error {
			_, err := r.Transfer.Matching(ctx, ports.TransferKeys{IDs: []domain.UserID{u.ID()}})
			return err
		},
		"Transfer.LastEvents": func() error {
			_, err := r.Transfer.LastEvents(ctx, domain.EventUserDeleted, []domain.UserID{u.ID()})
			return err
		},
		"Users.WithMetadata":           func() error { _, _, err := r.Users.WithMetadata(ctx, u.ID()); return err },
		"Sessions.WithUserAndMetadata": func() error { _, _, _, err := r.Sessions.WithUserAndMetadata(ctx, session.ID()); return err },
		"Metadata.ByUser":              func() error { _, err := r.Metadata.ByUser(ctx, u.ID()); return err },
		"Factors.ByUser":               func() error { _, err := r.Factors.ByUser(ctx, u.ID()); return err },
		"Factors.NotSealedBy":          func() error { _, err := r.Factors.NotSealedBy(ctx, "k2", domain.FactorID{}, 1); return err },
		"Factors.KeyIDs":               func() error { _, err := r.Factors.KeyIDs(ctx); return err },
		"Recovery.Left":                func() error { _, err := r.Recovery.Left(ctx, u.ID()); return err },
		"Transfer.Page":                func() error { _, err := r.Transfer.Page(ctx, domain.UserID{}, 1); return err },
	} {
		assert.Error(t, call(), name)
	}
}

func cancelledWrites(t *testing.T, s store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	u := s.addUser(t, "ada@example.com")
	session, token := s.addSession(t, u, start), s.addToken(t, domain.MailResetPassword, u)
	event := s.addEvent(t, u.ID())
	changed := s.user(t, u.ID())
	changed.Disable(start)
	used := s.token(t, domain.UseSetPassword, token.ID())
	require.NoError(t, used.Redeem(u, start))
	revoked := s.session(t, session.ID())
	revoked.Revoke(domain.RevokedByLogout, start)
	added, another, addedToken := newUser(t, "new@example.com"), newSession(t, u, start), newToken(t, domain.MailInvitation, u)
	far, r := start.AddDate(10, 0, 0), s.Repositories
	for name, call := range map[string]func() error{
		"Users.Add":     func() error { return r.Users.Add(ctx, added) },
		"Users.Save":    func() error { return r.Users.Save(ctx, changed) },
		"Users.Delete":  func() error { return r.Users.Delete(ctx, changed) },
		"Sessions.Add":  func() error { return addedSession(ctx, r, another) },
		"Sessions.Save": func() error { return r.Sessions.Save(ctx, revoked) },
		"Sessions.DeleteExpired": func() error {
			_, _, err := r.Sessions.DeleteExpired(ctx, domain.SessionID{}, far, 10)
			return err
		},
		"Sessions.DeleteEnded": func() error { _, err := r.Sessions.DeleteEnded(ctx, far, 10); return err },
		"Tokens.Add":           func() error { return r.Tokens.Add(ctx, addedToken) },
		"Tokens.Save":          func() error { return r.Tokens.Save(ctx, used) },
		"Tokens.DeleteByUser":  func() error { return r.Tokens.DeleteByUser(ctx, domain.UseSetPassword, u.ID()) },
		"Tokens.DeleteEnded":   func() error { _, err := r.Tokens.DeleteEnded(ctx, far, 10); return err },
		"Audit.Append":         func() error { return r.Audit.Append(ctx, newEvent(u.ID())) },
		"Audit.Erase":          func() error { return r.Audit.Erase(ctx, u.ID()) },
		"Audit.DeleteBefore":   func() error { _, err := r.Audit.DeleteBefore(ctx, far, 10); return err },
		"Transfer.AddAll":      func() error { return r.Transfer.AddAll(ctx, []ports.TransferUser{{User: added}}) },
		"Transfer.RecordAll":   func() error { return r.Transfer.RecordAll(ctx, []domain.Event{newEvent(u.ID())}) },
		"Metadata.Save":        func() error { return r.Metadata.Save(ctx, changedMetadata(t, u, `{"a":1}`, "")) },
		"Jobs.Enqueue":         func() error { return r.Jobs.Enqueue(ctx, newJob(u.ID())) },
	} {
		assert.Error(t, call(), name)
	}

	assert.Equal(t, u.Snapshot(), s.user(t, u.ID()).Snapshot())
	assert.Equal(t, session.Snapshot(), s.session(t, session.ID()).Snapshot())
	assert.Equal(t, token.Snapshot(), s.token(t, domain.UseSetPassword, token.ID()).Snapshot())
	assert.Equal(t, []string{"ada@example.com"}, s.list(t, ports.UserQuery{Limit: 10, Order: ports.EmailUp}))
	_, _, err := r.Sessions.WithUser(t.Context(), another.ID())
	require.ErrorIs(t, err, domain.ErrSessionNotFound)
	_, err = r.Tokens.ByID(t.Context(), domain.UseSetPassword, addedToken.ID())
	require.ErrorIs(t, err, domain.ErrTokenNotFound)
	assert.Equal(t, []domain.Event{event}, s.events(t, ports.AuditQuery{Limit: 10}))
	assert.Empty(t, s.Enqueued(t))
}

func cancelledFactorWrites(t *testing.T, s store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	u, r := s.addUser(t, "ada@example.com"), s.Repositories
	factor, code := s.addFactor(t, u), keyed("k1")
	s.replaceCodes(t, u, code)
	for name, call := range map[string]func() error{
		"Factors.Add":           func() error { return r.Factors.Add(ctx, newFactor(t, u)) },
		"Factors.Save":          func() error { return r.Factors.Save(ctx, factor) },
		"Factors.Delete":        func() error { return r.Factors.Delete(ctx, factor) },
		"Factors.DeletePending": func() error { _, err := r.Factors.DeletePending(ctx, start.AddDate(10, 0, 0), 10); return err },
		"Recovery.Replace":      func() error { return r.Recovery.Replace(ctx, u.ID(), someCodes(2), start) },
		"Recovery.Use": func() error {
			_, err := r.Recovery.Use(ctx, u.ID(), []ports.KeyedHash{code}, start)
			return err
		},
	} {
		assert.Error(t, call(), name)
	}
	assert.Equal(t, []domain.FactorSnapshot{factor.Snapshot()}, s.factors(t, u))
	assert.Equal(t, 1, s.codesLeft(t, u))
}

func cancelledUnit(t *testing.T, s store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	u := newUser(t, "ada@example.com")
	for _, do := range []work{s.Work.Do, s.Work.DoSerializable} {
		require.Error(t, do(ctx, func(ctx context.Context, r ports.Repositories) error {
			return writeAll(t, ctx, r, u)
		}))
		s.requireAbsent(t, u)
	}
}

// cancelledWithinUnit cancels the context between the last write and the commit, as
// when a client leaves or a deadline passes.
func cancelledWithinUnit(t *testing.T, s store) {
	u := newUser(t, "ada@example.com")
	for _, do := range []work{s.Work.Do, s.Work.DoSerializable} {
		ctx, cancel := context.WithCancel(t.Context())
		require.Error(t, do(ctx, func(ctx context.Context, r ports.Repositories) error {
			defer cancel()
			return writeAll(t, ctx, r, u)
		}))
		s.requireAbsent(t, u)
	}
	require.NoError(t, s.Work.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		return writeAll(t, ctx, r, u)
	}), "the store still works")
	s.requirePresent(t, u)
}
