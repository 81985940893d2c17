package transfer

import (
	"fmt"
	"hash/maphash"
	"strconv"

	"github.com/seed543b3b27/auth-service/ports"
)

// seenKeys holds the keys of all rows so far as fingerprints of 64 bits, so that it
// stays small. With a million rows, one run in thirty million takes two different
// keys for the same.
type seenKeys struct {
	seed    maphash.Seed
	places  map[uint64]rowPlace
	sources []string // in their order
}

// rowPlace is the place of a row: the index of its source, and its line.
type rowPlace struct{ source, line uint32 }

func newSeenKeys() *seenKeys {
	return &seenKeys{seed: maphash.MakeSeed(), places: map[uint64]rowPlace{}}
}

// at returns the place of a row. A row of another source than the row before begins
// that source.
func (s *seenKeys) at(row ports.ImportRow) rowPlace {
	if n := len(s.sources); n == 0 || s.sources[n-1] != row.Source {
		s.sources = append(s.sources, row.Source)
	}
	return rowPlace{uint32(len(s.sources) - 1), uint32(row.Line)} //nolint:gosec // an import has fewer sources and lines than 2^32
}

// names returns the place of the first of two rows, for a message about the second.
func (s *seenKeys) names(first, second rowPlace) string {
	line := "Line " + strconv.Itoa(int(first.line))
	if first.source == second.source {
		return line
	}
	return line + " of " + s.sources[first.source]
}

// add stores the keys of a row. Errors: a rowProblem that names the earlier row with
// the same key.
func (s *seenKeys) add(c candidate, row ports.ImportRow) error {
	here := s.at(row)
	keys := []struct{ name, value string }{{"e-mail address", c.user.User.Email().String()}}
	if c.user.LegacyID != "" {
		keys = append(keys, struct{ name, value string }{"legacy_id", c.user.LegacyID})
	}
	// The id that this import makes of an address may be the given id of a user who has left it.
	keys = append(keys, struct{ name, value string }{"id", c.user.User.ID().String()})
	marks := make([]uint64, 0, len(keys))
	for _, key := range keys {
		mark := maphash.String(s.seed, key.name+"\x00"+key.value)
		if first, found := s.places[mark]; found {
			return rowProblem(fmt.Sprintf("%s has the same %s.", s.names(first, here), key.name))
		}
		marks = append(marks, mark)
	}
	for _, mark := range marks {
		s.places[mark] = here
	}
	return nil
}
