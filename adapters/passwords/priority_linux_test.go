package passwords

import (
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

func TestPool_WorkersHaveALowPriority(t *testing.T) {
	t.Parallel()
	p := newPool(1, 1, time.Second, Watch{})
	defer p.close()
	nice := 0
	require.NoError(t, do(t.Context(), p, func() { nice, _ = unix.Getpriority(unix.PRIO_PROCESS, unix.Gettid()) }))
	// The system call, unlike the C function, returns 20 minus the nice value.
	assert.Equal(t, 20-hashPriority, nice)
	// A thread inherits the priority of the thread that starts it. The Go runtime
	// starts no thread from a locked one.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	own, err := unix.Getpriority(unix.PRIO_PROCESS, unix.Gettid())
	require.NoError(t, err)
	assert.Greater(t, own, nice, "every other thread keeps its priority")
}
