package config

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"

	"github.com/seed543b3b27/auth-service/adapters/database"
	"github.com/seed543b3b27/auth-service/adapters/datakeys"
	"github.com/seed543b3b27/auth-service/adapters/httpapi"
	"github.com/seed543b3b27/auth-service/adapters/passwords"
	"github.com/seed543b3b27/auth-service/adapters/ratelimit"
	"github.com/seed543b3b27/auth-service/adapters/smtp"
	"github.com/seed543b3b27/auth-service/adapters/tokens"
	"github.com/seed543b3b27/auth-service/domain"
)

// The values of LOG_FORMAT.
const (
	LogJSON = "json"
	LogText = "text"
)

// The messages for variables that PostgreSQL makes mandatory. Each line after the
// first can be pasted into a shell.
const (
	howToKey = "is required with PostgreSQL; it signs all tokens, so every replica needs the same key:\n" +
		"auth-service keys generate --out jwt-secret.key  # or: openssl rand -base64 48 > jwt-secret.key\n" +
		"export JWT_SECRET_KEY_FILE=jwt-secret.key"
	howToAddress = "is required with PostgreSQL; users reach the service at this address, and links in mails lead to it:\n" +
		"export PUBLIC_URL=https://auth.example.com"
	howToMail = "is required with PostgreSQL; the service sends mails through this server:\n" +
		"export SMTP_HOST=smtp.example.com SMTP_FROM='Example <auth@example.com>'\n" +
		"# if the server requires a login: export SMTP_USERNAME=… SMTP_PASSWORD_FILE=…"
)

// MaxDatabaseFailures is the largest READINESS_DATABASE_FAILURES. With more failures,
// the checks would follow each other so closely that they load the database.
const MaxDatabaseFailures = 10

// validate adds every problem of the configuration to problems.
func (c *Config) validate(problems *Problems) {
	c.validateDatabase(problems)
	c.validateTokens(problems)
	c.validateMail(problems)
	c.validateHTTP(problems)
	c.validateLimits(problems)
	c.validateTracing(problems)
	c.validateRanges(problems)
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, c.Log.Level) {
		problems.add("LOG_LEVEL", "must be debug, info, warn or error")
	}
	if u := domain.Unproven(c.Accounts.VerifyUnproven); u != domain.UnprovenKeep && u != domain.UnprovenDrop {
		problems.add("EMAIL_VERIFY_UNPROVEN", "must be keep or drop")
	}
	if c.Log.Format != LogJSON && c.Log.Format != LogText {
		problems.add("LOG_FORMAT", "must be json or text")
	}
}

func (c *Config) validateDatabase(problems *Problems) {
	if _, err := database.ParseURL(c.Database.URL.Reveal()); err != nil {
		problems.add("DATABASE_URL", err.Error())
	}
	if !c.Database.EncryptionKeys.IsEmpty() {
		if _, err := datakeys.Parse(c.Database.EncryptionKeys); err != nil {
			problems.add("DATA_ENCRYPTION_KEYS", err.Error())
		}
	}
	if c.Database.MigrationURL.IsEmpty() {
		return
	}
	source, err := database.ParseURL(c.Database.MigrationURL.Reveal())
	switch {
	case err != nil:
		problems.add("DATABASE_MIGRATION_URL", err.Error())
	case source.Dialect() != database.PostgreSQL:
		problems.add("DATABASE_MIGRATION_URL", "must be a PostgreSQL URL; for SQLite set DATABASE_URL only")
	case c.Local.Database:
		problems.add("DATABASE_URL", "is required with DATABASE_MIGRATION_URL, because only auth-service migrate uses that one")
	case !c.onPostgreSQL() && !problems.mention("DATABASE_URL"):
		problems.add("DATABASE_MIGRATION_URL", "must lead to the same database as DATABASE_URL, which is SQLite")
	}
}

func (c *Config) validateTokens(problems *Problems) {
	switch {
	case !c.Tokens.SecretKey.IsEmpty():
		if err := tokens.CheckKey(c.Tokens.SecretKey); err != nil {
			problems.add("JWT_SECRET_KEY", err.Error())
		}
	case c.onPostgreSQL() && !problems.mention("JWT_SECRET_KEY"):
		problems.add("JWT_SECRET_KEY", howToKey)
	}
	for i, key := range c.Tokens.PreviousSecretKeys {
		if err := tokens.CheckKey(key); err != nil {
			problems.add("JWT_PREVIOUS_SECRET_KEYS", fmt.Sprintf("number %d: %s", i+1, err))
		}
	}
	if !c.Tokens.AccessKey.IsEmpty() {
		if err := tokens.CheckAccessKey(c.Tokens.AccessKey); err != nil {
			problems.add("JWT_ACCESS_KEY", err.Error())
		}
	}
	if !c.Tokens.VerificationKeys.IsEmpty() {
		if err := tokens.CheckVerificationKeys(c.Tokens.VerificationKeys); err != nil {
			problems.add("JWT_ACCESS_VERIFICATION_KEYS", err.Error())
		}
	}
	if c.Tokens.Issuer == "" {
		problems.add("JWT_ISSUER", "must not be empty")
	}
	if c.Tokens.Audience == "" {
		problems.add("JWT_AUDIENCE", "must not be empty")
	}
	if _, err := domain.ParseClaimMap(c.Tokens.AccessClaims); err != nil {
		problems.add("ACCESS_TOKEN_CLAIMS", err.Error())
	}
	if c.Tokens.MaxLifetimeDays < c.Tokens.RefreshDays {
		problems.add("SESSION_MAX_LIFETIME_DAYS", "must not be smaller than JWT_REFRESH_TOKEN_EXPIRE_DAYS")
	}
}

// mailboxKey is the form of a key for the page of caught mails.
var mailboxKey = regexp.MustCompile(`^[A-Za-z0-9_-]{16,128}$`)

func (c *Config) validateMail(problems *Problems) {
	if c.onPostgreSQL() && c.Mail.Host == "" {
		problems.add("SMTP_HOST", howToMail)
	}
	if c.Mail.Host != "" {
		problems.addMail(c.SMTP().Validate())
	}
	if !c.Mail.MailboxKey.IsEmpty() && !mailboxKey.MatchString(c.Mail.MailboxKey.Reveal()) {
		problems.add("MAILBOX_KEY", "must have 16 to 128 letters, digits, - and _, because it is a part of an address that opens every caught mail")
	}
}

func (c *Config) validateHTTP(problems *Problems) {
	if _, _, err := parseAddr(c.HTTP.Addr); err != nil {
		problems.add("HTTP_ADDR", err.Error())
	}
	if addr, err := netip.ParseAddrPort(c.HTTP.PprofAddr); c.HTTP.PprofAddr != "" && (err != nil || !addr.Addr().Unmap().IsLoopback()) {
		problems.add("PPROF_ADDR", "must be a loopback address with a port, such as 127.0.0.1:6060, because profiles are for this machine only")
	}
	if c.HTTP.PublicURL == "" {
		problems.add("PUBLIC_URL", howToAddress)
	} else {
		problems.addMail(c.Links().Validate())
	}
	if c.HTTP.PasswordChangeURL != "" {
		if err := httpapi.CheckPasswordChangeURL(c.HTTP.PasswordChangeURL); err != nil {
			problems.add("PASSWORD_CHANGE_URL", err.Error())
		}
	}
	if _, err := httpapi.ParseProxies(c.HTTP.TrustedProxies); err != nil {
		problems.add("TRUSTED_PROXIES", err.Error())
	}
	if _, err := httpapi.ParseOrigins(c.HTTP.CORSAllowedOrigins); err != nil {
		problems.add("CORS_ALLOWED_ORIGINS", err.Error())
	}
}

func (c *Config) validateLimits(problems *Problems) {
	if c.RateLimits.RedisURL.IsEmpty() {
		return
	}
	if err := ratelimit.CheckRedisURL(c.RateLimits.RedisURL); err != nil {
		problems.add("REDIS_URL", err.Error())
	}
}

func (c *Config) validateRanges(problems *Problems) {
	for _, r := range []struct {
		variable      string
		value         int
		minimum, most int
	}{
		{"DATABASE_MAX_CONNECTIONS", c.Database.MaxConnections, 2, 1000},
		{"JWT_ACCESS_TOKEN_EXPIRE_MINUTES", c.Tokens.AccessMinutes, 1, 24 * 60},
		{"JWT_REFRESH_TOKEN_EXPIRE_DAYS", c.Tokens.RefreshDays, 1, 365},
		{"SESSION_MAX_LIFETIME_DAYS", c.Tokens.MaxLifetimeDays, 1, 3650},
		{"REFRESH_GRACE_SECONDS", c.Tokens.GraceSeconds, 0, 300},
		{"REFRESH_UNSEEN_MINUTES", c.Tokens.UnseenMinutes, 0, 24 * 60},
		{"MAX_SESSIONS_PER_USER", c.Tokens.MaxSessionsPerUser, 1, 10000},
		{"AUDIT_RETENTION_DAYS", c.Audit.RetentionDays, 1, 3650},
		{"SMTP_PORT", c.Mail.Port, 1, 65535},
		{"PORT", c.HTTP.listenPort(), 0, 65535},
		{"SHUTDOWN_DELAY_SECONDS", c.HTTP.ShutdownDelaySecs, 0, 300},
		{"SHUTDOWN_TIMEOUT_SECONDS", c.HTTP.ShutdownTimeoutSecs, 1, 300},
		{"READINESS_DATABASE_FAILURES", c.HTTP.DatabaseFailures, 1, MaxDatabaseFailures},
		{"PASSWORD_MIN_LENGTH", c.Accounts.PasswordMinLength, domain.DefaultPasswordMinLength, 128},
		{"BCRYPT_COST", c.Accounts.BcryptCost, passwords.MinCost, passwords.MaxCost},
		{"HASH_WORKERS", c.Accounts.HashWorkers, 0, 256},
		{"HASH_QUEUE", c.Accounts.HashQueue, 0, 65536},
	} {
		if (r.value < r.minimum || r.value > r.most) && !problems.mention(r.variable) {
			problems.add(r.variable, fmt.Sprintf("must be between %d and %d", r.minimum, r.most))
		}
	}
}

// mailVariables are the variables of the fields of smtp.Config and smtp.Options.
func mailVariables() map[string]string {
	return map[string]string{
		"Host":        "SMTP_HOST",
		"Port":        "SMTP_PORT",
		"Username":    "SMTP_USERNAME",
		"Password":    "SMTP_PASSWORD",
		"TLS":         "SMTP_TLS",
		"CAFile":      "SMTP_CA_FILE",
		"From":        "SMTP_FROM",
		"HELO":        "SMTP_HELO",
		"ProductName": "PRODUCT_NAME",
		"PublicURL":   "PUBLIC_URL",
		"VerifyURL":   "EMAIL_VERIFY_URL",
		"ChangeURL":   "EMAIL_CHANGE_URL",
		"ResetURL":    "PASSWORD_RESET_URL",
	}
}

// MailVariable returns the variable of a field of smtp.Config or smtp.Options.
func MailVariable(field string) string { return mailVariables()[field] }

// addMail adds the problems of the settings of mails, with the names of variables for
// those of fields.
func (p *Problems) addMail(problems []*smtp.Problem) {
	for _, one := range problems {
		if !p.mention(MailVariable(one.Field)) { // a value that could not be read is zero
			p.add(MailVariable(one.Field), one.Message(MailVariable))
		}
	}
}
