package passwords

import (
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// wholeRequest is the time that a request has at its beginning.
const wholeRequest = 5 * time.Second

// take reserves places.
func take(a *admission, r ports.Reservation, left time.Duration) error {
	_, err := a.reserve(r, left, 0)
	return err
}

// fill reserves as many places as r gets, and returns how many.
func fill(a *admission, r ports.Reservation) (count int) {
	for take(a, r, wholeRequest) == nil {
		count++
	}
	return count
}

// There are as many places as are done in half the time of a request, not more than fit into the queue,
// and as many as workers at least.
func TestAdmission_HasThePlacesThatAreDoneInTime(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		perHash, left, running time.Duration
		want                   int
	}{
		{perHash: 250 * time.Millisecond, left: wholeRequest, want: 20},
		{perHash: 500 * time.Millisecond, left: wholeRequest, want: 10},
		{perHash: 250 * time.Millisecond, left: math.MaxInt64, want: 20},
		{perHash: 250 * time.Millisecond, left: wholeRequest / 2, want: 10},
		{perHash: 250 * time.Millisecond, left: wholeRequest, running: time.Second, want: 5},
		{perHash: 250 * time.Millisecond, left: 0, want: 2},
		{perHash: time.Minute, left: wholeRequest, want: 2},
		{perHash: time.Millisecond, left: wholeRequest, want: 66},
	} {
		assert.Equal(t, test.want, newAdmission(2, 64, test.perHash).places(test.left, test.running), "%+v", test)
	}
}

func TestAdmission_KeepsAQuarterForKnownDevices(t *testing.T) {
	t.Parallel()
	a := newAdmission(2, 64, 250*time.Millisecond)
	assert.Equal(t, 15, fill(a, ports.Reservation{}))
	assert.Equal(t, 5, fill(a, ports.Reservation{Known: true}))
	assert.Equal(t, Refusals{Full: 2}, a.refused)
	a.giveBack(ports.Reservation{}, 1)
	require.ErrorIs(t, take(a, ports.Reservation{}, wholeRequest), domain.ErrOverloaded)
	require.NoError(t, take(a, ports.Reservation{Known: true}, wholeRequest))
}

// A network may hold three places for each that it leaves free, so the next one gets some at
// once.
func TestAdmission_LeavesPlacesForOtherNetworks(t *testing.T) {
	t.Parallel()
	for name, known := range map[string]bool{"strangers": false, "known devices": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAdmission(2, 64, 250*time.Millisecond)
			one, two := 15, 3 // of 20, and of the 5 that are left
			if !known {
				one, two = 11, 3 // of 15, and of the 4 that are left
			}
			from := func(network string) ports.Reservation {
				return ports.Reservation{Network: network, Known: known}
			}
			assert.Equal(t, one, fill(a, from("one")))
			assert.Equal(t, two, fill(a, from("two")))
			a.giveBack(from("one"), one)
			assert.NotContains(t, a.byNetwork, "one")
			assert.Positive(t, fill(a, from("three")), "its share grows as others leave")
		})
	}
	a := newAdmission(2, 64, 250*time.Millisecond)
	assert.Equal(t, 20, fill(a, ports.Reservation{Known: true}), "callers in the same process have no network and no share")
}

// One account cannot use up the kept places with the cookie of one device, from however many
// networks.
func TestAdmission_LeavesKeptPlacesForOtherAccounts(t *testing.T) {
	t.Parallel()
	a := newAdmission(2, 64, 250*time.Millisecond)
	require.Equal(t, 15, fill(a, ports.Reservation{}), "a flood of strangers")
	networks := 0
	from := func(account byte) ports.Reservation {
		networks++
		return ports.Reservation{Network: strconv.Itoa(networks), Known: true, Account: domain.UserID{account}}
	}
	flood := func(account byte) (count int) {
		for range 256 {
			if take(a, from(account), wholeRequest) == nil {
				count++
			}
		}
		return count
	}
	assert.Equal(t, 3, flood(1), "of five")
	assert.Equal(t, Refusals{Full: 1, Account: 253}, a.refused)
	assert.Equal(t, 1, flood(2), "of two")
	assert.Equal(t, 1, flood(3))
	a.giveBack(ports.Reservation{Network: "1", Account: domain.UserID{1}}, 3)
	assert.NotContains(t, a.byAccount, domain.UserID{1}.String())
	assert.Positive(t, flood(2), "its share grows as others leave")

	a = newAdmission(2, 64, 250*time.Millisecond)
	operator := ports.Reservation{Known: true}
	assert.Equal(t, 20, fill(a, operator), "the operator has no account and no share")
}

// An idle account has no trouble: one account alone gets three quarters of all places.
func TestAdmission_AnAccountAloneGetsMostPlaces(t *testing.T) {
	t.Parallel()
	a := newAdmission(2, 64, 250*time.Millisecond)
	assert.Equal(t, 15, fill(a, ports.Reservation{Known: true, Account: domain.UserID{1}}))
}

// 256 networks at once take all places of strangers, and no more.
func TestAdmission_ManyNetworksShareThePlaces(t *testing.T) {
	t.Parallel()
	a := newAdmission(2, 64, 250*time.Millisecond)
	admitted := 0
	for i := range 256 {
		if take(a, ports.Reservation{Network: string(rune(0x4e00 + i))}, wholeRequest) == nil {
			admitted++
		}
	}
	assert.Equal(t, 15, admitted)
}

func TestAdmission_APlaceForTwoHashesIsWholeOrNothing(t *testing.T) {
	t.Parallel()
	a := newAdmission(1, 64, 250*time.Millisecond)
	for range 4 {
		require.NoError(t, take(a, ports.Reservation{Known: true, Hashes: 2}, wholeRequest))
	}
	require.NoError(t, take(a, ports.Reservation{Known: true}, wholeRequest))
	require.Error(t, take(a, ports.Reservation{Known: true, Hashes: 2}, wholeRequest))
	require.NoError(t, take(a, ports.Reservation{Known: true}, wholeRequest))
	assert.Equal(t, 10, a.held)
}

// Slow hashes and few cores leave few places. One is for known devices all the same, and one
// network leaves the next one a place.
func TestAdmission_SharesFewPlaces(t *testing.T) {
	t.Parallel()
	for places, want := range map[int]struct{ one, another, known int }{
		1: {one: 1, known: 1}, 2: {one: 1, another: 1, known: 1}, 3: {one: 2, another: 1, known: 1}, 4: {one: 2, another: 1, known: 1},
	} {
		a := newAdmission(1, 64, patience/time.Duration(places))
		assert.Equal(t, want.one, fill(a, ports.Reservation{Network: "one"}), "%d places", places)
		assert.Equal(t, want.another, fill(a, ports.Reservation{Network: "another"}), "%d places", places)
		assert.Equal(t, want.known, fill(a, ports.Reservation{Network: "home", Known: true}), "%d places", places)
	}
	a := newAdmission(1, 64, patience)
	require.NoError(t, take(a, ports.Reservation{}, wholeRequest))
	count, err := a.reserve(ports.Reservation{Known: true, Hashes: 2}, wholeRequest, 0)
	require.NoError(t, err)
	assert.Equal(t, 1, count, "the second hash is admitted when its time comes")
}

// An idle hasher admits whatever comes, however slow its last hashes were. Else a pace that
// was measured in a bad moment would close it for good.
func TestAdmission_AnIdleHasherAdmits(t *testing.T) {
	t.Parallel()
	a := newAdmission(1, 1, time.Hour)
	require.NoError(t, take(a, ports.Reservation{Network: "one", Hashes: 2}, 0))
	err := take(a, ports.Reservation{}, wholeRequest)
	var refusal *domain.Error
	require.ErrorAs(t, err, &refusal)
	assert.Equal(t, mostRetry, refusal.RetryAfter)
}

func TestAdmission_FollowsThePace(t *testing.T) {
	t.Parallel()
	a := newAdmission(1, 64, time.Second)
	a.measured(2 * time.Second)
	assert.Equal(t, 1250*time.Millisecond, a.perHash)
	a.perHash = time.Second
	a.measured(time.Hour)
	assert.Equal(t, 1750*time.Millisecond, a.perHash, "a process that was suspended measures nonsense")
	for range 40 {
		a.measured(100 * time.Millisecond)
	}
	assert.InDelta(t, 0.1, a.perHash.Seconds(), 0.001)
	require.NoError(t, take(a, ports.Reservation{}, wholeRequest))
	assert.InDelta(t, 0.1, a.predict(0).Seconds(), 0.001)
	assert.Equal(t, 3*time.Second, a.predict(3*time.Second), "a hash that runs for long shows the pace at once")
}
