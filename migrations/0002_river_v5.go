package migrations

import "context"

// riverVersion5 is as far as River's schema can be made in one transaction.
const riverVersion5 = 5

// createRiver5 begins the tables of the job queue. It stops short of version 6,
// which uses a value that version 4 adds to a type: PostgreSQL allows that only
// after a commit.
func createRiver5(ctx context.Context, w *work) error {
	return raiseRiver(ctx, w, riverVersion5)
}

// dropRiver5 removes the tables of the job queue with the jobs in them.
func dropRiver5(ctx context.Context, w *work) error {
	const nothing = -1
	return lowerRiver(ctx, w, nothing)
}
