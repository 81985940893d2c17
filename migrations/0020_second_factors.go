package migrations

import (
	"context"
	_ "embed"
)

var (
	//go:embed 0020_second_factors.postgres.sql
	secondFactorsPostgres string
	//go:embed 0020_second_factors.sqlite.sql
	secondFactorsSQLite string
)

// addSecondFactors adds second factors, recovery codes, and the mark of users who have a factor.
func addSecondFactors(ctx context.Context, w *work) error {
	return w.exec(ctx, w.store.choose(dialects{postgres: secondFactorsPostgres, sqlite: secondFactorsSQLite}))
}

// dropSecondFactors removes them. Factors that wait for their first code go with the table.
// Errors: ErrWouldLoseData if a user has a second factor, because the release before would let
// them in with a password alone.
func dropSecondFactors(ctx context.Context, w *work) error {
	const confirmed = "SELECT count(*) FROM user_factors WHERE confirmed_at IS NOT NULL"
	if err := w.refuseToLose(ctx, confirmed, "%d second factors are in use; remove them first"); err != nil {
		return err
	}
	return w.exec(ctx, "DROP TABLE recovery_codes; DROP TABLE user_factors; ALTER TABLE users DROP COLUMN second_factor")
}
