package verify_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/adapters/tokens"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/authtest"
)

func newRecorder() *httptest.ResponseRecorder { return httptest.NewRecorder() }

// signedAgain returns a fresh access token of a user.
func (s *shop) signedAgain(t testing.TB, user authtest.SignedIn) string {
	t.Helper()
	return s.auth.SignIn(t, user.User).AccessToken
}

func TestKeys_AreFetchedOnceForAllRequests(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	user := s.auth.SignedInUser(t, "ada@example.com")
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for range 10 {
				_, err := s.offline.Check(t.Context(), user.AccessToken)
				assert.NoError(t, err)
			}
		})
	}
	all.Wait()
	assert.Equal(t, 1, s.wire.fetches())
}

// A fetch in the background holds up no request.
func TestKeys_AreFetchedAnewInTheBackground(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	user := s.auth.SignedInUser(t, "ada@example.com")
	require.NoError(t, s.offline.Ready(t.Context()))
	release := make(chan struct{})
	s.wire.lead(roundTrip(func(r *http.Request) (*http.Response, error) {
		<-release
		return s.auth.Client().Transport.RoundTrip(r)
	}))
	s.auth.Clock.Advance(5*time.Minute - time.Second)
	_, err := s.offline.Check(t.Context(), user.AccessToken)
	require.NoError(t, err)
	assert.Equal(t, 1, s.wire.fetches(), "they are fresh")

	s.auth.Clock.Advance(time.Second)
	for range 10 {
		_, err = s.offline.Check(t.Context(), user.AccessToken)
		require.NoError(t, err, "the old keys are used meanwhile")
	}
	settle(t, func() bool { return s.wire.fetches() == 2 })
	close(release)
	_, err = s.offline.Check(t.Context(), user.AccessToken)
	require.NoError(t, err)
	assert.Equal(t, 2, s.wire.fetches())
}

// After an idle time, a check waits for the keys that the service has now, so that a key
// which was taken back counts no longer, and uses the stale ones if they do not come.
func TestKeys_StaleOnesAreFetchedAnewBeforeTheyCount(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	user := s.auth.SignedInUser(t, "ada@example.com")
	require.NoError(t, s.offline.Ready(t.Context()))
	s.auth.Clock.Advance(10 * time.Minute)
	other := newShop(t) // another key
	s.wire.lead(other.auth.Client().Transport)
	_, err := s.offline.Check(t.Context(), user.AccessToken)
	require.ErrorIs(t, err, domain.ErrUnauthenticated)

	s = newShop(t)
	user = s.auth.SignedInUser(t, "ada@example.com")
	require.NoError(t, s.offline.Ready(t.Context()))
	s.auth.Clock.Advance(10 * time.Minute)
	end, ended := make(chan struct{}), make(chan struct{})
	s.wire.lead(roundTrip(func(*http.Request) (*http.Response, error) {
		defer close(ended)
		<-end
		return nil, errors.New("no answer")
	}))
	_, err = s.offline.Check(t.Context(), user.AccessToken)
	require.NoError(t, err, "the service is silent")
	close(end)
	<-ended
}

// The keys outlive an outage of a day, and everything is as before when it ends.
func TestKeys_AreKeptThroughAnOutage(t *testing.T) {
	t.Parallel()
	for name, broken := range map[string]http.RoundTripper{
		"no connection":       down,
		"an error":            answers(http.StatusInternalServerError, ""),
		"a page":              answers(http.StatusOK, "<html>maintenance</html>"),
		"a redirect":          answers(http.StatusFound, "", "Location", "http://evil.example/jwks.json"),
		"a giant":             answers(http.StatusOK, `{"keys":[`+strings.Repeat(" ", 1<<20)+`]}`),
		"an ambiguous answer": answers(http.StatusOK, `{"keys":[],"keys":[]}`),
		"another address":     answers(http.StatusNotFound, `{"keys":[]}`),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t)
			user := s.auth.SignedInUser(t, "ada@example.com")
			require.NoError(t, s.offline.Ready(t.Context()))
			s.wire.lead(broken)
			for range 23 {
				s.auth.Clock.Advance(time.Hour)
				fetches := s.wire.fetches()
				token := s.signedAgain(t, user)
				settle(t, func() bool { // once the fetch of an hour ago has ended
					_, err := s.offline.Check(t.Context(), token)
					return assert.NoError(t, err) && s.wire.fetches() > fetches
				})
			}
			s.auth.Clock.Advance(time.Hour)
			settle(t, func() bool {
				_, err := s.offline.Check(t.Context(), s.signedAgain(t, user))
				return assert.ErrorIs(t, err, domain.ErrUnavailable)
			})
			s.wire.lead(s.auth.Client().Transport)
			s.auth.Clock.Advance(10 * time.Second)
			_, err := s.offline.Check(t.Context(), s.signedAgain(t, user))
			require.NoError(t, err)
		})
	}
}

// Before the first keys a failed fetch is repeated soon, but not by each request.
func TestKeys_AFailedFetchIsRepeatedWithPauses(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	user := s.auth.SignedInUser(t, "ada@example.com")
	s.wire.lead(down)
	for range 60 {
		for range 5 {
			_, err := s.offline.Check(t.Context(), user.AccessToken)
			require.ErrorIs(t, err, domain.ErrUnavailable)
			require.ErrorIs(t, err, errDown)
		}
		s.auth.Clock.Advance(time.Second)
	}
	assert.Equal(t, 9, s.wire.fetches(), "after 0, 1, 3, 7, 15, 25, 35, 45 and 55 seconds")
}

// S-26: tokens that name unknown keys make the verifier fetch no more than once in ten
// seconds, however many there are.
func TestKeys_UnknownOnesAreLookedForWithPauses(t *testing.T) {
	t.Parallel()
	key := newEd25519(t)
	s := newShop(t, authtest.WithTokenSigner(newSigner(t, tokens.Keys{AccessKey: privatePEM(t, key)})))
	user := s.auth.SignedInUser(t, "ada@example.com")
	head, claims := take(t, user.AccessToken)
	require.NoError(t, s.offline.Ready(t.Context()))
	flood := func() {
		var all sync.WaitGroup
		for i := range 200 {
			all.Go(func() {
				token := forge(t, key, text(t, head.with("kid", fmt.Sprint("random ", i))), text(t, claims))
				_, err := s.offline.Check(t.Context(), token)
				assert.ErrorIs(t, err, domain.ErrUnauthenticated)
			})
		}
		all.Wait()
	}
	flood()
	assert.Equal(t, 1, s.wire.fetches(), "the keys are just a moment old")
	for minute := range 3 {
		s.auth.Clock.Advance(10 * time.Second)
		flood()
		assert.Equal(t, 2+minute, s.wire.fetches())
	}
	_, err := s.offline.Check(t.Context(), user.AccessToken)
	require.NoError(t, err)
}

// An unknown key is no refusal while the service cannot be asked.
func TestKeys_AnUnknownOneInAnOutageIsNoRefusal(t *testing.T) {
	t.Parallel()
	s, other := newShop(t), newShop(t)
	require.NoError(t, s.offline.Ready(t.Context()))
	s.wire.lead(down)
	s.auth.Clock.Advance(10 * time.Second)
	_, err := s.offline.Check(t.Context(), other.auth.SignedInUser(t, "ada@example.com").AccessToken)
	require.ErrorIs(t, err, domain.ErrUnavailable)
}

// rotation is a service whose replicas change keys one by one, on one store.
type rotation struct {
	*shop

	store  *memory.Store
	secret domain.Secret
}

// replica returns another replica of the service with other keys.
func (r rotation) replica(t testing.TB, keys tokens.Keys) *authtest.Service {
	t.Helper()
	keys.Secret = r.secret
	return authtest.New(t, authtest.WithClock(r.auth.Clock), authtest.WithStore(r.store.Port()), authtest.WithTokenSigner(newSigner(t, keys)))
}

// S-28: keys change while the service runs, and no good token is refused.
func TestKeys_ChangeWhileTheServiceRuns(t *testing.T) {
	t.Parallel()
	first, second := privatePEM(t, newEd25519(t)), privatePEM(t, newECDSA(t))
	clock := memory.NewClock(time.Now())
	r := rotation{store: memory.NewStore(memory.NewQueue(clock)), secret: domain.NewSecret(rand.Text() + rand.Text())}
	r.shop = newShop(t, authtest.WithClock(clock), authtest.WithStore(r.store.Port()),
		authtest.WithTokenSigner(newSigner(t, tokens.Keys{Secret: r.secret, AccessKey: first})))
	user := r.auth.SignedInUser(t, "ada@example.com")
	check := func(token string) error {
		_, err := r.offline.Check(t.Context(), token)
		return err
	}
	require.NoError(t, check(user.AccessToken))

	// All at once, without a step in which both keys are published beforehand.
	changed := r.replica(t, tokens.Keys{AccessKey: second, AccessVerificationKeys: first})
	r.wire.lead(changed.Client().Transport)
	clock.Advance(10 * time.Second)
	fresh := changed.SignIn(t, user.User)
	require.NoError(t, check(fresh.AccessToken), "an unknown key is fetched at once")
	require.NoError(t, check(user.AccessToken), "the former key is still published")
	assert.Equal(t, 2, r.wire.fetches())

	// The former key goes.
	last := r.replica(t, tokens.Keys{AccessKey: second})
	r.wire.lead(last.Client().Transport)
	clock.Advance(5 * time.Minute)
	settle(t, func() bool { return check(user.AccessToken) != nil })
	require.ErrorIs(t, check(user.AccessToken), domain.ErrUnauthenticated)
	require.NoError(t, check(fresh.AccessToken))

	// All keys go, because they leaked.
	secret := r.replica(t, tokens.Keys{})
	r.wire.lead(secret.Client().Transport)
	clock.Advance(5 * time.Minute)
	settle(t, func() bool { return check(fresh.AccessToken) != nil })
	require.ErrorContains(t, check(fresh.AccessToken), "JWT_ACCESS_KEY")
}
