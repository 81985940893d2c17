package stand

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// stopTimeout is how long a program may take to stop when it is asked to.
const stopTimeout = 30 * time.Second

// process is a running program.
type process struct {
	cmd   *exec.Cmd
	log   string
	ended chan struct{}
}

// startProcess starts a command in a session of its own. The program writes to a file, as
// under a container runtime. It is killed when the thread that started it ends, so this
// must be called on the main goroutine, which main locks to the main thread.
func startProcess(cmd *exec.Cmd, log string) (*process, error) {
	file, err := os.Create(log)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // the program has its own copy
	cmd.Stdout, cmd.Stderr = file, file
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, log: log, ended: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // the exit code is in ProcessState
		close(p.ended)
	}()
	return p, nil
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// stop asks the program to stop and removes its log. Errors: a program that does not stop
// by itself, or has ended before.
func (p *process) stop() error {
	defer os.Remove(p.log) //nolint:errcheck // the folder is removed with the stand
	select {
	case <-p.ended:
		return p.failure("ended by itself")
	default:
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-p.ended:
		return nil
	case <-time.After(stopTimeout):
		_ = p.cmd.Process.Kill() // it is this or nothing
		<-p.ended
		return p.failure("did not stop")
	}
}

// failure is an error with the end of the program's log.
func (p *process) failure(what string) error {
	log, _ := os.ReadFile(p.log) // shown as far as it can be read
	const shown = 4 << 10
	return fmt.Errorf("%s %s; its log ends with:\n%s", p.cmd.Path, what, log[max(0, len(log)-shown):])
}

// freeAddress returns a loopback address whose port is free at this moment.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
