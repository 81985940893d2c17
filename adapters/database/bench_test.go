package database_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/ports"
)

// populated opens a database that has 200 users.
func populated(b *testing.B, fresh func(t testing.TB) fixture) fixture {
	b.Helper()
	f := fresh(b)
	for i := range 200 {
		addUser(b, f, fmt.Sprintf("user%d@example.com", i))
	}
	return f
}

// BenchmarkWithUser measures the query of every protected request.
func BenchmarkWithUser(b *testing.B) {
	for dialect, fresh := range dialects {
		b.Run(string(dialect), func(b *testing.B) {
			f := populated(b, fresh)
			sessions := f.Repositories().Sessions
			id := addSession(b, f, addUser(b, f, "ada@example.com")).ID()
			b.ReportAllocs()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if _, _, err := sessions.WithUser(b.Context(), id); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

// BenchmarkSave measures the write of a refresh.
func BenchmarkSave(b *testing.B) {
	for dialect, fresh := range dialects {
		b.Run(string(dialect), func(b *testing.B) {
			f := populated(b, fresh)
			sessions := f.Repositories().Sessions
			id := addSession(b, f, addUser(b, f, "ada@example.com")).ID()
			session, _, err := sessions.WithUser(b.Context(), id)
			require.NoError(b, err)
			b.ReportAllocs()
			for b.Loop() {
				require.NoError(b, sessions.Save(b.Context(), session))
				b.StopTimer()
				session, _, err = sessions.WithUser(b.Context(), id)
				require.NoError(b, err)
				b.StartTimer()
			}
		})
	}
}

// BenchmarkList measures a page of the default size.
func BenchmarkList(b *testing.B) {
	for dialect, fresh := range dialects {
		b.Run(string(dialect), func(b *testing.B) {
			f := populated(b, fresh)
			users := f.Repositories().Users
			b.ReportAllocs()
			for b.Loop() {
				page, err := users.List(b.Context(), ports.UserQuery{Limit: 51, Order: ports.NewestFirst})
				require.NoError(b, err)
				require.Len(b, page.Rows, 51)
			}
		})
	}
}
