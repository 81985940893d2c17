package measure

import (
	"os"
	"strconv"
	"strings"
	"time"
)

// Use is the processor time that a process and its descendants used in a window, in
// seconds.
type Use struct {
	CPU     float64 `json:"cpu"`
	Hashing float64 `json:"hashing"` // the part of its low-priority threads
}

// Noise is the share of the processors, in percent of all of them, that was taken in a
// window by something that is no part of the measurement.
type Noise struct {
	Steal float64 `json:"steal"` // by other machines on the same host
	Other float64 `json:"other"` // by processes that are not watched
}

// Percent returns the whole share.
func (n Noise) Percent() float64 { return n.Steal + n.Other }

// Window is a stretch of time in which processes and the machine are watched.
type Window struct {
	processes map[string]int
	begin     moment
}

// moment is the state of all counters at one time.
type moment struct {
	machine machine
	cpu     map[string]time.Duration
	hashing map[string]time.Duration
}

// Watch begins a window. It watches processes by name and id, with their descendants.
// A process must not descend from another one.
func Watch(processes map[string]int) *Window {
	w := &Window{processes: processes}
	w.begin = w.now()
	return w
}

func (w *Window) now() moment {
	m := moment{machine: readMachine(), cpu: map[string]time.Duration{}, hashing: map[string]time.Duration{}}
	for name, pid := range w.processes {
		m.cpu[name], m.hashing[name] = processorTime(pid), hashingTime(pid)
	}
	return m
}

// End ends the window.
func (w *Window) End() (map[string]Use, Noise) {
	end := w.now()
	uses := map[string]Use{}
	var known time.Duration
	for name := range w.processes {
		cpu := end.cpu[name] - w.begin.cpu[name]
		known += cpu
		uses[name] = Use{CPU: cpu.Seconds(), Hashing: (end.hashing[name] - w.begin.hashing[name]).Seconds()}
	}
	return uses, noise(w.begin.machine, end.machine, known)
}

// noise computes the shares between two states of the machine.
func noise(begin, end machine, known time.Duration) Noise {
	total := end.total - begin.total
	if total <= 0 {
		return Noise{}
	}
	percent := func(d time.Duration) float64 { return 100 * max(0, d.Seconds()) / total.Seconds() }
	steal := end.steal - begin.steal
	return Noise{Steal: percent(steal), Other: percent(end.busy - begin.busy - known)}
}

// machine is the processor time of all processors since the machine started.
type machine struct {
	total, steal time.Duration
	// busy leaves out interrupts, which belong to no process: loopback traffic is
	// handled there.
	busy time.Duration
}

func readMachine() machine {
	text, _ := os.ReadFile("/proc/stat") // it exists on every Linux
	return parseMachine(string(text))
}

// parseMachine reads the first line of /proc/stat. Its fields are user, nice, system,
// idle, iowait, irq, softirq, steal, and two that user and nice include already.
func parseMachine(text string) machine {
	line, _, _ := strings.Cut(text, "\n")
	var m machine
	for i, field := range strings.Fields(line) {
		ticks, err := strconv.Atoi(field)
		if err != nil || i > 8 {
			continue // the name of the line, or a part of another field
		}
		d := time.Duration(ticks) * tick
		m.total += d
		switch i {
		case 1, 2, 3:
			m.busy += d
		case 8:
			m.steal += d
		}
	}
	return m
}
