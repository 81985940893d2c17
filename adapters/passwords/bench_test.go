package passwords_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/seed543b3b27/auth-service/adapters/passwords"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// BenchmarkHash measures the hashes per second of the whole pool at the default
// cost.
func BenchmarkHash(b *testing.B) {
	h := newHasher(b, passwords.Options{Cost: passwords.DefaultCost, Queue: 1 << 10})
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			hash(b, h, "four words and a river")
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "hashes/s")
}

// BenchmarkLightWork measures a light request of about 100 µs of computing, alone
// and beside 64 clients that keep the pool saturated.
func BenchmarkLightWork(b *testing.B) {
	b.Run("calm", lightWork)
	b.Run("hashing", func(b *testing.B) {
		h := newHasher(b, passwords.Options{Cost: passwords.DefaultCost, Queue: 1 << 10})
		defer saturate(b, h)()
		lightWork(b)
	})
}

// saturate keeps 64 goroutines hashing until the returned function is called.
func saturate(b *testing.B, h *passwords.Hasher) (stop func()) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	var begun, all sync.WaitGroup
	for range 64 {
		begun.Add(1)
		all.Go(func() {
			begun.Done()
			for ctx.Err() == nil {
				if place, err := h.Reserve(ctx, ports.Reservation{}); err == nil {
					_, _ = place.Hash(ctx, domain.NewSecret("four words and a river"))
				}
			}
		})
	}
	begun.Wait()
	return func() { cancel(); all.Wait() }
}

// lightWork hands one request after another to a goroutine of its own, as a
// server does, and reports the longest time besides the mean.
func lightWork(b *testing.B) {
	b.Helper()
	screen := passwords.NewScreen()
	var worst time.Duration
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
		worst = max(worst, time.Since(start))
	}
	b.ReportMetric(float64(worst.Microseconds())/1000, "worst-ms")
}

// BenchmarkScreen measures the longest passwords that the screen examines.
func BenchmarkScreen(b *testing.B) {
	screen := passwords.NewScreen()
	for _, password := range []string{"Dragon2024!", "k;F9q*Zr2p{T", "aB3$xyQ9aB3$xyQ9aB3$xyQ9aB3$xyQx", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"} {
		b.Run(password, func(b *testing.B) {
			for b.Loop() {
				_ = screen.Screen(domain.NewSecret(password))
			}
		})
	}
}

// BenchmarkNewScreen measures what the screen adds to the start of every command.
func BenchmarkNewScreen(b *testing.B) {
	for b.Loop() {
		_ = passwords.NewScreen()
	}
}

// BenchmarkFirstScreen measures the first password after a start.
func BenchmarkFirstScreen(b *testing.B) {
	for b.Loop() {
		_ = passwords.NewScreen().Screen(domain.NewSecret("k;F9q*Zr2p{T"))
	}
}
