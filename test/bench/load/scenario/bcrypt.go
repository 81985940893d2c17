package scenario

import (
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/seed543b3b27/auth-service/adapters/passwords"
	"github.com/seed543b3b27/auth-service/test/bench/load/stand"
)

// bcryptCost is the cost of the default configuration.
const bcryptCost = passwords.DefaultCost

// bcryptLimit returns how many hashes a second all cores can check: no service can answer
// more logins.
func bcryptLimit(length time.Duration) (float64, error) {
	hash, err := bcrypt.GenerateFromPassword([]byte(stand.Password), bcryptCost)
	if err != nil {
		return 0, err
	}
	var count atomic.Int64
	var running sync.WaitGroup
	begin := time.Now()
	for range workers() {
		running.Go(func() {
			for time.Since(begin) < length {
				_ = bcrypt.CompareHashAndPassword(hash, []byte(stand.Password)) // the result is known
				count.Add(1)
			}
		})
	}
	running.Wait()
	return float64(count.Load()) / time.Since(begin).Seconds(), nil
}
