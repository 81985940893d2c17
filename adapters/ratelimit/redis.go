package ratelimit

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	goredisstore "github.com/throttled/throttled/v2/store/goredisstore.v9"

	"github.com/seed543b3b27/auth-service/domain"
)

// redisPrefix begins every key, because other programs may use the same Redis.
const redisPrefix = "auth-service:rate-limit:"

// RedisStore keeps the counts in Redis, which expires them. Times are those of
// the Redis server.
type RedisStore struct {
	*throttledStore
	counts *redisCounts
	client *redis.Client
}

// redisCounts are counts in Redis that live as long as they matter.
type redisCounts struct {
	*goredisstore.GoRedisStore
	client *redis.Client
}

// shortestLife is the minimum life of a count.
const shortestLife = time.Second

var _ Store = (*RedisStore)(nil)

// errRedisURL describes the expected URL. The parser's own errors may quote the
// URL with its password.
var errRedisURL = errors.New("must be a URL such as redis://user:password@host:6379/0, or rediss://… for TLS, " +
	"with special characters in the password percent-encoded (@ as %40, / as %2F, ? as %3F, # as %23)")

// CheckRedisURL checks that OpenRedis accepts a URL. Errors: a description of the
// expected form, which never repeats the URL.
func CheckRedisURL(url domain.Secret) error {
	_, err := redisOptions(url)
	return err
}

// OpenRedis returns a store in the Redis at url: redis://, rediss:// (TLS) or
// unix://, with the parameters of go-redis. It connects when needed. The caller
// closes the store. Errors: as CheckRedisURL.
func OpenRedis(url domain.Secret) (*RedisStore, error) {
	options, err := redisOptions(url)
	if err != nil {
		return nil, err
	}
	// go-redis also prints the errors that it returns to standard error.
	logging.Disable()
	client := redis.NewClient(options)
	store, err := goredisstore.NewCtx(client, redisPrefix)
	if err != nil {
		return nil, errors.Join(err, client.Close())
	}
	counts := &redisCounts{store, client}
	return &RedisStore{newThrottledStore(counts), counts, client}, nil
}

func redisOptions(url domain.Secret) (*redis.Options, error) {
	options, err := redis.ParseURL(url.Reveal())
	if err != nil || !wholeURL(url.Reveal()) {
		return nil, errRedisURL
	}
	options.ContextTimeoutEnabled = true // otherwise a slow server would hold up the request
	// The limiter decides when to try again. One retry replaces a connection that
	// went stale while unused.
	options.MaxRetries = 1
	options.DialerRetries = 1
	// Version 3 adds notifications, which are not used here.
	options.Protocol = 2
	return options, nil
}

// wholeURL reports whether a URL has :// and no fragment. The parser of the library takes
// redis:6379 for localhost, and ignores the fragment, which is the end of a password that is
// not percent-encoded.
func wholeURL(text string) bool { return strings.Contains(text, "://") && !strings.Contains(text, "#") }

// SetIfNotExistsWithTTL sets the value of key unless it has one, and reports
// whether it did. The value lives for ttl, at least a second. Errors: internal
// ones.
//
// The library sets the value first and its life in a second command, even if
// there was a value. The loser of a race would then cut the life of a count that
// has grown meanwhile (ADR 0019).
func (s *redisCounts) SetIfNotExistsWithTTL(ctx context.Context, key string, value int64, ttl time.Duration) (bool, error) {
	err := s.client.SetArgs(ctx, redisPrefix+key, value, redis.SetArgs{Mode: "NX", TTL: max(ttl, shortestLife)}).Err()
	if errors.Is(err, redis.Nil) {
		return false, nil
	}
	return err == nil, err
}

// CompareAndSwapWithTTL replaces the value of key if it equals old, and reports
// whether it did. The new value lives for ttl, rounded up to seconds. Errors:
// internal ones.
func (s *redisCounts) CompareAndSwapWithTTL(ctx context.Context, key string, old, value int64, ttl time.Duration) (bool, error) {
	// The library rounds down, and a count that ends early gives back events
	// early.
	return s.GoRedisStore.CompareAndSwapWithTTL(ctx, key, old, value, ttl.Truncate(time.Second)+time.Second)
}

// DeleteExpired removes nothing, because Redis expires the counts. Errors: none.
func (s *RedisStore) DeleteExpired(context.Context, int) (int, error) { return 0, nil }

// Ping asks Redis for its time. Errors: internal ones.
func (s *RedisStore) Ping(ctx context.Context) error {
	_, _, err := s.store.GetWithTime(ctx, "ping")
	return err
}

// Close closes all connections.
func (s *RedisStore) Close() error { return s.client.Close() }

// redisGeneration holds the generation. No key of an event is as short.
const redisGeneration = redisPrefix + "generation"

// Lift makes the quotas of keys whole, and then changes the generation. Errors: internal
// ones.
func (s *RedisStore) Lift(ctx context.Context, keys ...string) error {
	if err := s.throttledStore.Lift(ctx, keys...); err != nil {
		return err
	}
	return s.client.Incr(ctx, redisGeneration).Err()
}

// Generation returns a number that differs after each Lift. It is zero before the first.
// Errors: internal ones.
func (s *RedisStore) Generation(ctx context.Context) (int64, error) {
	generation, err := s.client.Get(ctx, redisGeneration).Int64()
	if errors.Is(err, redis.Nil) {
		return 0, nil
	}
	return generation, err
}
