package application

import (
	"context"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// RequestPasswordReset sends a mail to choose a new password. Like
// RequestVerification it only stores the intent.
type RequestPasswordReset struct{ d Dependencies }

// NewRequestPasswordReset returns the use case.
func NewRequestPasswordReset(d Dependencies) *RequestPasswordReset { return &RequestPasswordReset{d} }

// Execute accepts the request. Errors: domain.ErrInvalidEmail,
// domain.ErrRateLimited.
func (uc *RequestPasswordReset) Execute(ctx context.Context, cmd ports.RequestPasswordResetCommand) (ports.None, error) {
	return ports.None{}, uc.d.requestMail(ctx, ports.JobResetRequest, domain.PurposeResetPassword, cmd.Email, cmd.Origin)
}
