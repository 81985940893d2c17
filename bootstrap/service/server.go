package service

import (
	"log/slog"

	"go.uber.org/fx"

	"github.com/seed543b3b27/auth-service/adapters/httpapi"
	"github.com/seed543b3b27/auth-service/adapters/tokens"
	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/ports"
)

// visible lists the parts of the service that HTTP shows.
type visible struct {
	fx.In

	Ready   *readiness
	Mails   caught
	Signer  *tokens.Signer
	Numbers measured
	Spans   traces
}

func newServer(cfg config.Config, useCases ports.UseCases, v visible, logger *slog.Logger) (*httpapi.Server, error) {
	proxies, err := httpapi.ParseProxies(cfg.HTTP.TrustedProxies)
	if err != nil {
		return nil, config.ProblemWith("TRUSTED_PROXIES", err)
	}
	origins, err := httpapi.ParseOrigins(cfg.HTTP.CORSAllowedOrigins)
	if err != nil {
		return nil, config.ProblemWith("CORS_ALLOWED_ORIGINS", err)
	}
	return httpapi.New(httpapi.Config{
		PublicURL:          cfg.HTTP.PublicURL,
		TrustedProxies:     proxies,
		CORSAllowedOrigins: origins,
		PasswordMinLength:  cfg.Accounts.PasswordMinLength,
		PasswordChangeURL:  cfg.HTTP.PasswordChangeURL,
		Claims:             cfg.Tokens.Claims(),
		ProductName:        cfg.Mail.ProductName,
		JWKS:               v.Signer.JWKS(),
		Mailbox:            v.Mails.box,
		MailboxKey:         v.Mails.key,
		Checks:             v.Ready.checks(),
		Collectors:         v.Numbers.collectors(),
		Tracing:            v.Spans.provider(),
		Logger:             logger,
	}, useCases)
}
