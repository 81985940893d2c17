// Package wordset is a fixed set of words in little memory: a Bloom filter in one
// block of bytes, which needs no loading and no allocation.
package wordset

import (
	"crypto/sha256"
	"encoding/binary"
)

// Size is the size of a Set in bytes. With 400,000 words, the set wrongly reports
// one in 30,000 other words as a member.
const Size = 1 << 20

// probes is the number of bits per word: about ln 2 times the bits per member,
// which errs least.
const probes = 15

// Set is a set of words, made by From. The zero value is not usable.
type Set struct{ bits string }

// From returns the set with the bytes of Build.
func From(bits string) Set { return Set{bits} }

// Has reports whether the set holds word. It is always right about members.
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
// start and step come from the word's SHA-256.
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
