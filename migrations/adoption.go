package migrations

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Adoption reports how the users of an older database were adopted.
//
// A database with four tables of the names that this service uses, and not made by it,
// counts as that of the Python service that it replaces. A users table without the
// others may belong to any application, so it is adopted only with AdoptAnyUsers. Users keep their address in canonical form, password
// hash, role, flags and times. UUIDs stay; any other identifier is replaced by a
// new UUID, and users.legacy_id keeps the old one. Sessions and one-time tokens
// end. The old tables stay as they are under names that begin with legacy_.
// Either all users are adopted, in one transaction, or nothing changes.
type Adoption struct {
	// Users is how many were adopted.
	Users int
	// LeftBehind are the columns of the old users table that were not copied.
	// They are still in legacy_users.
	LeftBehind []string
	// Demoted counts the users of each role that this service does not have.
	// They got the role user.
	Demoted map[string]int
}

// AdoptionError is the refusal of an adoption. It changed nothing.
type AdoptionError struct {
	// Problems are the users to correct, at least one.
	Problems []AdoptionProblem
}

// AdoptionProblem is one user that cannot be adopted.
type AdoptionProblem struct {
	// LegacyID and Email are as the old table has them.
	LegacyID string
	Email    string
	// Reason is a sentence for a person.
	Reason string
}

// Error lists every problem in a line of its own.
func (e *AdoptionError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "adopting the users of the older service: %d cannot be adopted and nothing was changed; "+
		"correct these rows of the users table and run this again:", len(e.Problems))
	for _, p := range e.Problems {
		fmt.Fprintf(&b, "\n  id %q, email %q: %s", p.LegacyID, p.Email, p.Reason)
	}
	return b.String()
}

// adoptionBatch is the number of users that are in memory at a time.
const adoptionBatch = 500

// adopt renames the present tables of an older service, makes this service's
// tables and copies the users.
func adopt(ctx context.Context, w *work, present []string) (*Adoption, error) {
	shape, err := readShape(ctx, w, present)
	if err != nil {
		return nil, err
	}
	for _, table := range present {
		if err := w.store.retire(ctx, w.tx, table); err != nil {
			return nil, fmt.Errorf("keeping the older service's table %s: %w", table, err)
		}
	}
	if err := createInitialTables(ctx, w); err != nil {
		return nil, err
	}
	problems, err := collisions(ctx, w)
	if err != nil {
		return nil, fmt.Errorf("comparing the older service's addresses: %w", err)
	}
	a := &adopter{w: w, shape: shape, problems: problems, result: Adoption{LeftBehind: shape.leftBehind, Demoted: map[string]int{}}}
	if err := a.copyUsers(ctx); err != nil {
		return nil, fmt.Errorf("adopting the older service's users: %w", err)
	}
	if len(a.problems) > 0 {
		return nil, &AdoptionError{a.problems}
	}
	return &a.result, nil
}

// readShape returns the meaning of the columns of the older users table.
func readShape(ctx context.Context, w *work, present []string) (*legacyShape, error) {
	if !slices.Contains(present, "users") {
		return nil, fmt.Errorf("the database has %s but no users table: this is neither an empty database nor that of the older service", listed(present))
	}
	missing := slices.DeleteFunc(slices.Clone(initialTables[:]), func(table string) bool { return slices.Contains(present, table) })
	if len(missing) > 0 && !w.adoptAny {
		return nil, fmt.Errorf("%w: it has %s, but not %s, which the older service has as well; set another database or schema "+
			`(search_path), or take the users table over with "auth-service migrate up --adopt"`, ErrForeignTables, listed(present), listed(missing))
	}
	kept, err := initialTablesPresent(ctx, w, legacyPrefix)
	if err != nil {
		return nil, err
	}
	if len(kept) > 0 {
		return nil, fmt.Errorf("the names legacy_%s are taken: rename those tables, the older service's are kept under such names", strings.Join(kept, ", legacy_"))
	}
	columns, err := w.store.columns(ctx, w.tx, "users")
	if err != nil {
		return nil, err
	}
	if slices.Contains(columns, "session_epoch") {
		return nil, fmt.Errorf("the database has this service's tables, but %s does not say so: restore that table", stepsTable)
	}
	return newLegacyShape(columns)
}
