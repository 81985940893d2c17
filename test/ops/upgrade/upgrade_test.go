package upgrade

import (
	"context"
	"fmt"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/mailpit"
	"github.com/seed543b3b27/auth-service/test/kit/postgrestest"
	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// service is two replicas behind a front, on one database.
type service struct {
	folder string
	env    program.Env
	mails  *mailpit.Server
	admin  person
	front  *front
	load   *load
}

// startService starts two replicas of a release on a new database, with traffic
// that the caller ends.
func startService(t *testing.T, release program.Release) *service {
	t.Helper()
	mails := mailpit.Start(t)
	s := &service{folder: t.TempDir(), mails: mails, admin: newPerson(), front: newFront(t)}
	s.env = program.Production(postgrestest.NewDatabase(t), program.MailServer{Host: mails.SMTPHost, Port: mails.SMTPPort}).
		Unlimited().With("SHUTDOWN_DELAY_SECONDS", "2", "RATE_LIMIT_LOGIN_ACCOUNT", fmt.Sprintf("%d/1h", strangersLogins)).
		With("RATE_LIMIT_LOGIN_DEVICE", "off") // the name in releases whose device tokens have version 1
	release.MustRun(t, s.folder, s.env, "", "migrate", "up")
	release.MustRun(t, s.folder, s.env, s.admin.password+"\n", "user", "create", "--email", s.admin.email, "--role", "admin")
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	go s.front.watch(ctx)
	for i := range 2 {
		s.start(t, i, release)
	}
	s.load = startLoad(t, s.front, mails)
	return s
}

// start starts a replica of a release and waits until it gets requests.
func (s *service) start(t *testing.T, i int, release program.Release) {
	t.Helper()
	replica := release.Start(t, s.folder, s.env)
	replica.AwaitReady(t)
	s.front.put(i, replica)
	program.Eventually(t, "the front uses the replica", func() bool { return s.front.uses(i) })
}

// replace stops a replica as an orchestrator does, and then starts a replica of a
// release in its place.
func (s *service) replace(t *testing.T, i int, release program.Release) {
	t.Helper()
	s.front.replica(i).Stop(t)
	s.start(t, i, release)
}

// awaitTraffic waits until each kind of request has succeeded once more, or a request has
// failed.
func (s *service) awaitTraffic(t *testing.T) {
	t.Helper()
	before, _ := s.load.counts()
	kinds := []string{"register", "confirm", "login", "refresh", "me", "sessions", "logout", "reset", "new password", "change password"}
	for _, kind := range kinds {
		program.Eventually(t, "traffic goes on: "+kind, func() bool {
			answered, failed := s.load.counts()
			return answered[kind] > before[kind] || len(failed) > 0
		})
	}
}

// expectNoFailure stops the test if requests failed in a stage.
func (s *service) expectNoFailure(t *testing.T, stage string) {
	t.Helper()
	s.awaitTraffic(t)
	_, failed := s.load.counts()
	require.Empty(t, failed[:min(len(failed), 10)], "the first of %d requests that failed while %s", len(failed), stage)
}

// both returns the replicas, beginning with the replica of the given place.
func (s *service) both(first int) []*program.Process {
	return []*program.Process{s.front.replica(first), s.front.replica(1 - first)}
}

// R-18, F-M8: the release before the newest migration step and this one replace each other
// under load. No request fails, and each accepts the sessions and links that the other
// gave to users.
//
//nolint:paralleltest // it needs the machine for itself
func TestUpgrade_ThereAndBackFailsNoRequest(t *testing.T) {
	sources := repository{"../../.."}
	commit, err := sources.beforeNewestStep()
	require.NoError(t, err)
	t.Logf("the older release is the commit %s", commit)
	older, newer := program.Release(sources.build(t, commit)), program.Own()

	s := startService(t, older)
	defer s.load.end()
	kept := issue(t, s.mails, s.admin, s.front.replica(0))
	s.expectNoFailure(t, "the older release served")

	t.Log(newer.MustRun(t, s.folder, s.env, "", "migrate", "up"))
	s.expectNoFailure(t, "the older release served on the newer schema")

	s.replace(t, 0, newer)
	issue(t, s.mails, s.admin, s.front.replica(1)).use(t, s.both(0)...)
	issue(t, s.mails, s.admin, s.front.replica(0)).use(t, s.both(1)...)
	s.expectNoFailure(t, "both releases served")

	s.replace(t, 1, newer)
	kept.use(t, s.both(0)...)
	kept = issue(t, s.mails, s.admin, s.front.replica(0))
	s.expectNoFailure(t, "the newer release served")

	older.MustRun(t, s.folder, s.env, "", "migrate", "up")
	for i := range 2 {
		s.replace(t, i, older)
	}
	kept.use(t, s.both(0)...)
	s.expectNoFailure(t, "the older release had come back")
	answered, _ := s.load.counts()
	t.Logf("answered: %v", answered)
}

// The control of the test above: its traffic notices a killed replica.
//
//nolint:paralleltest // it needs the machine for itself
func TestUpgrade_LoadNoticesAKilledReplica(t *testing.T) {
	s := startService(t, program.Own())
	defer s.load.end()
	s.expectNoFailure(t, "both served")
	s.front.replica(0).Signal(t, syscall.SIGKILL)
	program.Eventually(t, "requests fail", func() bool {
		_, failed := s.load.counts()
		return len(failed) > 0
	})
	assert.NotZero(t, s.front.replica(0).AwaitExit(t))
}
