package password

import (
	"context"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// RequestPasswordReset sends a mail to choose a new password. It only stores the
// intent, so that result and time are the same whether or not the address has an
// account.
type RequestPasswordReset struct {
	p         Ports
	admission ports.Admission
}

// NewRequestPasswordReset returns the use case.
func NewRequestPasswordReset(p Ports, a ports.Admission) *RequestPasswordReset {
	return &RequestPasswordReset{p, a}
}

// Execute accepts the request. Errors: domain.ErrInvalidEmail,
// domain.ErrRateLimited, domain.ErrOverloaded.
func (uc *RequestPasswordReset) Execute(ctx context.Context, cmd ports.RequestPasswordResetCommand) (ports.None, error) {
	return ports.None{}, kit.MailRequest{
		Mail: domain.MailResetPassword, Email: cmd.Email, Origin: cmd.Origin,
	}.Enqueue(ctx, uc.p, uc.admission)
}
