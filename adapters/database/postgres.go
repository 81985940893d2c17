package database

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

func openPostgreSQL(source Source, options Options) (*DB, error) {
	config, err := pgx.ParseConfig(source.dsn.Reveal())
	if err != nil {
		return nil, errors.New("the PostgreSQL URL or a file that it names is no longer readable")
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = options.ConnectTimeout
	}
	if _, set := config.RuntimeParams["application_name"]; !set {
		config.RuntimeParams["application_name"] = "auth-service"
	}
	dog := newWatchdog()
	pool := openConnector(watch(config, dog), options)
	pool.SetMaxOpenConns(options.MaxOpenConns)
	pool.SetMaxIdleConns(options.MaxOpenConns)
	pool.SetConnMaxLifetime(options.ConnMaxLifetime)
	handle, err := gorm.Open(postgres.New(postgres.Config{Conn: pool}), gormConfig(options))
	if err != nil {
		_ = pool.Close()
		return nil, err
	}
	return &DB{dialect: PostgreSQL, writer: handle, reader: handle, pools: []*sql.DB{pool}, watchdog: dog}, nil
}

// watch returns a connector whose connections detect poolers (pooler.go) and are
// given up when their server is lost (watchdog.go).
func watch(config *pgx.ConnConfig, w *watchdog) driver.Connector {
	p := &poolers{}
	config.Tracer = w
	config.ValidateConnect = p.validate(config.ValidateConnect)
	return stdlib.GetConnector(*config,
		stdlib.OptionBeforeConnect(p.beforeConnect),
		stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
			w.heard(w.stateOf(conn)) // it answered the query of poolers
			return p.afterConnect(ctx, conn)
		}),
		stdlib.OptionShouldPing(w.neverPing),
		stdlib.OptionResetSession(w.resetSession))
}
