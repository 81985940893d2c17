package edge

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// tcpFlags is the offset of the flags in a TCP header, in bytes. tcpSYN is the flag
// that asks for a new connection (RFC 9293 section 3.1).
const (
	tcpFlags = 13
	tcpSYN   = 0x02
)

// ignoreNew makes a listener ignore new handshakes, as if the network had lost them.
// Handshakes that have begun are finished. It reports whether the listener can do so.
func ignoreNew(ln net.Listener) bool {
	filter := [...]unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_B | unix.BPF_ABS, K: tcpFlags},
		{Code: unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K, K: tcpSYN, Jf: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: 0},          // dropped
		{Code: unix.BPF_RET | unix.BPF_K, K: ^uint32(0)}, // passed whole
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	done := false
	control(ln, func(fd int) {
		done = unix.SetsockoptSockFprog(fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &program) == nil
	})
	return done
}

// waiting returns how many connections of a listener wait to be accepted. Linux
// reports the number in the field that holds a connection's unacknowledged segments.
func waiting(ln net.Listener) int {
	n := 0
	control(ln, func(fd int) {
		if info, err := unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO); err == nil {
			n = int(info.Unacked)
		}
	})
	return n
}

// control calls f with the socket of a listener, if the listener has an open one.
func control(ln net.Listener, f func(fd int)) {
	socket, ok := ln.(syscall.Conn)
	if !ok {
		return
	}
	if raw, err := socket.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) { f(int(fd)) }) // on a closed socket no connection waits
	}
}
