package config

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/seed543b3b27/auth-service/adapters/database"
	"github.com/seed543b3b27/auth-service/domain"
)

// The database and the address of a service with nothing configured.
const (
	localDatabaseURL = "sqlite:data/auth.db"
	localHost        = "127.0.0.1"
	defaultPort      = 8000
)

// defaultMaxLifetimeDays is the longest life of a session in days, unless refresh
// tokens live longer.
const defaultMaxLifetimeDays = 30

// complete fills in the defaults that depend on other variables.
func (c *Config) complete() {
	if c.Database.URL.IsEmpty() {
		c.Local.Database = true
		c.Database.URL = domain.NewSecret(localDatabaseURL)
	}
	if !c.onPostgreSQL() {
		c.Local.Key = c.Tokens.SecretKey.IsEmpty()
		c.Local.DataKey = c.Database.EncryptionKeys.IsEmpty()
		c.Local.Mailbox = c.Mail.Host == ""
	}
	if c.Tokens.MaxLifetimeDays == 0 {
		c.Tokens.MaxLifetimeDays = max(defaultMaxLifetimeDays, c.Tokens.RefreshDays)
	}
	if c.HTTP.Addr == "" {
		c.HTTP.Addr = fmt.Sprintf(":%d", defaultPort)
		if c.Local.Any() {
			c.HTTP.Addr = fmt.Sprintf("%s:%d", localHost, defaultPort)
		}
	}
	if host, _, err := net.SplitHostPort(c.HTTP.Addr); err == nil && c.HTTP.ListenPort != nil && validPort(strconv.Itoa(*c.HTTP.ListenPort)) {
		c.HTTP.Addr = net.JoinHostPort(host, strconv.Itoa(*c.HTTP.ListenPort))
	}
	if c.HTTP.PublicURL == "" && !c.onPostgreSQL() {
		c.HTTP.PublicURL = LocalURL(c.Port())
	}
	c.HTTP.PublicURL = strings.TrimRight(c.HTTP.PublicURL, "/")
	if _, err := domain.ParseEmail(c.Mail.Username); c.Mail.From == "" && err == nil {
		c.Mail.From = c.Mail.Username
	}
	// Words of a fixed list ignore case.
	for _, word := range []*string{&c.Log.Level, &c.Log.Format, &c.Mail.TLS, &c.Accounts.VerifyUnproven} {
		*word = strings.ToLower(*word)
	}
	if c.Log.Format == "" {
		c.Log.Format = LogJSON
		if c.Local.Any() {
			c.Log.Format = LogText
		}
	}
}

// onPostgreSQL reports whether the database is PostgreSQL, as in production.
func (c *Config) onPostgreSQL() bool {
	source, err := database.ParseURL(c.Database.URL.Reveal())
	return err == nil && source.Dialect() == database.PostgreSQL
}
