// Package guard runs programs that end with the process that started them.
package guard

import (
	_ "embed"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// script runs the program. It ends the program when its standard input ends,
// which happens on Close or when this process dies, even by SIGKILL.
//
//go:embed guard.sh
var script string

// Process is a running program.
type Process struct {
	alive *os.File // closing it ends the program
	ended chan struct{}
	log   string
	// temporary is the folder to remove, or "".
	temporary string
}

// Start starts the program of a command. The program has no standard input,
// writes its output to the file "log" in a folder, and has its own process group,
// so that Ctrl-C reaches only the tests. Errors: those of exec.Cmd.Start.
func Start(command *exec.Cmd, folder string) (*Process, error) {
	p := &Process{ended: make(chan struct{}), log: filepath.Join(folder, "log")}
	if err := p.start(command); err != nil {
		return nil, err
	}
	return p, nil
}

// StartTemporary is Start in a folder that is removed when the program is ended,
// or if it does not start.
func StartTemporary(command *exec.Cmd, folder string) (*Process, error) {
	p := &Process{ended: make(chan struct{}), log: filepath.Join(folder, "log"), temporary: folder}
	if err := p.start(command); err != nil {
		return nil, errors.Join(err, p.remove())
	}
	return p, nil
}

func (p *Process) start(command *exec.Cmd) error {
	if command.Err != nil {
		return command.Err
	}
	log, err := os.Create(p.log)
	if err != nil {
		return err
	}
	defer log.Close() //nolint:errcheck // the program has its own copy
	command.Stdout, command.Stderr = log, log
	command.Args = append([]string{"sh", "-c", script, "guard", p.temporary, command.Path}, command.Args[1:]...)
	command.Path = "/bin/sh"
	if command.SysProcAttr == nil {
		command.SysProcAttr = &syscall.SysProcAttr{}
	}
	command.SysProcAttr.Setpgid = true
	input, alive, err := os.Pipe()
	if err != nil {
		return err
	}
	defer input.Close() //nolint:errcheck // the script has its own copy
	command.Stdin, p.alive = input, alive
	if err := command.Start(); err != nil {
		return errors.Join(err, alive.Close())
	}
	go p.await(command)
	return nil
}

// await waits until the program has ended, in any way.
func (p *Process) await(command *exec.Cmd) {
	defer close(p.ended)
	_ = command.Wait()
}

// Log returns what the program has written so far.
func (p *Process) Log() string {
	text, _ := os.ReadFile(p.log) // the text is only shown
	return string(text)
}

// Ended is closed once the program has ended.
func (p *Process) Ended() <-chan struct{} { return p.ended }

// HasEnded reports whether the program has ended.
func (p *Process) HasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// Close ends the program, waits for its end, and removes a temporary folder.
// Errors: those of the removal.
func (p *Process) Close() error {
	err := p.alive.Close()
	<-p.ended
	return errors.Join(err, p.remove())
}

func (p *Process) remove() error {
	if p.temporary == "" {
		return nil
	}
	return os.RemoveAll(p.temporary)
}
