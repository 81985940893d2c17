package ratelimit

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
)

// Describe asks Redis for its version, and writes, changes and reads a count of its own
// that lives for seconds, as the limits do. The version is empty if the user of the URL
// may not ask for it. Errors: internal ones, which never repeat what the server sent in
// another form.
func (s *RedisStore) Describe(ctx context.Context) (version string, err error) {
	if _, err := s.client.Time(ctx).Result(); err != nil {
		return "", described("TIME", err)
	}
	key := "check:" + rand.Text()
	if _, err := s.counts.SetIfNotExistsWithTTL(ctx, key, 1, shortestLife); err != nil {
		return "", described("SET", err)
	}
	if _, err := s.counts.CompareAndSwapWithTTL(ctx, key, 1, 2, shortestLife); err != nil {
		return "", described("EVAL", err)
	}
	if _, _, err := s.counts.GetWithTime(ctx, key); err != nil {
		return "", described("GET", err)
	}
	info, _ := s.client.Info(ctx, "server").Result() // a restricted user may lack the right
	for line := range strings.Lines(info) {
		if number, found := strings.CutPrefix(strings.TrimSpace(line), "redis_version:"); found {
			return number, nil
		}
	}
	return "", nil
}

// described names the command that failed. A server that does not speak the protocol may
// answer what it was sent, and so the password.
func described(command string, err error) error {
	if strings.HasPrefix(err.Error(), "redis: ") { // an error of the library's own, not of the server
		return errors.New(command + ": the server answers in another form, so it is not Redis")
	}
	return fmt.Errorf("%s: %w", command, err)
}
