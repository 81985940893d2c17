package migrations

import "context"

const riverVersion8 = 8

// createRiver8 completes the tables of the job queue for River 0.51.
func createRiver8(ctx context.Context, w *work) error {
	return raiseRiver(ctx, w, riverVersion8)
}

func dropRiver8(ctx context.Context, w *work) error {
	return lowerRiver(ctx, w, riverVersion5)
}
