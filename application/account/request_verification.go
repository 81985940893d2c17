package account

import (
	"context"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// RequestVerification sends the verification mail again. It only stores the intent,
// so that result and time are the same whether or not the address has an account.
type RequestVerification struct {
	p         Ports
	admission ports.Admission
}

// NewRequestVerification returns the use case.
func NewRequestVerification(p Ports, a ports.Admission) *RequestVerification {
	return &RequestVerification{p, a}
}

// Execute accepts the request. Errors: domain.ErrInvalidEmail,
// domain.ErrRateLimited, domain.ErrOverloaded.
func (uc *RequestVerification) Execute(ctx context.Context, cmd ports.RequestVerificationCommand) (ports.None, error) {
	return ports.None{}, kit.MailRequest{
		Mail: domain.MailVerifyEmail, Email: cmd.Email, Origin: cmd.Origin,
	}.Enqueue(ctx, uc.p, uc.admission)
}
