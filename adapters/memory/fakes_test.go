package memory_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func TestClock_MovesWhenTold(t *testing.T) {
	t.Parallel()
	clock := memory.NewClock(start.In(time.FixedZone("east", 3600)))
	assert.Equal(t, start, clock.Now())
	clock.Advance(time.Hour + time.Nanosecond)
	assert.Equal(t, start.Add(time.Hour), clock.Now())
	clock.Advance(-2 * time.Hour)
	assert.Equal(t, start.Add(-time.Hour), clock.Now())
	clock.Set(start.Add(999))
	assert.Equal(t, start, clock.Now())
}

func TestIDsAndRandom_AreTheSameInEveryInstance(t *testing.T) {
	t.Parallel()
	one, two := memory.NewIDs(), memory.NewIDs()
	assert.Equal(t, one.NewUserID(), two.NewUserID())
	assert.Equal(t, one.NewTokenID(), two.NewTokenID())
	r1, r2 := memory.NewRandom(), memory.NewRandom()
	assert.True(t, r1.Secret().Equal(r2.Secret()))
}

func TestPasswordHasher_AsksToReplaceOutdatedHashes(t *testing.T) {
	t.Parallel()
	hasher := memory.PasswordHasher{}
	hash := hasher.HashOutdated(domain.NewSecret("correcthorse1"))
	match, err := hasher.Verify(t.Context(), hash, domain.NewSecret("correcthorse1"))
	require.NoError(t, err)
	assert.Equal(t, ports.PasswordMatch{Matches: true, Outdated: true}, match)
	match, err = hasher.Verify(t.Context(), hash, domain.NewSecret("correcthorse2"))
	require.NoError(t, err)
	assert.Equal(t, ports.PasswordMatch{}, match)
}

func TestMailer_KeepsMailsAsTheyWereAndInOrder(t *testing.T) {
	t.Parallel()
	mailer := memory.NewMailer()
	ada, bob := newUser(t, memory.NewIDs(), "ada@example.com").Email(), newUser(t, memory.NewIDs(), "bob@example.com").Email()
	mails := []ports.Mail{
		{Kind: domain.MailVerifyEmail, To: ada, TokenSecret: domain.NewSecret("one"), ExpiresAt: start},
		{Kind: domain.MailVerifyEmail, To: ada, TokenSecret: domain.NewSecret("two"), ExpiresAt: start},
		{Kind: domain.MailPasswordChanged, To: bob},
	}
	_, found := mailer.Last("ada@example.com")
	assert.False(t, found)
	mailer.Fail(errors.New("down"))
	_, err := mailer.Send(t.Context(), mails[0])
	require.Error(t, err)
	mailer.Fail(nil)
	for _, mail := range mails {
		_, err := mailer.Send(t.Context(), mail)
		require.NoError(t, err)
	}
	assert.Equal(t, mails, mailer.All())
	last, found := mailer.Last("ada@example.com")
	assert.True(t, found)
	assert.Equal(t, mails[1], last)
	_, found = mailer.Last("eve@example.com")
	assert.False(t, found)
}

func ExampleStore() {
	ctx, ids := context.Background(), memory.NewIDs()
	clock := memory.NewClock(time.Date(2026, time.March, 4, 5, 6, 7, 0, time.UTC))
	store := memory.NewStore(memory.NewQueue(clock))

	email, _ := domain.ParseEmail("Ada@example.com")
	user := domain.NewUser(ids.NewUserID(), email, domain.PasswordHash{}, domain.RoleUser, clock.Now())
	err := store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		if err := r.Users.Add(ctx, user); err != nil {
			return err
		}
		return domain.ErrForbidden // so nothing is kept
	})
	fmt.Println(err)
	_, err = store.Repositories().Users.ByEmail(ctx, email)
	fmt.Println(err)
	// Output:
	// forbidden: Your role does not allow this.
	// user_not_found: There is no such user.
}
