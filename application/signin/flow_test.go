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
		Store:  store.Port(),
		Hasher: memory.PasswordHasher{}, Signer: memory.NewTokenSigner(),
		Limiter: memory.NewRateLimiter(clock, nil), Clock: clock, IDs: memory.NewIDs(),
	}}
	s.user = s.add("ada@example.com")
	s.factor = colourFactor{map[domain.UserID]string{s.user.ID(): "green"}}
	s.flow = NewFlow(s.p, Settings{
		Lives:              domain.SessionLives{Idle: time.Hour, Absolute: time.Hour},
		Tokens:             domain.TokenRules{Issuer: "issuer", Audience: "audience", AccessLife: time.Minute},
		MaxSessionsPerUser: 10,
	}, s.factor)
	return s
}

func (s *twoStep) add(address string) *domain.User {
	s.t.Helper()
	email, err := domain.ParseEmail(address)
	require.NoError(s.t, err)
	hash, err := memory.PasswordHasher{}.Hash(s.t.Context(), domain.NewSecret(rightPassword))
	require.NoError(s.t, err)
	user := domain.NewUser(s.p.IDs.NewUserID(), email, hash, domain.RoleUser, s.clock.Now())
	require.NoError(s.t, s.p.Store.Users.Add(s.t.Context(), user))
	return user
}

func (s *twoStep) login() (ports.LoginResult, error) {
	return NewLogin(s.flow).Execute(s.t.Context(), ports.LoginCommand{Email: "ada@example.com", Password: domain.NewSecret(rightPassword), Origin: from})
}

// stored returns the user as it is stored.
func (s *twoStep) stored() *domain.User {
	s.t.Helper()
	user, err := s.p.Store.Users.ByID(s.t.Context(), s.user.ID())
	require.NoError(s.t, err)
	return user
}

// save stores a change of the user.
func (s *twoStep) save(edit func(user *domain.User)) {
	s.t.Helper()
	user := s.stored()
	edit(user)
	require.NoError(s.t, s.p.Store.Users.Save(s.t.Context(), user))
}

// from is where all requests come from.
var from = ports.Origin{Client: domain.Client{IP: "192.0.2.1"}}

// first walks the first step and returns the challenge.
func (s *twoStep) first() domain.Secret {
	s.t.Helper()
	result, err := s.login()
	require.ErrorIs(s.t, err, domain.ErrSecondFactorRequired)
	require.NotNil(s.t, result.Next)
	assert.Equal(s.t, ports.LoginResult{Next: &ports.NextStep{
		Challenge: result.Next.Challenge, ExpiresAt: s.clock.Now().Add(domain.ChallengeLife), ExpiresIn: domain.ChallengeLife, Methods: []domain.Method{"colour"},
	}}, result, "no token")
	return result.Next.Challenge
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
	require.ErrorIs(t, s.second(challenge, "red"), domain.ErrInvalidCode)
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
	device := s.p.Signer.SignDevice(domain.RememberDevice(s.p.IDs.NewDeviceID(), s.user, s.clock.Now()), s.user.Email())
	for name, text := range map[string]domain.Secret{"wrong key": forged, "a device token": device, "empty": {}} {
		require.ErrorIs(t, s.second(text, "green"), domain.ErrInvalidCredentials, name)
	}
	assert.Zero(t, s.sessions())
}

func TestFlow_TheSameProofTwiceIsOneFactor(t *testing.T) {
	t.Parallel()
	s := newTwoStep(t)
	a, err := s.flow.resume(t.Context(), s.first(), domain.Secret{}, from)
	require.NoError(t, err)
	began := s.clock.Now()
	s.clock.Advance(time.Minute)
	a, err = s.flow.provePassword(t.Context(), a, memory.PasswordHasher{}, domain.NewSecret(rightPassword))
	require.NoError(t, err)
	result, err := s.flow.proceed(t.Context(), a)
	require.NoError(t, err)
	require.NotNil(t, result.Next, "the policy still asks for another factor")
	assert.Equal(t, began.Add(domain.ChallengeLife), result.Next.ExpiresAt, "the time does not begin anew")
	assert.Zero(t, s.sessions())
}

// enrolledLate is a factor that is set up while a sign-in is under way.
type enrolledLate struct {
	colourFactor
	asked int
}

func (f *enrolledLate) Enrolled(context.Context, ports.Repositories, *domain.User) ([]domain.Method, error) {
	if f.asked++; f.asked == 1 {
		return nil, nil
	}
	return []domain.Method{colour}, nil
}

func TestFlow_DemandsAFactorThatIsSetUpMeanwhile(t *testing.T) {
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

// S-12: wrong evidence of every method uses up the one allowance of the account.
func TestFlow_StepsShareTheLimitsOfTheAccount(t *testing.T) {
	t.Parallel()
	s := newTwoStep(t)
	s.p.Limiter = memory.NewRateLimiter(s.clock, map[ports.Limit]domain.Quota{ports.LimitLoginAccount: {Events: 4, Per: time.Hour}})
	s.flow = NewFlow(s.p, s.flow.settings, s.factor)
	challenge := s.first()
	for range 3 {
		require.ErrorIs(t, s.second(challenge, "red"), domain.ErrInvalidCode)
	}
	require.ErrorIs(t, s.second(challenge, "green"), domain.ErrRateLimited)
	_, err := s.login()
	require.ErrorIs(t, err, domain.ErrRateLimited)
	assert.Zero(t, s.sessions())
}

func TestFlow_ALaterStepKnowsTheDevice(t *testing.T) {
	t.Parallel()
	s := newTwoStep(t)
	device := s.p.IDs.NewDeviceID()
	token := s.p.Signer.SignDevice(domain.RememberDevice(device, s.user, s.clock.Now()), s.user.Email())
	a, err := s.flow.resume(t.Context(), s.first(), token, from)
	require.NoError(t, err)
	assert.Equal(t, device, a.device)
	a, err = s.flow.resume(t.Context(), s.first(), domain.Secret{}, from)
	require.NoError(t, err)
	assert.NotEqual(t, device, a.device)
}

// What changes between the check of the last proof and the session ends the sign-in.
func TestFlow_ALastStepThatIsOvertakenOpensNothing(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(s *twoStep, user *domain.User){
		"another address": func(s *twoStep, user *domain.User) {
			email, err := domain.ParseEmail("ada@example.org")
			require.NoError(s.t, err)
			user.ChangeEmail(email, s.clock.Now())
		},
		"another epoch": func(s *twoStep, user *domain.User) { user.EndSessions(s.clock.Now()) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTwoStep(t)
			a, err := s.flow.resume(t.Context(), s.first(), domain.Secret{}, from)
			require.NoError(t, err)
			a.proofs = a.proofs.With(domain.Proof{Method: "colour", At: s.clock.Now(), Source: "colour"})
			s.save(func(user *domain.User) { change(s, user) })
			_, err = s.flow.proceed(t.Context(), a)
			require.ErrorIs(t, err, domain.ErrInvalidCredentials)
			assert.Zero(t, s.sessions())
		})
	}
}

// outdate stores an outdated hash, and returns the attempt of a user with its proof.
func (s *twoStep) outdate() attempt {
	s.t.Helper()
	s.save(func(user *domain.User) {
		user.UpgradeHash(memory.PasswordHasher{}.HashOutdated(domain.NewSecret(rightPassword)), s.clock.Now())
	})
	a, err := s.flow.provePassword(s.t.Context(), attempt{origin: from, user: s.stored()}, memory.PasswordHasher{}, domain.NewSecret(rightPassword))
	require.NoError(s.t, err)
	return a
}

func TestFlow_AnUpgradeNeverReplacesANewerHash(t *testing.T) {
	t.Parallel()
	s := newTwoStep(t)
	a := s.outdate()
	s.save(func(user *domain.User) { user.UpgradeHash(domain.NewPasswordHash("by another sign-in"), s.clock.Now()) })
	before := s.stored().Snapshot()
	result, err := s.flow.proceed(t.Context(), a)
	require.NoError(t, err)
	require.NotNil(t, result.Next)
	assert.Equal(t, before, s.stored().Snapshot(), "nothing is saved, not even a version")
}

func TestFlow_AnUpgradeNeverOutlivesTheEpoch(t *testing.T) {
	t.Parallel()
	s := newTwoStep(t)
	a := s.outdate()
	s.save(func(user *domain.User) { user.EndSessions(s.clock.Now()) })
	before := s.stored().Snapshot()
	_, err := s.flow.proceed(t.Context(), a)
	require.ErrorIs(t, err, domain.ErrInvalidCredentials)
	assert.Equal(t, before, s.stored().Snapshot())
}

// renew returns a change that sets a new password.
func (s *twoStep) renew() func(ctx context.Context, r ports.Repositories) (*domain.User, error) {
	return func(ctx context.Context, r ports.Repositories) (*domain.User, error) {
		user, err := r.Users.ByID(ctx, s.user.ID())
		if err != nil {
			return nil, err
		}
		user.SetPassword(domain.NewPasswordHash("new"), s.clock.Now())
		return user, r.Users.Save(ctx, user)
	}
}

// F-M1: the second factor of the former session does not count for the fresh one, so
// a thief with a copy of its tokens and the password gets no session of two factors.
func TestFlow_AFreshSessionNeedsTheSecondFactorAgain(t *testing.T) {
	t.Parallel()
	s := newTwoStep(t)
	require.NoError(t, s.second(s.first(), "green"))
	proofs := domain.Proofs{domain.ProofByPassword(s.clock.Now())}
	result, err := s.flow.OpenAfter(t.Context(), proofs, from, s.renew())
	require.NoError(t, err)
	require.NotNil(t, result.Next)
	assert.Equal(t, []domain.Method{"colour"}, result.Next.Methods)
	assert.True(t, result.AccessToken.IsEmpty())
	assert.Equal(t, domain.NewPasswordHash("new"), s.stored().PasswordHash(), "the change is made")
	assert.Equal(t, 1, s.sessions(), "none was added to the one that ended")
	require.NoError(t, s.second(result.Next.Challenge, "green"))
	assert.Equal(t, 2, s.sessions())
}

func TestFlow_AChangeThatFailsOpensNothing(t *testing.T) {
	t.Parallel()
	s := newTwoStep(t)
	proofs := domain.Proofs{domain.ProofByPassword(s.clock.Now())}
	before := s.stored().Snapshot()
	_, err := s.flow.OpenAfter(t.Context(), proofs, from, func(ctx context.Context, r ports.Repositories) (*domain.User, error) {
		_, err := s.renew()(ctx, r)
		require.NoError(t, err)
		return nil, domain.ErrSessionEnded
	})
	require.ErrorIs(t, err, domain.ErrSessionEnded)
	assert.Equal(t, before, s.stored().Snapshot())

	s.flow.settings.Policy.VerificationRequired = true
	_, err = s.flow.OpenAfter(t.Context(), proofs, from, s.renew())
	require.ErrorIs(t, err, domain.ErrSessionEnded, "a user who may not go on changes nothing")
	assert.Equal(t, before, s.stored().Snapshot())
	assert.Zero(t, s.sessions())
}
