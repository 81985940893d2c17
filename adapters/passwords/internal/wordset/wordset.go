// Package wordset is a fixed set of words in little memory: two binary fuse filters,
// with 24 bits for each word. One of 32 bits would hold a quarter fewer words in the
// same memory, and one of 16 alone would err too often.
package wordset

import (
	"bytes"
	"math/bits"
	"slices"
	"strings"
	"sync"

	"github.com/FastFilter/xorfilter"
	"github.com/cespare/xxhash/v2"
)

// Set is a set of words, made by From. The zero value is not usable.
type Set struct{ filters func() filters }

// filters hold a word if both hold it.
type filters struct {
	wide   *xorfilter.BinaryFuse[uint16]
	narrow *xorfilter.BinaryFuse[uint8]
}

// keys returns what stands for a word in the wide filter and, as if it were another
// one, in the narrow filter.
func keys(word string) (wide, narrow uint64) {
	sum := xxhash.Sum64String(word)
	return sum, bits.RotateLeft64(sum, 32)
}

// From returns the set with the bytes of Build, which it reads at the first
// question.
func From(saved string) Set {
	return Set{sync.OnceValue(func() filters {
		loaded, err := load(saved)
		if err != nil {
			panic("wordset: not the bytes of Build: " + err.Error())
		}
		return loaded
	})}
}

func load(saved string) (filters, error) {
	reader := strings.NewReader(saved)
	wide, err := xorfilter.LoadBinaryFuse[uint16](reader)
	if err != nil {
		return filters{}, err
	}
	narrow, err := xorfilter.LoadBinaryFuse[uint8](reader)
	return filters{wide, narrow}, err
}

// Has reports whether the set holds word. It is always right about members, and
// wrong about one of sixteen million other words.
func (s Set) Has(word string) bool {
	in := s.filters()
	wide, narrow := keys(word)
	return in.wide.Contains(wide) && in.narrow.Contains(narrow)
}

// Build returns the bytes of the set of words; the same words give the same bytes.
func Build(words []string) ([]byte, error) {
	var wide, narrow []uint64
	for _, word := range words {
		w, n := keys(word)
		wide, narrow = append(wide, w), append(narrow, n)
	}
	var saved bytes.Buffer
	wideFilter, err := xorfilter.NewBinaryFuse[uint16](unique(wide))
	if err == nil {
		err = wideFilter.Save(&saved)
	}
	if err != nil {
		return nil, err
	}
	narrowFilter, err := xorfilter.NewBinaryFuse[uint8](unique(narrow))
	if err == nil {
		err = narrowFilter.Save(&saved)
	}
	return saved.Bytes(), err
}

func unique(keys []uint64) []uint64 {
	slices.Sort(keys)
	return slices.Compact(keys)
}
