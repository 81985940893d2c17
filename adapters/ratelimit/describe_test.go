package ratelimit

import (
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/kit/redistest"
)

func TestDescribe_CountsAsTheLimitsDo(t *testing.T) {
	t.Parallel()
	url := redistest.NewDatabase(t)
	store, err := OpenRedis(domain.NewSecret(url))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	version, err := store.Describe(t.Context())
	require.NoError(t, err)
	assert.Regexp(t, `^\d+\.\d+`, version)
	keys, err := store.client.Keys(t.Context(), redisPrefix+"*").Result()
	require.NoError(t, err)
	for _, key := range keys {
		life, err := store.client.TTL(t.Context(), key).Result()
		require.NoError(t, err)
		assert.Positive(t, life, "the count of the check ends by itself")
	}
}

// A user that may not write or run scripts is named by the command that Redis refuses.
func TestDescribe_NamesTheRightThatIsMissing(t *testing.T) {
	t.Parallel()
	url := redistest.NewDatabase(t)
	options, err := redis.ParseURL(url)
	require.NoError(t, err)
	admin := redis.NewClient(options)
	t.Cleanup(func() { require.NoError(t, admin.Close()) })
	for name, rights := range map[string][]any{
		"SET":  {"+time", "+get", "+select"},
		"EVAL": {"+time", "+get", "+select", "+set"},
		"":     {"+time", "+get", "+select", "+set", "+eval", "+evalsha", "+script", "+expire", "+setex"},
	} {
		user := "describe" + name
		require.NoError(t, admin.Do(t.Context(), append([]any{"ACL", "SETUSER", user, "on", ">canary-password", "~*"}, rights...)...).Err())
		store, err := OpenRedis(domain.NewSecret("redis://" + user + ":canary-password@" + options.Addr + "/0"))
		require.NoError(t, err)
		version, err := store.Describe(t.Context())
		if name == "" {
			require.NoError(t, err)
			assert.Empty(t, version, "INFO is not needed")
		} else {
			require.ErrorContains(t, err, name+": NOPERM")
			assert.NotContains(t, err.Error(), "canary")
		}
		require.NoError(t, store.Close())
	}
}
