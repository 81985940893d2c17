package migrations

import "context"

// riverVersion5 is the last version of River's schema that the first transaction
// can reach.
const riverVersion5 = 5

// createRiver5 begins the tables of the job queue. Version 6 needs another
// transaction: it uses a value that version 4 adds to a type, and PostgreSQL allows
// that only after a commit.
func createRiver5(ctx context.Context, w *work) error {
	return raiseRiver(ctx, w, riverVersion5)
}

// dropRiver5 removes the tables of the job queue with the jobs in them.
func dropRiver5(ctx context.Context, w *work) error {
	const nothing = -1
	return lowerRiver(ctx, w, nothing)
}
