package ratelimit

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	goredisstore "github.com/throttled/throttled/v2/store/goredisstore.v9"

	"github.com/seed543b3b27/auth-service/domain"
)

// redisPrefix begins every key in Redis, which may be shared with others.
const redisPrefix = "auth-service:rate-limit:"

// RedisStore keeps the counts in Redis, where they expire by themselves. Time is
// that of the Redis server.
type RedisStore struct {
	*goredisstore.GoRedisStore
	client *redis.Client
}

var _ Store = (*RedisStore)(nil)

// errRedisURL says how a URL looks; the parser's own errors may quote it with
// its password.
var errRedisURL = errors.New("must be a URL such as redis://user:password@host:6379/0, or rediss://… for TLS, " +
	"with special characters of the password percent-encoded")

// CheckRedisURL tells whether OpenRedis would take a URL. Errors: one that says
// what is expected and never repeats the URL.
func CheckRedisURL(url domain.Secret) error {
	_, err := redisOptions(url)
	return err
}

// OpenRedis returns a store in the Redis of a URL: redis://, rediss:// (TLS) or
// unix://, with the parameters of go-redis. It connects when it is needed. The
// caller closes it. Errors: as CheckRedisURL.
func OpenRedis(url domain.Secret) (*RedisStore, error) {
	options, err := redisOptions(url)
	if err != nil {
		return nil, err
	}
	// It prints to standard error, in a form of its own, what it returns as well.
	logging.Disable()
	client := redis.NewClient(options)
	store, err := goredisstore.NewCtx(client, redisPrefix)
	if err != nil {
		return nil, errors.Join(err, client.Close())
	}
	return &RedisStore{store, client}, nil
}

func redisOptions(url domain.Secret) (*redis.Options, error) {
	options, err := redis.ParseURL(url.Reveal())
	if err != nil {
		return nil, errRedisURL
	}
	options.ContextTimeoutEnabled = true // or a slow server would hold up the request
	// The limiter itself decides when to try again. One retry is for a
	// connection that went stale while nobody used it.
	options.MaxRetries = 1
	options.DialerRetries = 1
	// Version 3 is for notifications, which nobody here waits for.
	options.Protocol = 2
	return options, nil
}

// SetIfNotExistsWithTTL sets the value of key, if it has none, and tells whether
// it did. The value lives for ttl, at least a second. Errors: internal ones.
//
// The library sets the value first and its life in a second command, even if
// there was a value: whoever comes second would cut the life of a count that has
// grown meanwhile (ADR 0019).
func (s *RedisStore) SetIfNotExistsWithTTL(ctx context.Context, key string, value int64, ttl time.Duration) (bool, error) {
	err := s.client.SetArgs(ctx, redisPrefix+key, value, redis.SetArgs{Mode: "NX", TTL: max(ttl, shortestLife)}).Err()
	if errors.Is(err, redis.Nil) {
		return false, nil
	}
	return err == nil, err
}

// CompareAndSwapWithTTL replaces the value of key, if it is old, and tells whether
// it did. The new one lives for ttl, rounded up to seconds. Errors: internal ones.
func (s *RedisStore) CompareAndSwapWithTTL(ctx context.Context, key string, old, value int64, ttl time.Duration) (bool, error) {
	// The library rounds down; a count that ends early gives back events early.
	return s.GoRedisStore.CompareAndSwapWithTTL(ctx, key, old, value, ttl.Truncate(time.Second)+time.Second)
}

// DeleteExpired removes nothing: Redis does it. Errors: none.
func (s *RedisStore) DeleteExpired(context.Context, int) (int, error) { return 0, nil }

// Close closes all connections.
func (s *RedisStore) Close() error { return s.client.Close() }
