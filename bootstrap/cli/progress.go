package cli

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows the progress of a long command on a terminal. The zero value shows
// nothing.
type progress struct{ bar *progressbar.ProgressBar }

// newProgress returns a progress bar that ends at total bytes; -1 if the total is not
// known. It is shown if standard error is a terminal.
func (c *commands) newProgress(what string, total int64) progress {
	out, isFile := c.io.Err.(*os.File)
	if !isFile || !term.IsTerminal(int(out.Fd())) {
		return progress{}
	}
	return progress{progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(out), progressbar.OptionSetDescription(what), progressbar.OptionShowBytes(true),
		progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(), progressbar.OptionSetPredictTime(true),
	)}
}

// reading returns in, and counts the bytes read from it.
func (p progress) reading(in io.Reader) io.Reader {
	if p.bar == nil {
		return in
	}
	return io.TeeReader(in, p.bar)
}

// writing returns out, and counts the bytes written to it.
func (p progress) writing(out io.Writer) io.Writer {
	if p.bar == nil {
		return out
	}
	return io.MultiWriter(out, p.bar)
}

// clear removes the bar from the screen.
func (p progress) clear() {
	if p.bar != nil {
		_ = p.bar.Finish() // the terminal may be closed
	}
}

// untilInterrupted returns a context that ends at the first interrupt. A second interrupt
// ends the process.
func untilInterrupted(ctx context.Context) (interrupted context.Context, stop context.CancelFunc) {
	ctx, stop = signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}
