package service

import (
	"io"
	"sync"
	"time"
)

const (
	// lineDelay is how long a line waits for others, so that one system call writes them.
	lineDelay = 10 * time.Millisecond
	// lineRoom is the size, in bytes, at which waiting lines are written without delay.
	lineRoom = 64 << 10
)

// LineBuffer collects the lines of a log for up to ten milliseconds and writes them
// together. A busy service logs thousands of requests a second, and a system call for each
// would be a tenth of the work that they take. The caller of NewLineBuffer calls
// Flush before the process ends.
type LineBuffer struct {
	out io.Writer

	mu      sync.Mutex // guards the fields below
	waiting []byte
	planned bool // whether a flush is planned

	writing sync.Mutex // held while lines are written, in their order
	spare   []byte
}

// NewLineBuffer returns a buffer of lines before out.
func NewLineBuffer(out io.Writer) *LineBuffer { return &LineBuffer{out: out} }

// Write implements io.Writer. Errors: those of out, if the buffer is full.
func (b *LineBuffer) Write(line []byte) (int, error) {
	b.mu.Lock()
	b.waiting = append(b.waiting, line...)
	full := len(b.waiting) >= lineRoom
	if !b.planned {
		b.planned = true
		time.AfterFunc(lineDelay, func() { _ = b.Flush() }) // no caller can handle it
	}
	b.mu.Unlock()
	if full {
		return len(line), b.Flush()
	}
	return len(line), nil
}

// Flush writes all lines that wait. Errors: those of out.
func (b *LineBuffer) Flush() error {
	b.writing.Lock()
	defer b.writing.Unlock()
	b.mu.Lock()
	lines := b.waiting
	b.waiting, b.planned = b.spare[:0], false
	b.mu.Unlock()
	b.spare = lines
	if len(lines) == 0 {
		return nil
	}
	_, err := b.out.Write(lines)
	return err
}
