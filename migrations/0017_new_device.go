package migrations

import (
	"context"
	_ "embed"
)

var (
	//go:embed 0017_new_device.postgres.sql
	newDevicePostgres string
	//go:embed 0017_new_device.sqlite.sql
	newDeviceSQLite string
)

// addNewDevice adds when the owner last heard of a sign-in from an unknown device.
func addNewDevice(ctx context.Context, w *work) error {
	return w.exec(ctx, w.store.choose(dialects{postgres: newDevicePostgres, sqlite: newDeviceSQLite}))
}

// dropNewDevice removes the column.
func dropNewDevice(ctx context.Context, w *work) error {
	return w.exec(ctx, "ALTER TABLE users DROP COLUMN new_device_at")
}
