//go:build !linux

package edge

// ahead reads nothing ahead on this system.
type ahead struct{}

func newAhead(any) ahead { return ahead{} }

func (*ahead) take([]byte) int { return 0 }

func (*ahead) fill() error { return nil }
