// Package wordset is a fixed set of words in the least memory: a Bloom filter in
// one block of bytes, which needs no loading and no allocation.
package wordset

import (
	"crypto/sha256"
	"encoding/binary"
)

// Size is the size of a Set in bytes. With 400,000 words it takes one word in
// 30,000 for a member that is none.
const Size = 1 << 20

// probes is how many bits stand for a word: about ln 2 times the bits per word,
// which is what errs least.
const probes = 15

// Set is a set of words. Get one from From; the zero value is of no use.
type Set struct{ bits string }

// From returns the set whose bytes Build returned.
func From(bits string) Set { return Set{bits} }

// Has reports whether the set holds word. It is never wrong about a member.
func (s Set) Has(word string) bool {
	for at := range positions(word) {
		if s.bits[at/8]&(1<<(at%8)) == 0 {
			return false
		}
	}
	return true
}

// Build returns the bytes of the set of words.
func Build(words []string) []byte {
	bits := make([]byte, Size)
	for _, word := range words {
		for at := range positions(word) {
			bits[at/8] |= 1 << (at % 8)
		}
	}
	return bits
}

// positions yields the bits that stand for word: an arithmetic progression whose
// start and step come from its SHA-256, the same on every machine.
func positions(word string) func(yield func(uint64) bool) {
	sum := sha256.Sum256([]byte(word))
	at := binary.LittleEndian.Uint64(sum[:8])
	step := binary.LittleEndian.Uint64(sum[8:16]) | 1
	return func(yield func(uint64) bool) {
		for range probes {
			if !yield(at % (Size * 8)) {
				return
			}
			at += step
		}
	}
}
