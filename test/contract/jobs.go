package contract

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func jobTests() []storeTest {
	return []storeTest{
		{"Jobs_OfAUnitComeInOrder", jobsInUnit},
		{"Jobs_OfARolledBackUnitAreNeverSeen", jobsRolledBack},
		{"Jobs_OfARerunUnitAreSeenOnce", jobsRerun},
	}
}

// jobs returns a job of each kind, and one with every field.
func jobs() []ports.MailJob {
	accepted, expires := start.Add(time.Microsecond), start.Add(time.Hour)
	return []ports.MailJob{
		{Mail: domain.MailVerifyEmail, TokenID: newID(), AcceptedAt: accepted, ExpiresAt: expires},
		{Mail: domain.MailResetPassword, TokenID: newID(), AcceptedAt: accepted, ExpiresAt: expires},
		{Mail: domain.MailResetPassword, Email: "o'brien+%_tag@sub.example.org", AcceptedAt: accepted, ExpiresAt: expires},
		{Mail: domain.MailVerifyEmail, Email: "ada@example.com", AcceptedAt: accepted, ExpiresAt: expires},
		{Mail: domain.MailSessionReused, UserID: newID(), AcceptedAt: accepted, ExpiresAt: expires},
		{Mail: domain.MailLoginLocked, Email: "ada@example.com", AcceptedAt: accepted, ExpiresAt: expires},
		{Mail: domain.MailEmailChanging, UserID: newID(), TokenID: newID(), AcceptedAt: accepted, ExpiresAt: expires},
		{Mail: domain.MailUndoEmail, TokenID: newID(), UserID: newID(), AcceptedAt: accepted, ExpiresAt: expires},
		{Mail: domain.MailEmailHeld, UserID: newID(), TokenID: newID(), AcceptedAt: accepted, ExpiresAt: expires},
		{Mail: domain.MailAccountDeleted, Email: "ada@example.com", AcceptedAt: accepted, ExpiresAt: expires},
		{
			Mail: domain.MailEmailTaken, TokenID: newID(), Email: "ada@example.com",
			UserID: newID(), Client: domain.Client{IP: "2001:db8::1", UserAgent: `Mozilla/5.0 "ü" <b>`}, Bulk: true, AcceptedAt: accepted, ExpiresAt: expires,
		},
	}
}

func enqueueAll(ctx context.Context, queue ports.Jobs, jobs []ports.MailJob) error {
	for _, job := range jobs {
		if err := queue.Enqueue(ctx, job); err != nil {
			return err
		}
	}
	return nil
}

func jobsInUnit(t *testing.T, s store) {
	first, second, last := jobs(), jobs(), jobs()
	require.NoError(t, enqueueAll(t.Context(), s.Repositories.Jobs, first))
	require.NoError(t, s.Work.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		return enqueueAll(ctx, r.Jobs, second)
	}))
	require.NoError(t, s.Work.DoSerializable(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		return enqueueAll(ctx, r.Jobs, last)
	}))
	assert.Equal(t, append(append(first, second...), last...), s.Enqueued(t))
}

func jobsRolledBack(t *testing.T, s store) {
	const units = 10
	refused := errors.New("refused")
	var ids [units]domain.UserID
	for i := range ids {
		ids[i] = newID()
	}
	errs := race(units, func(i int) error {
		return s.Work.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
			if err := r.Jobs.Enqueue(ctx, newJob(ids[i])); err != nil {
				return err
			}
			if i%2 != 0 {
				return refused
			}
			return nil
		})
	})
	requireOutcomes(t, errs, units/2, refused)
	var want []ports.MailJob
	for i := 0; i < units; i += 2 {
		want = append(want, newJob(ids[i]))
	}
	assert.ElementsMatch(t, want, s.Enqueued(t))
}

func jobsRerun(t *testing.T, s store) {
	want := jobs()
	runs := 0
	require.NoError(t, s.Work.Do(t.Context(), func(ctx context.Context, r ports.Repositories) error {
		if err := enqueueAll(ctx, r.Jobs, want); err != nil {
			return err
		}
		if runs++; runs < 3 {
			return domain.ErrConflict
		}
		return nil
	}))
	assert.Equal(t, want, s.Enqueued(t))
}
