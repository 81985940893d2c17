package service

import (
	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// DefaultSettings returns the settings of a service with nothing configured.
func DefaultSettings() assembly.Settings {
	return settings(config.Default())
}

// DefaultQuotas returns the rate limits of a service with nothing configured.
func DefaultQuotas() map[ports.Limit]domain.Quota {
	return config.Default().RateLimits.Quotas()
}

// settings returns the settings of the use cases.
func settings(c config.Config) assembly.Settings {
	return assembly.Settings{
		EmailVerificationRequired: c.Accounts.VerificationRequired,
		EmailVerifyUnproven:       domain.Unproven(c.Accounts.VerifyUnproven),
		PasswordPolicy: domain.PasswordPolicy{
			MinLength:   c.Accounts.PasswordMinLength,
			ServiceName: c.Mail.ProductName,
		},
		SessionLives:         c.Tokens.SessionLives(),
		TokenRules:           c.Tokens.Rules(),
		MaxSessionsPerUser:   c.Tokens.MaxSessionsPerUser,
		AuditRetention:       c.Audit.Retention(),
		UnconfirmedRetention: c.Accounts.UnconfirmedRetention.Duration(),
		LoginFailures:        c.RateLimits.LoginFailures,
		AccessTokenClaims:    c.Tokens.Claims(),
		NewDeviceMail:        c.Accounts.NewDeviceMail,
		Product:              c.Mail.ProductName,
	}
}
