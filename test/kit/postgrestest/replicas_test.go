package postgrestest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestStandby_FollowsAndIsPromoted(t *testing.T) {
	t.Parallel()
	primary, err := StartPrimary(t.Context(), "synchronous_commit=remote_apply", "synchronous_standby_names=*")
	require.NoError(t, err)
	standby, err := primary.StartStandby(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, standby.Close()) })
	require.NoError(t, primary.Exec(t.Context(), "CREATE TABLE things (id int)"))
	require.Eventually(t, func() bool { return standby.Exec(t.Context(), "SELECT FROM things") == nil },
		30*time.Second, 20*time.Millisecond)
	require.ErrorContains(t, standby.Exec(t.Context(), "INSERT INTO things VALUES (1)"), "read-only transaction")

	require.NoError(t, primary.Close())
	require.NoError(t, standby.Promote(t.Context()))
	require.NoError(t, standby.Exec(t.Context(), "INSERT INTO things VALUES (1)"))
}
