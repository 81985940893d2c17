package contract

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Mails is one mailer, and the means to read what it sent.
type Mails struct {
	Mailer ports.Mailer
	// Sent returns a text for each mail that reached an address, the oldest first. The
	// text contains the mail's token, if it has one.
	Sent func(t testing.TB, to string) []string
}

// RunMailer holds a mailer to the contract of ports.Mailer. fresh makes a mailer that
// has sent nothing; it is called once per test, from parallel tests, and cleans up by
// t.Cleanup.
func RunMailer(t *testing.T, fresh func(t testing.TB) Mails) {
	t.Helper()
	for name, test := range map[string]func(t *testing.T, m Mails){
		"SendsEachKindToItsRecipientOnly":   sendsEachKind,
		"SendsConcurrentMails":              sendsAtOnce,
		"RefusesIncompleteMails":            refusesNoMail,
		"SendsNothingWithACancelledContext": sendsNothingCancelled,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, fresh(t))
		})
	}
}

// RunRefusedMails holds mailers to the errors of ports.Mailer. The server of rejecting
// refuses the recipient permanently, the server of failing temporarily.
func RunRefusedMails(t *testing.T, rejecting, failing func(t testing.TB) ports.Mailer) {
	t.Helper()
	t.Run("ReportsAPermanentRefusal", func(t *testing.T) {
		t.Parallel()
		_, err := rejecting(t).Send(t.Context(), mails(t)[0])
		require.ErrorIs(t, err, ports.ErrMailRejected)
		var refusal *ports.MailRefusal
		require.ErrorAs(t, err, &refusal)
		assert.NotEmpty(t, refusal.Answer)
	})
	t.Run("ReportsATemporaryFailure", func(t *testing.T) {
		t.Parallel()
		_, err := failing(t).Send(t.Context(), mails(t)[0])
		require.Error(t, err)
		require.NotErrorIs(t, err, ports.ErrMailRejected)
	})
}

// mails returns a mail of each kind, each to an address of its own.
func mails(t testing.TB) []ports.Mail {
	t.Helper()
	var all []ports.Mail
	for _, kind := range []domain.MailKind{domain.MailVerifyEmail, domain.MailChangeEmail, domain.MailUndoEmail, domain.MailResetPassword, domain.MailInvitation} {
		all = append(all, ports.Mail{Kind: kind, TokenSecret: domain.NewSecret("token-of-" + string(kind)), ExpiresAt: time.Now().Add(24 * time.Hour)})
	}
	for _, kind := range []domain.MailKind{
		domain.MailPasswordChanged, domain.MailEmailTaken, domain.MailEmailChanging, domain.MailSessionReused, domain.MailLoginLocked, domain.MailEmailHeld, domain.MailEmailRestored,
		domain.MailEmailAssigned, domain.MailRoleChanged, domain.MailAccountDisabled, domain.MailAccountEnabled, domain.MailAccountDeleted, domain.MailAccountClosed, domain.MailNewDevice,
		domain.MailFactorAdded, domain.MailFactorRemoved, domain.MailRecoveryCodeUsed, domain.MailRecoveryCodesMade, domain.MailCodesLocked,
	} {
		all = append(all, ports.Mail{Kind: kind})
	}
	for i := range all {
		switch all[i].Kind {
		case domain.MailEmailChanging, domain.MailUndoEmail:
			all[i].NewEmail = email(t, "new@example.org")
		case domain.MailChangeEmail, domain.MailEmailRestored:
			all[i].Account = email(t, "account@example.org")
		case domain.MailRoleChanged:
			all[i].Role = domain.RoleAdmin
		default:
		}
	}
	for i := range all {
		all[i].To = email(t, string(all[i].Kind)+"+o'brien@example.com")
	}
	return all
}

func sendsEachKind(t *testing.T, m Mails) {
	for _, mail := range mails(t) {
		answer, err := m.Mailer.Send(t.Context(), mail)
		require.NoError(t, err, mail.Kind)
		assert.NotEmpty(t, answer)
	}
	for _, mail := range mails(t) {
		sent := m.Sent(t, mail.To.String())
		require.Len(t, sent, 1, mail.Kind)
		if mail.TokenSecret.IsEmpty() {
			assert.NotContains(t, sent[0], "token-of-")
		} else {
			assert.Contains(t, sent[0], mail.TokenSecret.Reveal())
		}
	}
	for _, other := range []string{"new@example.org", "account@example.org"} {
		assert.Empty(t, m.Sent(t, other), "a mail may name an address that it does not go to")
	}
}

func sendsAtOnce(t *testing.T, m Mails) {
	all := make([]ports.Mail, 20)
	for i := range all {
		all[i] = mails(t)[0]
		all[i].TokenSecret = domain.NewSecret(fmt.Sprintf("token-number-%02d", i))
	}
	for _, err := range race(len(all), func(i int) error {
		_, err := m.Mailer.Send(t.Context(), all[i])
		return err
	}) {
		require.NoError(t, err)
	}
	sent := m.Sent(t, all[0].To.String())
	require.Len(t, sent, len(all))
	for _, mail := range all {
		assert.Contains(t, fmt.Sprint(sent), mail.TokenSecret.Reveal())
	}
}

func refusesNoMail(t *testing.T, m Mails) {
	to := email(t, "ada@example.com")
	for name, mail := range map[string]ports.Mail{
		"an unknown kind":      {Kind: "newsletter", To: to},
		"no recipient":         {Kind: domain.MailPasswordChanged},
		"a link without token": {Kind: domain.MailVerifyEmail, To: to, ExpiresAt: time.Now().Add(time.Hour)},
		"no new address":       {Kind: domain.MailEmailChanging, To: to},
		"no account":           {Kind: domain.MailEmailRestored, To: to},
		"no role":              {Kind: domain.MailRoleChanged, To: to},
	} {
		_, err := m.Mailer.Send(t.Context(), mail)
		require.Error(t, err, name)
	}
	assert.Empty(t, m.Sent(t, to.String()))
}

func sendsNothingCancelled(t *testing.T, m Mails) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	mail := mails(t)[0]
	_, err := m.Mailer.Send(ctx, mail)
	require.ErrorIs(t, err, context.Canceled)
	assert.Empty(t, m.Sent(t, mail.To.String()))
}
