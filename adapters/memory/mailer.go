package memory

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Mailer keeps mails as data instead of rendering and sending them.
type Mailer struct {
	mu      sync.Mutex
	mails   []ports.Mail
	failure error
}

var _ ports.Mailer = (*Mailer)(nil)

// NewMailer returns a mailer that has sent nothing.
func NewMailer() *Mailer { return &Mailer{} }

// Send keeps the mail. Errors: the error that was set by Fail; a mail that could not
// be rendered, because its kind is unknown or a field is missing.
func (m *Mailer) Send(ctx context.Context, mail ports.Mail) (answer string, err error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if err := complete(mail); err != nil {
		return "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.failure != nil {
		return "", m.failure
	}
	m.mails = append(m.mails, mail)
	return "250 kept in memory", nil
}

// Fail makes Send fail with err until Fail is called with nil. An err that wraps
// ports.ErrMailRejected is a permanent refusal; a *ports.MailRefusal has the server's words.
func (m *Mailer) Fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failure = err
}

// Last returns the newest mail to an address in its canonical form. ok is false if
// there is no mail to it.
func (m *Mailer) Last(to string) (mail ports.Mail, ok bool) {
	for _, mail := range slices.Backward(m.All()) {
		if mail.To.String() == to {
			return mail, true
		}
	}
	return ports.Mail{}, false
}

// All returns every mail, the oldest first.
func (m *Mailer) All() []ports.Mail {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.mails)
}

// complete checks that a mail has every field of its kind. Errors: an unknown kind,
// or a missing field.
func complete(mail ports.Mail) error {
	missing := ""
	switch mail.Kind {
	case domain.MailVerifyEmail, domain.MailChangeEmail, domain.MailResetPassword, domain.MailInvitation, domain.MailUndoEmail:
		if mail.TokenSecret.IsEmpty() {
			missing = "a token"
		}
	case domain.MailEmailChanging, domain.MailPasswordChanged, domain.MailEmailTaken, domain.MailSessionReused, domain.MailLoginLocked, domain.MailEmailHeld, domain.MailEmailRestored,
		domain.MailEmailAssigned, domain.MailRoleChanged, domain.MailAccountDisabled, domain.MailAccountEnabled, domain.MailAccountDeleted, domain.MailAccountClosed, domain.MailNewDevice,
		domain.MailFactorAdded, domain.MailFactorRemoved, domain.MailRecoveryCodeUsed, domain.MailRecoveryCodesMade, domain.MailCodesLocked:
	default:
		return fmt.Errorf("memory: unknown kind of mail %q", mail.Kind)
	}
	switch {
	case mail.NewEmail.IsZero() && (mail.Kind == domain.MailEmailChanging || mail.Kind == domain.MailUndoEmail):
		missing = "the new address"
	case mail.Account.IsZero() && (mail.Kind == domain.MailChangeEmail || mail.Kind == domain.MailEmailRestored):
		missing = "the address of the account"
	case mail.Role == "" && mail.Kind == domain.MailRoleChanged:
		missing = "the role"
	}
	if mail.To.IsZero() {
		missing = "a recipient"
	}
	if missing != "" {
		return fmt.Errorf("memory: a %s mail needs %s", mail.Kind, missing)
	}
	return nil
}
