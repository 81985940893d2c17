package config

import (
	"time"

	"github.com/seed543b3b27/auth-service/adapters/smtp"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Config is the configuration of the service. A test compares its tags with the table
// in the README.
type Config struct {
	Database   Database
	Tokens     Tokens
	Mail       Mail
	HTTP       HTTP
	Accounts   Accounts
	RateLimits RateLimits
	Audit      Audit
	Log        Log
	Tracing    Tracing

	// Local lists the local defaults in use. With any of them the service is not in
	// production.
	Local Local `env:"-"`
	// Warnings are settings that work, but are probably a mistake.
	Warnings Problems `env:"-"`
	// Notes say what the service does not offer with these settings. They are no mistakes.
	Notes Problems `env:"-"`
}

// Database is the place where users are stored, with the keys that seal secrets in it.
type Database struct {
	URL            domain.Secret `env:"DATABASE_URL"`
	MigrationURL   domain.Secret `env:"DATABASE_MIGRATION_URL"`
	MaxConnections int           `env:"DATABASE_MAX_CONNECTIONS" envDefault:"10"`
	EncryptionKeys domain.Secret `env:"DATA_ENCRYPTION_KEYS"`
}

// ForMigrations returns the URL that migrate uses.
func (d Database) ForMigrations() domain.Secret {
	if d.MigrationURL.IsEmpty() {
		return d.URL
	}
	return d.MigrationURL
}

// Tokens are the keys and lives of tokens and sessions.
type Tokens struct {
	SecretKey          domain.Secret   `env:"JWT_SECRET_KEY"`
	PreviousSecretKeys []domain.Secret `env:"JWT_PREVIOUS_SECRET_KEYS"`
	AccessKey          domain.Secret   `env:"JWT_ACCESS_KEY"`
	VerificationKeys   domain.Secret   `env:"JWT_ACCESS_VERIFICATION_KEYS"`
	Issuer             string          `env:"JWT_ISSUER" envDefault:"auth-service"`
	Audience           string          `env:"JWT_AUDIENCE" envDefault:"auth-service"`
	ClientID           string          `env:"JWT_CLIENT_ID"`
	AccessMinutes      int             `env:"JWT_ACCESS_TOKEN_EXPIRE_MINUTES" envDefault:"30"`
	RefreshDays        int             `env:"JWT_REFRESH_TOKEN_EXPIRE_DAYS" envDefault:"7"`
	MaxLifetimeDays    int             `env:"SESSION_MAX_LIFETIME_DAYS"`
	GraceSeconds       int             `env:"REFRESH_GRACE_SECONDS" envDefault:"10"`
	UnseenMinutes      int             `env:"REFRESH_UNSEEN_MINUTES" envDefault:"60"`
	MaxSessionsPerUser int             `env:"MAX_SESSIONS_PER_USER" envDefault:"100"`
	AccessClaims       string          `env:"ACCESS_TOKEN_CLAIMS"`
}

// Mail is the mail server, and the addresses that links in mails lead to.
type Mail struct {
	Host        string        `env:"SMTP_HOST"`
	Port        int           `env:"SMTP_PORT" envDefault:"587"`
	Username    string        `env:"SMTP_USERNAME"`
	Password    domain.Secret `env:"SMTP_PASSWORD"`
	TLS         string        `env:"SMTP_TLS" envDefault:"starttls"`
	CAFile      string        `env:"SMTP_CA_FILE"`
	From        string        `env:"SMTP_FROM"`
	HELO        string        `env:"SMTP_HELO"`
	MailboxKey  domain.Secret `env:"MAILBOX_KEY"`
	ProductName string        `env:"PRODUCT_NAME" envDefault:"Auth Service"`
	VerifyURL   string        `env:"EMAIL_VERIFY_URL"`
	ChangeURL   string        `env:"EMAIL_CHANGE_URL"`
	ResetURL    string        `env:"PASSWORD_RESET_URL"`
}

// HTTP is the address that the service listens on, and the clients it serves there.
type HTTP struct {
	Addr                string   `env:"HTTP_ADDR"`
	ListenPort          *int     `env:"PORT"`
	PublicURL           string   `env:"PUBLIC_URL"`
	PasswordChangeURL   string   `env:"PASSWORD_CHANGE_URL"`
	TrustedProxies      []string `env:"TRUSTED_PROXIES"`
	CORSAllowedOrigins  []string `env:"CORS_ALLOWED_ORIGINS"`
	ShutdownDelaySecs   int      `env:"SHUTDOWN_DELAY_SECONDS" envDefault:"0"`
	ShutdownTimeoutSecs int      `env:"SHUTDOWN_TIMEOUT_SECONDS" envDefault:"20"`
	DatabaseFailures    int      `env:"READINESS_DATABASE_FAILURES" envDefault:"3"`
	PprofAddr           string   `env:"PPROF_ADDR"`
}

// Accounts are the rules for addresses and passwords.
type Accounts struct {
	VerificationRequired bool      `env:"EMAIL_VERIFICATION_REQUIRED" envDefault:"true"`
	VerifyUnproven       string    `env:"EMAIL_VERIFY_UNPROVEN" envDefault:"keep"`
	NewDeviceMail        bool      `env:"NEW_DEVICE_MAIL" envDefault:"true"`
	UnconfirmedRetention Retention `env:"UNCONFIRMED_RETENTION_DAYS" envDefault:"30"`
	PasswordMinLength    int       `env:"PASSWORD_MIN_LENGTH" envDefault:"8"`
	BcryptCost           int       `env:"BCRYPT_COST" envDefault:"12"`
	HashWorkers          int       `env:"HASH_WORKERS"`
	HashQueue            int       `env:"HASH_QUEUE"`
}

// RateLimits are the quotas of requests, and where replicas share their counts.
type RateLimits struct {
	LoginAccountIP    domain.Quota        `env:"RATE_LIMIT_LOGIN_ACCOUNT_IP" envDefault:"10/1m"`
	LoginAccount      domain.Quota        `env:"RATE_LIMIT_LOGIN_ACCOUNT" envDefault:"60/1h"`
	LoginDevices      domain.Quota        `env:"RATE_LIMIT_LOGIN_DEVICES" envDefault:"20/1m"`
	LoginFailures     domain.FailureLimit `env:"LOGIN_FAILURES" envDefault:"100/24h"`
	LoginIP           domain.Quota        `env:"RATE_LIMIT_LOGIN_IP" envDefault:"60/1m"`
	RegisterIP        domain.Quota        `env:"RATE_LIMIT_REGISTER_IP" envDefault:"20/1h"`
	MailRecipient     domain.Quota        `env:"RATE_LIMIT_MAIL_RECIPIENT" envDefault:"5/1h"`
	ResetIP           domain.Quota        `env:"RATE_LIMIT_RESET_IP" envDefault:"20/1h"`
	TokenIP           domain.Quota        `env:"RATE_LIMIT_TOKEN_IP" envDefault:"30/1m"`
	RefreshSession    domain.Quota        `env:"RATE_LIMIT_REFRESH_SESSION" envDefault:"30/1m"`
	PasswordCheckUser domain.Quota        `env:"RATE_LIMIT_PASSWORD_CHECK_USER" envDefault:"10/1m"`
	ProfileUser       domain.Quota        `env:"RATE_LIMIT_PROFILE_USER" envDefault:"30/1m"`
	FactorAccount     domain.Quota        `env:"RATE_LIMIT_FACTOR_ACCOUNT" envDefault:"5/5m"`
	AdminWriteUser    domain.Quota        `env:"RATE_LIMIT_ADMIN_WRITE_USER" envDefault:"120/1m"`
	RedisURL          domain.Secret       `env:"REDIS_URL"`
}

// Audit is how long the audit log keeps events.
type Audit struct {
	RetentionDays int `env:"AUDIT_RETENTION_DAYS" envDefault:"90"`
}

// Retention returns how long the audit log keeps events.
func (a Audit) Retention() time.Duration { return days(a.RetentionDays) }

// Log is the level and the format of the log.
type Log struct {
	Level  string `env:"LOG_LEVEL" envDefault:"info"`
	Format string `env:"LOG_FORMAT"`
}

// Local lists the independent defaults that let the service run with nothing configured.
// PostgreSQL excludes all of them.
type Local struct {
	// Database: without DATABASE_URL, users are stored in ./data/.
	Database bool
	// Key: without JWT_SECRET_KEY, a key is generated beside the SQLite file.
	Key bool
	// Mailbox: without SMTP_HOST, mails are caught.
	Mailbox bool
	// DataKey: without DATA_ENCRYPTION_KEYS, a key is generated beside the SQLite file.
	DataKey bool
}

// Any reports whether at least one local default is in use that keeps the service out of
// production. DataKey is none: otherwise a service on SQLite with everything else
// configured would listen on loopback only after an upgrade.
func (l Local) Any() bool { return l.Database || l.Key || l.Mailbox }

// SessionLives returns the lives of sessions.
func (t Tokens) SessionLives() domain.SessionLives {
	return domain.SessionLives{
		Idle:     days(t.RefreshDays),
		Absolute: days(t.MaxLifetimeDays),
		Grace:    time.Duration(t.GraceSeconds) * time.Second,
		Unseen:   time.Duration(t.UnseenMinutes) * time.Minute,
	}
}

// clockLeeway is how far the clocks of two replicas may differ.
const clockLeeway = 30 * time.Second

// Rules returns the claims and lives of tokens.
func (t Tokens) Rules() domain.TokenRules {
	return domain.TokenRules{
		Issuer:     t.Issuer,
		Audience:   t.Audience,
		ClientID:   t.ClientID,
		AccessLife: time.Duration(t.AccessMinutes) * time.Minute,
		Leeway:     clockLeeway,
	}
}

// Claims returns the further claims of access tokens; none if the setting is refused.
func (t Tokens) Claims() domain.ClaimMap {
	claims, err := domain.ParseClaimMap(t.AccessClaims)
	if err != nil {
		return domain.ClaimMap{}
	}
	return claims
}

// Quotas returns the quota of every limit.
func (l RateLimits) Quotas() map[ports.Limit]domain.Quota {
	return map[ports.Limit]domain.Quota{
		ports.LimitLoginAccountIP:    l.LoginAccountIP,
		ports.LimitLoginAccount:      l.LoginAccount,
		ports.LimitLoginDevices:      l.LoginDevices,
		ports.LimitLoginIP:           l.LoginIP,
		ports.LimitRegisterIP:        l.RegisterIP,
		ports.LimitMailRecipient:     l.MailRecipient,
		ports.LimitResetIP:           l.ResetIP,
		ports.LimitTokenIP:           l.TokenIP,
		ports.LimitRefreshSession:    l.RefreshSession,
		ports.LimitPasswordCheckUser: l.PasswordCheckUser,
		ports.LimitProfileUser:       l.ProfileUser,
		ports.LimitFactorAccount:     l.FactorAccount,
		ports.LimitAdminWriteUser:    l.AdminWriteUser,
	}
}

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

// Links returns the settings for the texts of mails and the links in them.
func (c *Config) Links() smtp.Options {
	return smtp.Options{
		ProductName: c.Mail.ProductName,
		PublicURL:   c.HTTP.PublicURL,
		VerifyURL:   c.Mail.VerifyURL,
		ChangeURL:   c.Mail.ChangeURL,
		ResetURL:    c.Mail.ResetURL,
	}
}

// SMTP returns the settings for the mail server.
func (c *Config) SMTP() smtp.Config {
	return smtp.Config{
		Host:     c.Mail.Host,
		Port:     c.Mail.Port,
		Username: c.Mail.Username,
		Password: c.Mail.Password,
		TLS:      c.Mail.TLS,
		CAFile:   c.Mail.CAFile,
		From:     c.Mail.From,
		HELO:     c.Mail.HELO,
	}
}
