package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/seed543b3b27/auth-service/adapters/database"
	"github.com/seed543b3b27/auth-service/adapters/ratelimit"
	"github.com/seed543b3b27/auth-service/adapters/smtp"
	"github.com/seed543b3b27/auth-service/adapters/system"
	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/migrations"
)

// askTimeout bounds the questions to one server.
const askTimeout = 10 * time.Second

// askedServer is a server of the configuration.
type askedServer struct {
	name, variable string
	// ask returns what the server answered, which may be empty, and why the service
	// cannot work with it.
	ask func(context.Context) (answer string, err error)
}

// askServers asks all configured servers at once and prints what each answered. Errors:
// each server that does not answer, or that the service cannot work with.
func (c *commands) askServers(ctx context.Context, cfg config.Config) error {
	servers := serversOf(cfg)
	answers, errs := make([]string, len(servers)), make([]error, len(servers))
	var group sync.WaitGroup
	for i, server := range servers {
		group.Go(func() {
			errs[i] = within(ctx, askTimeout, func(ctx context.Context) (err error) {
				answers[i], err = server.ask(ctx)
				return err
			})
		})
	}
	group.Wait()
	hide := hiding(cfg)
	var failed []string
	for i, server := range servers {
		if answers[i] != "" {
			fmt.Fprintf(c.io.Out, "%s: %s\n", server.name, hide.Replace(answers[i]))
		}
		if errs[i] != nil {
			failed = append(failed, fmt.Sprintf("%s (%s): %s", server.name, server.variable, hide.Replace(askFailure(errs[i]))))
		}
	}
	if len(failed) == 0 {
		return nil
	}
	return fmt.Errorf("%d of %s failed the check:\n  %s", len(failed), countOf(len(servers), "server"), strings.Join(failed, "\n  "))
}

// serversOf lists the servers of a configuration.
func serversOf(cfg config.Config) []askedServer {
	migrated := cfg.Database.MigrationURL.IsEmpty()
	servers := []askedServer{{"database", "DATABASE_URL", func(ctx context.Context) (string, error) {
		return askDatabase(ctx, cfg.Database.URL, false, migrated)
	}}}
	if !migrated {
		servers = append(servers, askedServer{"database for migrations", "DATABASE_MIGRATION_URL", func(ctx context.Context) (string, error) {
			return askDatabase(ctx, cfg.Database.MigrationURL, true, true)
		}})
	}
	if !cfg.RateLimits.RedisURL.IsEmpty() {
		servers = append(servers, askedServer{"Redis", "REDIS_URL", func(ctx context.Context) (string, error) {
			return askRedis(ctx, cfg.RateLimits.RedisURL)
		}})
	}
	if cfg.Mail.Host != "" {
		servers = append(servers, askedServer{"mail server", "SMTP_HOST", func(ctx context.Context) (string, error) {
			return askMailServer(ctx, cfg)
		}})
	}
	return servers
}

// askDatabase describes a database. owner is for the role of migrations, and migrates
// reports whether the role will run them.
func askDatabase(ctx context.Context, address domain.Secret, owner, migrates bool) (string, error) {
	if path := missingFile(address); path != "" {
		return "there is no file at " + path + " yet; auth-service makes it", nil
	}
	source, err := database.ParseURL(address.Reveal())
	if err != nil {
		return "", err
	}
	db, err := database.Open(ctx, source, database.Options{MaxOpenConns: 1, ConnectTimeout: askTimeout, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return "", err
	}
	defer db.Close() //nolint:errcheck // it was only read
	d, err := db.Describe(ctx)
	if err != nil {
		return "", err
	}
	answer := "SQLite " + d.Version
	if db.Dialect() == database.PostgreSQL {
		answer = fmt.Sprintf("PostgreSQL %s, encoding %s, role %s, %s", d.Version, d.Encoding, d.User, d.Transport)
	}
	migrator, err := migrations.New(db.GORM())
	if err != nil {
		return answer, err
	}
	schema := migrator.Check(ctx)
	var problems []error
	switch {
	case schema == nil:
		answer += ", schema up to date"
	case db.Dialect() == database.SQLite && errors.Is(schema, migrations.ErrOutdated):
		answer += ", schema not up to date; auth-service serve updates it"
	default:
		problems = append(problems, schema)
	}
	if d.ReadOnly {
		problems = append(problems, errors.New("the server refuses to write, as a standby does: name the primary, or all servers with target_session_attrs=read-write"))
	}
	if len(d.Denied) > 0 && !owner {
		problems = append(problems, errors.New("the role lacks rights (docs/postgresql.md, section Roles): "+strings.Join(d.Denied, "; ")))
	}
	if !d.MayCreate && migrates && (owner || schema != nil) {
		problems = append(problems, errors.New("the role may not create tables, so auth-service migrate up will fail"))
	}
	return answer, joinedLine(problems)
}

// joinedLine returns one error with the texts of all; nil for none.
func joinedLine(problems []error) error {
	var texts []string
	for _, p := range problems {
		texts = append(texts, p.Error())
	}
	if len(texts) == 0 {
		return nil
	}
	return errors.New(strings.Join(texts, "; "))
}

func askRedis(ctx context.Context, address domain.Secret) (string, error) {
	store, err := ratelimit.OpenRedis(address)
	if err != nil {
		return "", err
	}
	defer store.Close() //nolint:errcheck // the answer is there
	version, err := store.Describe(ctx)
	switch {
	case err != nil:
		return "", err
	case version == "":
		return "it counts; its user may not ask for the version", nil
	}
	return "Redis " + version + ", it counts", nil
}

// newSender returns the sender of the configured mail server.
func newSender(cfg config.Config) (*smtp.Sender, error) {
	renderer, err := smtp.NewRenderer(cfg.Links(), system.Clock{})
	if err != nil {
		return nil, err
	}
	return smtp.NewSender(cfg.SMTP(), renderer, config.MailVariable)
}

func askMailServer(ctx context.Context, cfg config.Config) (string, error) {
	sender, err := newSender(cfg)
	if err != nil {
		return "", err
	}
	d, err := sender.Describe(ctx)
	var answers []string
	if d.Greeting != "" {
		answers = append(answers, "greets with "+d.Greeting)
	}
	if d.Transport != "" {
		answers = append(answers, d.Transport)
	}
	switch {
	case d.Login != "":
		answers = append(answers, "login by "+d.Login+" succeeded")
	case err == nil:
		answers = append(answers, "no login is configured")
	}
	return strings.Join(answers, ", "), err
}

// askFailure returns the text of an error in one line.
func askFailure(err error) string {
	text := plainText(err)
	for _, layer := range []string{"database: ", "migrations: ", "smtp: "} {
		text = strings.TrimPrefix(text, layer) // the line already names the server
	}
	if errors.Is(err, context.DeadlineExceeded) {
		text = "no answer in time: " + text
	}
	return strings.Join(strings.Fields(text), " ")
}
