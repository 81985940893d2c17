package migrations_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/migrations"
)

// everyStep names the steps of this release.
var everyStep = []string{"0001_initial", "0002_river_v5", "0003_river_v8", "0004_audit", "0005_rate_limits", "0006_session_methods", "0007_session_sightings", "0008_invited_role",
	"0009_pending_registrations", "0010_registration_claims", "0011_email_undo", "0012_login_failures", "0013_growth", "0014_user_metadata", "0015_support", "0016_session_refreshes", "0017_new_device", "0018_audit_feed", "0019_user_search", "0020_second_factors"}

func TestUp_DownAndUpAgain(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d database) {
		m := d.migrator(t)
		ctx := within(t)
		report, err := m.Up(ctx)
		require.NoError(t, err)
		assert.Equal(t, migrations.Report{Applied: everyStep}, report)
		schema := d.schema(t)

		again, err := m.Up(ctx)
		require.NoError(t, err)
		assert.Empty(t, again.Applied)
		assert.Equal(t, schema, d.schema(t))

		for i := len(everyStep) - 1; i >= 0; i-- {
			undone, err := m.Down(ctx)
			require.NoError(t, err)
			assert.Equal(t, everyStep[i], undone)
		}
		undone, err := m.Down(ctx)
		require.NoError(t, err)
		assert.Empty(t, undone, "nothing is left to undo")
		for _, object := range d.schema(t) {
			assert.NotContains(t, object, "users")
			assert.NotContains(t, object, "river")
			assert.NotContains(t, object, "audit")
			assert.NotContains(t, object, "rate_limits")
			assert.NotContains(t, object, "recovery_codes")
		}

		report, err = m.Up(ctx)
		require.NoError(t, err)
		assert.Equal(t, everyStep, report.Applied)
		assert.Equal(t, schema, d.schema(t))
	})
}

func TestDown_EachStepCanBeRepeated(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d database) {
		m := d.migrator(t)
		ctx := within(t)
		_, err := m.Up(ctx)
		require.NoError(t, err)
		schema := d.schema(t)
		_, err = m.Down(ctx)
		require.NoError(t, err)
		report, err := m.Up(ctx)
		require.NoError(t, err)
		assert.Equal(t, everyStep[len(everyStep)-1:], report.Applied)
		assert.Equal(t, schema, d.schema(t))
	})
}

func TestDown_DoesNothingOnAnEmptyDatabase(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d database) {
		undone, err := d.migrator(t).Down(within(t))
		require.NoError(t, err)
		assert.Empty(t, undone)
	})
}

func TestDown_RefusesToLoseAccounts(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d database) {
		m := d.migrator(t)
		ctx := within(t)
		_, err := m.Up(ctx)
		require.NoError(t, err)
		d.exec(t, insertUser(d, map[string]string{}))
		for range len(everyStep) - 1 {
			_, err = m.Down(ctx)
			require.NoError(t, err)
		}
		_, err = m.Down(ctx)
		require.ErrorIs(t, err, migrations.ErrWouldLoseData)
		assert.ErrorContains(t, err, "holds 1")
		assert.Equal(t, "1", d.text(t, "SELECT count(*) FROM users"))
	})
}

func TestCheck_NamesMissingStepsAndTheCommand(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d database) {
		m := d.migrator(t)
		ctx := within(t)
		err := m.Check(ctx)
		require.ErrorIs(t, err, migrations.ErrOutdated)
		assert.ErrorContains(t, err, strings.Join(everyStep, ", "))
		assert.ErrorContains(t, err, `run "auth-service migrate up"`)
		assert.Empty(t, d.schema(t), "checking changes nothing")

		_, err = m.Up(ctx)
		require.NoError(t, err)
		require.NoError(t, m.Check(ctx))

		_, err = m.Down(ctx)
		require.NoError(t, err)
		err = m.Check(ctx)
		require.ErrorIs(t, err, migrations.ErrOutdated)
		assert.ErrorContains(t, err, "lacks "+everyStep[len(everyStep)-1]+";")
	})
}

func TestStatus_ListsEachStep(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d database) {
		m := d.migrator(t)
		ctx := within(t)
		status, err := m.Status(ctx)
		require.NoError(t, err)
		require.Len(t, status, len(everyStep))
		for i, s := range status {
			assert.Equal(t, migrations.StepStatus{ID: everyStep[i], Known: true}, s)
		}
		_, err = m.Up(ctx)
		require.NoError(t, err)
		status, err = m.Status(ctx)
		require.NoError(t, err)
		for _, s := range status {
			assert.True(t, s.Applied, s.ID)
		}
	})
}

// the previous release can come back after a newer one has migrated.
func TestNewerSchema_WorksExceptForDown(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d database) {
		m := d.migrator(t)
		ctx := within(t)
		_, err := m.Up(ctx)
		require.NoError(t, err)
		d.exec(t, "INSERT INTO schema_migrations (id) VALUES ('0099_of_tomorrow')")

		require.NoError(t, m.Check(ctx))
		report, err := m.Up(ctx)
		require.NoError(t, err)
		assert.Equal(t, migrations.Report{Newer: []string{"0099_of_tomorrow"}}, report)
		status, err := m.Status(ctx)
		require.NoError(t, err)
		assert.Contains(t, status, migrations.StepStatus{ID: "0099_of_tomorrow", Applied: true})
		_, err = m.Down(ctx)
		require.ErrorIs(t, err, migrations.ErrNewerSchema)
		assert.ErrorContains(t, err, "0099_of_tomorrow")
	})
}

// two replicas starting at once migrate exactly once.
func TestUp_ManyAtOnceApplyEachStepOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d database) {
		ctx := within(t)
		var mu sync.Mutex
		var applied []string
		var wait sync.WaitGroup
		for range 4 {
			m := d.migrator(t)
			wait.Go(func() {
				report, err := m.Up(ctx)
				assert.NoError(t, err)
				mu.Lock()
				defer mu.Unlock()
				applied = append(applied, report.Applied...)
			})
		}
		wait.Wait()
		assert.ElementsMatch(t, everyStep, applied)
		require.NoError(t, d.migrator(t).Check(ctx))
	})
}

func TestUp_EndsWithItsContextAndChangesNothing(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d database) {
		m := d.migrator(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := m.Up(ctx)
		require.ErrorIs(t, err, context.Canceled)
		assert.Empty(t, d.schema(t))
	})
}
