package measure

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of processor time in /proc. Linux shows programs 100 ticks a second
// on every machine (proc(5), USER_HZ).
const tick = time.Second / 100

// stat is the part of /proc/PID/stat that this package needs.
type stat struct {
	parent int
	cpu    time.Duration // its own time
	ended  time.Duration // the time of its children that have ended
	nice   int
}

var errStat = errors.New("a line of /proc has another form than proc(5) says")

// parseStat reads a line of /proc/PID/stat or of /proc/PID/task/TID/stat.
func parseStat(line []byte) (stat, error) {
	// The second field is the name in parentheses. It may contain spaces and
	// parentheses, so fields are counted from its end.
	end := bytes.LastIndexByte(line, ')')
	if end < 0 {
		return stat{}, errStat
	}
	fields := strings.Fields(string(line[end+1:])) // the first one is field 3 of proc(5)
	if len(fields) < 17 {
		return stat{}, errStat
	}
	var numbers [17]int
	for i := 1; i < len(numbers); i++ {
		n, err := strconv.Atoi(fields[i])
		if err != nil {
			return stat{}, errStat
		}
		numbers[i] = n
	}
	return stat{
		parent: numbers[1],
		cpu:    time.Duration(numbers[11]+numbers[12]) * tick,
		ended:  time.Duration(numbers[13]+numbers[14]) * tick,
		nice:   numbers[16],
	}, nil
}

func readStat(path string) (stat, error) {
	line, err := os.ReadFile(path)
	if err != nil {
		return stat{}, err
	}
	return parseStat(line)
}

// processorTime returns the processor time of a process and of its descendants so far.
func processorTime(root int) time.Duration {
	all := map[int]stat{}
	folders, _ := filepath.Glob("/proc/[0-9]*") // the pattern is good
	for _, folder := range folders {
		pid, err := strconv.Atoi(filepath.Base(folder))
		if err != nil {
			continue
		}
		if s, err := readStat(folder + "/stat"); err == nil { // else it has just ended
			all[pid] = s
		}
	}
	var sum time.Duration
	for pid, s := range all {
		if descends(all, pid, root) {
			sum += s.cpu + s.ended
		}
	}
	return sum
}

func descends(all map[int]stat, pid, root int) bool {
	for ; pid > 1; pid = all[pid].parent {
		if pid == root {
			return true
		}
	}
	return false
}

// hashingTime returns the processor time of the threads of a process that run at a low
// priority (nice above 0). In the service and in the floor these are the threads that
// hash passwords; they do not end before the process.
func hashingTime(pid int) time.Duration {
	paths, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid)) // the pattern is good
	var sum time.Duration
	for _, path := range paths {
		if s, err := readStat(path); err == nil && s.nice > 0 {
			sum += s.cpu
		}
	}
	return sum
}

// Memory is what a process occupies, in megabytes (1e6 bytes).
type Memory struct {
	Resident float64 `json:"resident"` // VmRSS, now
	Highest  float64 `json:"highest"`  // VmHWM, since its start
}

// MemoryOf reads the memory of a process. Errors: the process has ended.
func MemoryOf(pid int) (Memory, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return Memory{}, err
	}
	return parseMemory(string(text)), nil
}

func parseMemory(status string) Memory {
	var m Memory
	for line := range strings.Lines(status) {
		fields := strings.Fields(line)
		if len(fields) != 3 || fields[2] != "kB" {
			continue
		}
		kibibytes, err := strconv.ParseFloat(fields[1], 64)
		if err != nil {
			continue
		}
		switch fields[0] {
		case "VmRSS:":
			m.Resident = kibibytes * 1024 / 1e6
		case "VmHWM:":
			m.Highest = kibibytes * 1024 / 1e6
		}
	}
	return m
}
