package memory

import "time"

// set stores a row and remembers how to undo that.
func set[K comparable, V any](u *unit, rows map[K]V, key K, row V) {
	u.remember(restorer(rows, key))
	rows[key] = row
}

// remove deletes a row and remembers how to undo that.
func remove[K comparable, V any](u *unit, rows map[K]V, key K) {
	u.remember(restorer(rows, key))
	delete(rows, key)
}

// removeWhere deletes at most limit rows that match, and returns their number.
func removeWhere[K comparable, V any](u *unit, rows map[K]V, limit int, match func(V) bool) int {
	removed := 0
	for key, row := range rows {
		if removed < limit && match(row) {
			remove(u, rows, key)
			removed++
		}
	}
	return removed
}

// restorer returns a function that restores a row to its current value.
func restorer[K comparable, V any](rows map[K]V, key K) func() {
	row, found := rows[key]
	return func() {
		if found {
			rows[key] = row
		} else {
			delete(rows, key)
		}
	}
}

// stored returns a time as every store keeps it: in UTC, in whole microseconds.
func stored(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(time.Microsecond)
}

// restoreAll rebuilds the aggregates of rows.
func restoreAll[S, A any](rows []S, restore func(S) (*A, error)) ([]*A, error) {
	all := make([]*A, 0, len(rows))
	for _, row := range rows {
		one, err := restore(row)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}
