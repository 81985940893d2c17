//go:build !linux

package edge

import "net"

// ignoreNew does so on Linux only.
func ignoreNew(net.Listener) bool { return false }

// waiting is known on Linux only.
func waiting(net.Listener) int { return 0 }
