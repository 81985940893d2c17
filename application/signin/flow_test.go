package signin

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

const rightPassword = "correct horse battery"

// twoStep is a flow on memory with one user, who has set up a second factor.
type twoStep struct {
	t      *testing.T
	p      Ports
	clock  *memory.Clock
	flow   *Flow
	factor colourFactor
	user   *domain.User
}

func newTwoStep(t *testing.T) *twoStep {
	t.Helper()
	clock := memory.NewClock(time.Date(2026, time.March, 4, 5, 6, 7, 0, time.UTC))
	store := memory.NewStore(memory.NewQueue(clock))
	s := &twoStep{t: t, clock: clock, p: Ports{
		Store:  ports.Store{Repositories: store.Repositories(), UnitOfWork: store},
		Hasher: memory.PasswordHasher{}, Signer: memory.NewTokenSigner(),
		Limiter: memory.NewRateLimiter(clock, nil), Clock: clock, IDs: memory.NewIDs(),
	}}
	s.user = s.add("ada@example.com")
	s.factor = colourFactor{map[domain.UserID]string{s.user.ID(): "green"}}
	s.flow = NewFlow(s.p, Settings{
		Lives:              domain.SessionLimits{Idle: time.Hour, Absolute: time.Hour},
		Tokens:             domain.TokenRules{Issuer: "issuer", Audience: "audience", AccessLife: time.Minute},
		MaxSessionsPerUser: 10,
	}, s.factor)
	return s
}

func (s *twoStep) add(address string) *domain.User {
	s.t.Helper()
	email, err := domain.ParseEmail(address)
	require.NoError(s.t, err)
	hash, err := s.p.Hasher.Hash(s.t.Context(), domain.NewSecret(rightPassword))
	require.NoError(s.t, err)
	user := domain.NewUser(s.p.IDs.NewUserID(), email, hash, domain.RoleUser, s.clock.Now())
	require.NoError(s.t, s.p.Store.Users.Add(s.t.Context(), user))
	return user
}

// first walks the first step and returns the challenge.
func (s *twoStep) first() domain.Secret {
	s.t.Helper()
	_, err := NewLogin(s.flow).Execute(s.t.Context(), ports.LoginCommand{Email: "ada@example.com", Password: domain.NewSecret(rightPassword)})
	var next unfinished
	require.ErrorAs(s.t, err, &next)
	assert.Equal(s.t, []domain.Method{"colour"}, next.methods)
	assert.Equal(s.t, s.clock.Now().Add(domain.ChallengeLife), next.expiresAt)
	assert.NotContains(s.t, err.Error(), next.challenge.Reveal())
	return next.challenge
}

func (s *twoStep) second(challenge domain.Secret, colour string) error {
	_, err := s.factor.proveColour(s.t.Context(), s.flow, challenge, colour)
	return err
}

// sessions returns how many sessions the user has.
func (s *twoStep) sessions() int {
	s.t.Helper()
	all, err := s.p.Store.Sessions.ByUser(s.t.Context(), s.user.ID())
	require.NoError(s.t, err)
	return len(all)
}

func TestFlow_NoSessionOpensBeforeTheLastProof(t *testing.T) {
	t.Parallel()
	s := newTwoStep(t)
	challenge := s.first()
	assert.Zero(t, s.sessions())
	require.ErrorIs(t, s.second(challenge, "red"), domain.ErrInvalidCredentials)
	assert.Zero(t, s.sessions())
	require.NoError(t, s.second(challenge, "green"), "a challenge is usable again within its time")
	assert.Equal(t, 1, s.sessions())
}

func TestFlow_AChallengeEndsWithItsTimeItsEpochAndItsUser(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(s *twoStep){
		"expired": func(s *twoStep) { s.clock.Advance(domain.ChallengeLife) },
		"older epoch": func(s *twoStep) {
			s.user.EndSessions(s.clock.Now())
			require.NoError(s.t, s.p.Store.Users.Save(s.t.Context(), s.user))
		},
		"user gone": func(s *twoStep) { require.NoError(s.t, s.p.Store.Users.Delete(s.t.Context(), s.user)) },
	} {
		s := newTwoStep(t)
		challenge := s.first()
		spoil(s)
		require.ErrorIs(t, s.second(challenge, "green"), domain.ErrInvalidCredentials, name)
		assert.Zero(t, s.sessions(), name)
	}
}

func TestFlow_OnlyGenuineChallengesResume(t *testing.T) {
	t.Parallel()
	s := newTwoStep(t)
	other := memory.NewTokenSigner()
	forged := other.SignChallenge(domain.NewChallenge(s.user, domain.Proofs{domain.ProofByPassword(s.clock.Now())}, s.clock.Now()))
	device := s.p.Signer.SignDevice(domain.RememberDevice(s.p.IDs.NewDeviceID(), s.user, s.clock.Now()))
	for name, text := range map[string]domain.Secret{"wrong key": forged, "a device token": device, "empty": {}} {
		require.ErrorIs(t, s.second(text, "green"), domain.ErrInvalidCredentials, name)
	}
	assert.Zero(t, s.sessions())
}

func TestFlow_TheSameProofTwiceIsOneFactor(t *testing.T) {
	t.Parallel()
	s := newTwoStep(t)
	a, err := s.flow.resume(t.Context(), s.first(), domain.Secret{}, ports.Origin{})
	require.NoError(t, err)
	began := s.clock.Now()
	s.clock.Advance(time.Minute)
	a, err = s.flow.provePassword(t.Context(), a, domain.NewSecret(rightPassword))
	require.NoError(t, err)
	_, err = s.flow.proceed(t.Context(), a)
	var next unfinished
	require.ErrorAs(t, err, &next, "the policy still asks for another factor")
	assert.Equal(t, began.Add(domain.ChallengeLife), next.expiresAt, "the time does not begin anew")
	assert.Zero(t, s.sessions())
}

// enrolledLate is a factor that is set up while a sign-in is under way.
type enrolledLate struct {
	colourFactor
	asked int
}

func (f *enrolledLate) IsEnrolled(context.Context, ports.Repositories, *domain.User) (bool, error) {
	f.asked++
	return f.asked > 1, nil
}

func TestFlow_AFactorThatIsSetUpMeanwhileIsNotGoneAround(t *testing.T) {
	t.Parallel()
	s := newTwoStep(t)
	flow := NewFlow(s.p, s.flow.settings, &enrolledLate{})
	_, err := NewLogin(flow).Execute(t.Context(), ports.LoginCommand{Email: "ada@example.com", Password: domain.NewSecret(rightPassword)})
	require.ErrorIs(t, err, domain.ErrInvalidCredentials)
	assert.Zero(t, s.sessions())
}

func TestFlow_AnOutdatedHashIsUpgradedAtTheFirstStep(t *testing.T) {
	t.Parallel()
	s := newTwoStep(t)
	old := memory.PasswordHasher{}.HashOutdated(domain.NewSecret(rightPassword))
	s.user.UpgradeHash(old, s.clock.Now())
	require.NoError(t, s.p.Store.Users.Save(t.Context(), s.user))
	challenge := s.first()
	stored, err := s.p.Store.Users.ByID(t.Context(), s.user.ID())
	require.NoError(t, err)
	assert.NotEqual(t, old, stored.PasswordHash())
	require.NoError(t, s.second(challenge, "green"), "the upgrade ends no sign-in")
}
