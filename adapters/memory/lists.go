package memory

import (
	"iter"
	"slices"

	"github.com/seed543b3b27/auth-service/ports"
)

// list is a page to look for among rows R in sets S, as a database does.
type list[R, S any] struct {
	rows    iter.Seq[R]
	limit   int
	compare func(a, b R) int
	// matches reports whether a row passes the filters of the list.
	matches func(row R) bool
	// follows reports whether a row comes after the place of the page before.
	follows func(row R) bool
	// in reports whether a row is in a set.
	in func(set S, row R) bool
	// walk, sets and served are as of ports.UserQuery.Sets.
	walk   S
	sets   []S
	served bool
}

// page returns the first rows that match, at most limit. If the list has no index and no
// small set, it looks among ports.MaxCandidates rows, and returns the last of them if the page
// is not full and there are more.
func (l list[R, S]) page() (page []R, stopped *R) {
	bounded := l.isBounded()
	var rows []R
	for row := range l.rows {
		if l.follows(row) && (bounded && l.in(l.walk, row) || l.matches(row)) {
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, l.compare)
	page = []R{}
	for i, row := range rows {
		if len(page) >= l.limit {
			break
		}
		if bounded && i == ports.MaxCandidates {
			return page, &rows[i-1]
		}
		if l.matches(row) {
			page = append(page, row)
		}
	}
	return page, nil
}

// isBounded reports whether no index serves the list and no set of it is small.
func (l list[R, S]) isBounded() bool {
	if l.served {
		return false
	}
	for _, set := range l.sets {
		count := 0
		for row := range l.rows {
			if l.in(set, row) {
				count++
			}
		}
		if count <= ports.MaxCandidates {
			return false
		}
	}
	return true
}
