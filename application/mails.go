package application

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// mailToken stores a token and the intent to mail it. Its secret is made when
// the mail is sent.
func mailToken(ctx context.Context, r ports.Repositories, token *domain.Token, acceptedAt time.Time) error {
	if err := r.Tokens.Add(ctx, token); err != nil {
		return err
	}
	return r.Jobs.Enqueue(ctx, ports.MailJob{
		Kind:       ports.JobTokenMail,
		Use:        token.Purpose().Use(),
		TokenID:    token.ID(),
		AcceptedAt: acceptedAt,
		ExpiresAt:  token.ExpiresAt(),
	})
}

// notify stores the intent to tell a user what happened.
func notify(ctx context.Context, r ports.Repositories, id domain.UserID, notice ports.MailKind, now time.Time) error {
	return r.Jobs.Enqueue(ctx, ports.MailJob{
		Kind:       ports.JobNotice,
		UserID:     id,
		Notice:     notice,
		AcceptedAt: now,
		ExpiresAt:  now.Add(ports.NoticeLife),
	})
}
