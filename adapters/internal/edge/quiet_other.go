//go:build !linux

package edge

import "net"

// ignoreNew returns false: only Linux can do it.
func ignoreNew(net.Listener) bool { return false }

// waiting returns 0: only Linux knows the number.
func waiting(net.Listener) int { return 0 }
