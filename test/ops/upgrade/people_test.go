package upgrade

import (
	"encoding/base64"
	"net/http"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/api"
	"github.com/seed543b3b27/auth-service/test/kit/mailpit"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// person is a user with an address and a password.
type person struct{ email, password string }

func newPerson() person { return person{api.NewEmail(), api.NewPassword()} }

var link = regexp.MustCompile(`#token=([A-Za-z0-9_-]+)`)

// links returns the secrets of the links that were mailed to an address, the
// oldest first.
func links(t *testing.T, mails *mailpit.Server, to string) []string {
	t.Helper()
	var found []string
	for _, m := range mails.Messages(t, to) {
		if match := link.FindStringSubmatch(m.Text); match != nil {
			found = append(found, match[1])
		}
	}
	return found
}

// awaitLink waits for the n-th link to an address, counted from 1.
func awaitLink(t *testing.T, mails *mailpit.Server, to string, n int) string {
	t.Helper()
	var found []string
	program.Eventually(t, "a link comes by mail", func() bool {
		found = links(t, mails, to)
		return len(found) >= n
	})
	return found[n-1]
}

// strangersLogins is how many logins an account admits in an hour from devices that
// it does not know.
const strangersLogins = 12

// issued holds the sessions, mailed links and device token that a release gave to users.
// If using one would end another, they belong to different users.
type issued struct {
	// session and ending are sessions of one user.
	session, ending api.Tokens
	// newcomer has a link that confirms the address.
	newcomer     person
	confirmation string
	// forgetful has a link to a new password.
	forgetful person
	reset     string
	// mover has a session and a link that confirms the address moved.
	mover   person
	moving  api.Tokens
	moved   string
	movedBy string
	// invited has a link to a first password.
	invited    person
	invitation string
	// besieged has a device that the account knows.
	besieged person
	device   string
}

// issue makes a replica give every kind of session and link, and a device token.
func issue(t *testing.T, mails *mailpit.Server, admin person, by *program.Process) issued {
	t.Helper()
	user := newPerson()
	i := issued{newcomer: newPerson(), forgetful: newPerson(), mover: newPerson(), moved: newPerson().email}
	i.invited, i.besieged = newPerson(), newPerson()
	people := []person{user, i.forgetful, i.mover, i.besieged, i.newcomer}
	for _, p := range people {
		registering(p).must(t, by)
	}
	for _, p := range people[:4] {
		confirming(awaitLink(t, mails, p.email, 1)).must(t, by)
	}
	i.session, i.ending = loggingIn(user).mustSign(t, by), loggingIn(user).mustSign(t, by)
	requestingReset(i.forgetful).must(t, by)
	i.moving = loggingIn(i.mover).mustSign(t, by)
	changingAddress(i.moving, i.mover, i.moved).must(t, by)
	inviting(loggingIn(admin).mustSign(t, by), i.invited.email).must(t, by)
	i.device = loggingIn(i.besieged).mustSign(t, by).Device
	i.confirmation = awaitLink(t, mails, i.newcomer.email, 1)
	i.reset = awaitLink(t, mails, i.forgetful.email, 2)
	i.movedBy = awaitLink(t, mails, i.moved, 1)
	i.invitation = awaitLink(t, mails, i.invited.email, 1)
	return i
}

// use uses the sessions, links and device at the first replica. It uses the resulting tokens at
// the others as well.
func (i issued) use(t *testing.T, replicas ...*program.Process) {
	t.Helper()
	s := i.session
	for range 2 {
		for n := range replicas {
			replica, other := replicas[n], replicas[(n+1)%len(replicas)]
			asking(s).must(t, replica)
			s = refreshing(s).mustSign(t, replica)
			asking(s).must(t, other)
			listing(s).must(t, other)
		}
	}
	loggingOut(i.ending).must(t, replicas[0])
	for _, replica := range replicas {
		ended := api.New(t, replica.URL).Once(asking(i.ending).request())
		assert.Equal(t, http.StatusUnauthorized, ended.Status, "a session that ended at another replica")
	}

	confirming(i.confirmation).must(t, replicas[0])
	renewed := person{i.forgetful.email, newPerson().password}
	resetting(i.reset, renewed.password).must(t, replicas[0])
	confirmingChange(i.moving, i.movedBy).must(t, replicas[0])
	resetting(i.invitation, i.invited.password).must(t, replicas[0])
	for _, replica := range replicas {
		for _, p := range []person{i.newcomer, renewed, {i.moved, i.mover.password}, i.invited} {
			asking(loggingIn(p).mustSign(t, replica)).must(t, replica)
		}
	}
	i.useDevice(t, replicas...)
}

// deviceVersion returns the version of a device token, which is its first byte.
func deviceVersion(t *testing.T, token string) byte {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(token)
	require.NoError(t, err)
	require.NotEmpty(t, raw)
	return raw[0]
}

// useDevice uses up the logins that strangers may try at an account, and signs in from
// the device that the account knows. F-M8: every replica knows the device by a token of
// its own version or an older one, and exchanges it for a token of its own version.
func (i issued) useDevice(t *testing.T, replicas ...*program.Process) {
	t.Helper()
	stranger := loggingIn(person{i.besieged.email, "a guess"})
	for range strangersLogins {
		api.New(t, replicas[0].URL).Once(stranger.request())
	}
	device := i.device
	for _, replica := range replicas {
		refused := api.New(t, replica.URL).Once(loggingIn(i.besieged).request())
		require.Equal(t, http.StatusTooManyRequests, refused.Status, "from a device that the account does not know")
		own := deviceVersion(t, loggingIn(i.invited).mustSign(t, replica).Device)
		if deviceVersion(t, device) > own {
			unread := api.New(t, replica.URL).Once(loggingInFrom(device, i.besieged).request())
			require.Equal(t, http.StatusTooManyRequests, unread.Status, "a token of a later version is none")
			continue
		}
		device = loggingInFrom(device, i.besieged).mustSign(t, replica).Device
		require.Equal(t, own, deviceVersion(t, device))
	}
}
