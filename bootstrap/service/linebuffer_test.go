package service

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/config"
)

// writes keeps what each write contains.
type writes struct {
	mu  sync.Mutex
	all []string
}

func (w *writes) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, string(p))
	return len(p), nil
}

func TestLineBuffer_WritesLinesTogether(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out writes
		buffer := NewLineBuffer(&out)
		for range 2 {
			for i := range 3 {
				_, err := fmt.Fprintln(buffer, i)
				require.NoError(t, err)
			}
			time.Sleep(lineDelay + 1)
			synctest.Wait()
		}
		assert.Equal(t, []string{"0\n1\n2\n", "0\n1\n2\n"}, out.all)
		require.NoError(t, buffer.Flush())
		assert.Len(t, out.all, 2, "nothing waits")
	})
}

// A warning does not wait, nor do the lines before it.
func TestLineBuffer_WritesWarningsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out writes
		logger := NewLogger(config.Log{Level: "info", Format: config.LogText}, NewLineBuffer(&out)).With("job", 1)
		logger.Info("first")
		assert.Empty(t, out.all)
		logger.WithGroup("g").Warn("second")
		require.Len(t, out.all, 1)
		assert.Regexp(t, `msg=first job=1\n.*msg=second job=1\n$`, out.all[0])
	})
}

// Many writers lose no line, mix none, and need not wait for a full buffer.
func TestLineBuffer_KeepsEachLineWhole(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	buffer := NewLineBuffer(&out)
	logger := NewLogger(config.Log{Level: "info", Format: config.LogText}, buffer)
	long := strings.Repeat("x", 1000)
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			for i := range 200 {
				logger.Info("line", slog.Int("writer", w), slog.Int("number", i), slog.String("long", long))
			}
		})
	}
	all.Wait()
	require.NoError(t, buffer.Flush())
	next := map[string]int{}
	lines := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	for _, line := range lines {
		var writer, number int
		_, said, _ := strings.Cut(line, " msg=")
		_, err := fmt.Sscanf(said, "line writer=%d number=%d long="+long, &writer, &number)
		require.NoError(t, err, line)
		assert.Equal(t, next[fmt.Sprint(writer)], number, "the lines of one writer keep their order")
		next[fmt.Sprint(writer)]++
	}
	assert.Len(t, lines, 800)
}
