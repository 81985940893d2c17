package application

import (
	"context"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// RequestVerification sends the verification mail again. It only stores the
// intent, so that answer and time are the same whether the address has an
// account or not.
type RequestVerification struct{ d Dependencies }

// NewRequestVerification returns the use case.
func NewRequestVerification(d Dependencies) *RequestVerification { return &RequestVerification{d} }

// Execute accepts the request. Errors: domain.ErrInvalidEmail,
// domain.ErrRateLimited.
func (uc *RequestVerification) Execute(ctx context.Context, cmd ports.RequestVerificationCommand) (ports.None, error) {
	return ports.None{}, uc.d.requestMail(ctx, ports.JobVerificationRequest, domain.PurposeVerifyEmail, cmd.Email, cmd.Origin)
}

// requestMail stores the intent to mail a token to whoever has the address.
func (d Dependencies) requestMail(ctx context.Context, kind ports.MailJobKind, purpose domain.TokenPurpose, rawEmail string, o ports.Origin) error {
	email, err := domain.ParseEmail(rawEmail)
	if err != nil {
		return err
	}
	// The recipient counts whether or not the address has an account, so a
	// refusal tells nothing.
	if err := d.take(ctx, o, domain.UserID{},
		count{ports.LimitResetIP, o.Client.Network()},
		recipient(email, string(purpose))); err != nil {
		return err
	}
	now := d.Clock.Now()
	return d.Stores.Jobs.Enqueue(ctx, ports.MailJob{
		Kind:       kind,
		Email:      email.String(),
		AcceptedAt: now,
		ExpiresAt:  now.Add(purpose.Life()),
	})
}
