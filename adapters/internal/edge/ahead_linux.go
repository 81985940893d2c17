package edge

import (
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// aheadBytes is how much of a request is read at once when it begins, in bytes. Most
// requests are smaller.
const aheadBytes = 4 << 10

var aheadBuffers = sync.Pool{New: func() any { return new([aheadBytes]byte) }}

// ahead holds bytes that were read with the first byte of a request. fasthttp waits for
// that byte alone, so that an idle connection holds no buffer, and would then ask the
// kernel again for the rest.
type ahead struct {
	raw    syscall.RawConn // nil if the connection is no socket
	buffer *[aheadBytes]byte
	bytes  []byte // the rest, in buffer
}

func newAhead(conn any) (a ahead) {
	if socket, ok := conn.(syscall.Conn); ok {
		if raw, err := socket.SyscallConn(); err == nil {
			a.raw = raw
		}
	}
	return a
}

// take moves bytes that were read before into p, and returns their number.
func (a *ahead) take(p []byte) int {
	n := copy(p, a.bytes)
	if a.bytes = a.bytes[n:]; len(a.bytes) == 0 && a.buffer != nil {
		aheadBuffers.Put(a.buffer)
		a.buffer, a.bytes = nil, nil
	}
	return n
}

// fill waits until the client has sent something, and reads it. It leaves the end of the
// connection and failures to the next read. Errors: those of syscall.RawConn.Read, among
// them that the deadline has passed.
func (a *ahead) fill() error {
	if a.raw == nil {
		return nil
	}
	return a.raw.Read(func(fd uintptr) bool {
		buffer, _ := aheadBuffers.Get().(*[aheadBytes]byte)
		n, err := unix.Read(int(fd), buffer[:])
		for err == unix.EINTR { // there may be data that no further event announces
			n, err = unix.Read(int(fd), buffer[:])
		}
		if n > 0 {
			a.buffer, a.bytes = buffer, buffer[:n]
			return true
		}
		aheadBuffers.Put(buffer)
		return err != unix.EAGAIN
	})
}
