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

// progress shows how far a long command has come, if a person looks at it.
type progress struct{ bar *progressbar.ProgressBar }

// newProgress returns the progress of something that counts to total; -1 if that is
// not known. It is shown on standard error, if that is a terminal.
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

// reading returns in, with what is read from it counted.
func (p progress) reading(in io.Reader) io.Reader {
	if p.bar == nil {
		return in
	}
	return io.TeeReader(in, p.bar)
}

// writing returns out, with what is written to it counted.
func (p progress) writing(out io.Writer) io.Writer {
	if p.bar == nil {
		return out
	}
	return io.MultiWriter(out, p.bar)
}

// clear takes it off the screen.
func (p progress) clear() {
	if p.bar != nil {
		_ = p.bar.Finish() // a terminal that is gone shows nothing anyway
	}
}

// untilInterrupted returns a context that ends with the first interrupt; a second one
// then ends the process.
func untilInterrupted(ctx context.Context) (interrupted context.Context, stop context.CancelFunc) {
	ctx, stop = signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}
