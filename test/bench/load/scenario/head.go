package scenario

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// WriteHead writes what the figures of a report depend on. Errors: those of the writer and
// of PostgreSQL.
func WriteHead(ctx context.Context, to io.Writer, b *Bench) error {
	version, err := b.Stand.PostgreSQL(ctx)
	if err != nil {
		return err
	}
	commit := unknown
	if out, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty").Output(); err == nil { // else this is no clone
		commit = strings.TrimSpace(string(out))
	}
	_, err = fmt.Fprintf(to, "%s, commit %s: %d cores (%s), %s, PostgreSQL %s on the same machine; %d runs, windows of %s, medians (extremes)\n",
		time.Now().UTC().Format(time.DateOnly), commit, runtime.NumCPU(), runtime.GOARCH, runtime.Version(), version, b.Runs, b.Length)
	return err
}
