// Package shares divides places among those who ask for them, such as networks.
package shares

// perFree is how many places a holder may have for each that stays free.
const perFree = 3

// Shares counts the places that each holder has. A holder that has one gets another if it
// leaves a third of its places free: one holder alone gets three quarters of all places, two
// get three sevenths each. So the next holder always finds some (dynamic thresholds of a
// shared buffer, after Choudhury and Hahne, 1998). A holder without a name has no share.
// Callers serialise the calls.
type Shares map[string]int

// Allows reports whether holder may take count more places and leave free ones. The first
// ones are always allowed.
func (s Shares) Allows(holder string, count, free int) bool {
	own := s[holder]
	return holder == "" || own == 0 || own+count <= perFree*free
}

// Take notes that holder has count more places.
func (s Shares) Take(holder string, count int) {
	if holder != "" {
		s[holder] += count
	}
}

// Give notes that holder has count fewer places.
func (s Shares) Give(holder string, count int) {
	if holder == "" {
		return
	}
	if s[holder] -= count; s[holder] <= 0 {
		delete(s, holder)
	}
}
