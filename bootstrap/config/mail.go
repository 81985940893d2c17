package config

import "github.com/seed543b3b27/auth-service/adapters/smtp"

// Links returns the settings for the texts of mails and the links in them.
func (c *Config) Links() smtp.Options {
	return smtp.Options{
		ProductName: c.Mail.ProductName,
		PublicURL:   c.HTTP.PublicURL,
		VerifyURL:   c.Mail.VerifyURL,
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
	}
}
