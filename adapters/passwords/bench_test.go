package passwords_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed543b3b27/auth-service/adapters/passwords"
	"github.com/seed543b3b27/auth-service/domain"
)

// BenchmarkHash gives the hashes a second of the whole pool at the default cost.
func BenchmarkHash(b *testing.B) {
	h := newHasher(b, passwords.Options{Cost: passwords.DefaultCost, Queue: 1 << 10})
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			hash(b, h, "four words and a river")
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "hashes/s")
}

// BenchmarkLightWork measures a light request, some 100 µs of computing, with
// nothing beside it, beside the saturated pool, and beside as many goroutines that
// hash without it.
func BenchmarkLightWork(b *testing.B) {
	b.Run("calm", lightWork)
	b.Run("pool", func(b *testing.B) {
		h := newHasher(b, passwords.Options{Cost: passwords.DefaultCost, Queue: 1 << 10})
		defer saturate(b, func(ctx context.Context) {
			_, _ = h.Hash(ctx, domain.NewSecret("four words and a river"))
		})()
		lightWork(b)
	})
	b.Run("unbounded", func(b *testing.B) {
		defer saturate(b, func(context.Context) { plainBcrypt(b, "$2a$", "four words and a river", passwords.DefaultCost) })()
		lightWork(b)
	})
}

// saturate keeps 64 goroutines busy with work until the returned function is called.
func saturate(b *testing.B, work func(ctx context.Context)) (stop func()) {
	ctx, cancel := context.WithCancel(b.Context())
	var all sync.WaitGroup
	for range 64 {
		all.Go(func() {
			for ctx.Err() == nil {
				work(ctx)
			}
		})
	}
	return func() { cancel(); all.Wait() }
}

// lightWork hands one request after the other to a goroutine of its own, as a
// server does, and reports how long the worst took besides their mean.
func lightWork(b *testing.B) {
	screen := passwords.NewScreen()
	var worst atomic.Int64
	for b.Loop() {
		start := time.Now()
		done := make(chan struct{})
		go func() {
			for range 4 {
				_ = screen.Screen(domain.NewSecret("four words and a long river"))
			}
			close(done)
		}()
		<-done
		worst.Store(max(worst.Load(), int64(time.Since(start))))
		runtime.Gosched()
	}
	b.ReportMetric(float64(worst.Load())/1e6, "worst-ms")
}

// BenchmarkScreen measures the longest passwords that are looked at.
func BenchmarkScreen(b *testing.B) {
	screen := passwords.NewScreen()
	for _, password := range []string{"Dragon2024!", "aB3$xyQ9aB3$xyQ9aB3$xyQ9aB3$xyQx", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"} {
		b.Run(password, func(b *testing.B) {
			for b.Loop() {
				_ = screen.Screen(domain.NewSecret(password))
			}
		})
	}
}
