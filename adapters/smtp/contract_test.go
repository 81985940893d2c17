package smtp

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/contract"
	"github.com/seed543b3b27/auth-service/test/kit/mailpit"
)

func TestSender_KeepsTheContract(t *testing.T) {
	t.Parallel()
	contract.RunMailer(t, func(t testing.TB) contract.Mails {
		t.Helper()
		server := mailpit.Start(t)
		sender, err := NewSender(Config{Host: server.SMTPHost, Port: server.SMTPPort, TLS: NoTLS, From: "no-reply@example.com"}, newRenderer(t, options()), nil)
		require.NoError(t, err)
		return contract.Mails{Mailer: sender, Sent: func(t testing.TB, to string) []string {
			t.Helper()
			var texts []string
			for _, message := range server.Messages(t, to) {
				require.Equal(t, []string{to}, message.To)
				texts = append(texts, message.Text)
			}
			return texts
		}}
	})
	contract.RunRefusedMails(t, func(t testing.TB) ports.Mailer {
		t.Helper()
		return newServer(t, script{"RCPT": "550 5.1.1 unknown"}, "127.0.0.1").sender(t, plain)
	}, func(t testing.TB) ports.Mailer {
		t.Helper()
		return newServer(t, script{}, "127.0.0.1").sender(t, func(c *Config) { c.Port = 1 }) // no server there
	})
}

func TestMailbox_KeepsTheContract(t *testing.T) {
	t.Parallel()
	contract.RunMailer(t, func(t testing.TB) contract.Mails {
		t.Helper()
		box := NewMailbox(newRenderer(t, options()), nil)
		return contract.Mails{Mailer: box, Sent: func(_ testing.TB, to string) []string {
			var texts []string
			for _, mail := range slices.Backward(box.Mails()) {
				if mail.To == to {
					texts = append(texts, mail.Text)
				}
			}
			return texts
		}}
	})
}
