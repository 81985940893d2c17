package smtp

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/test/kit/mailpit"
)

// A real mail server gets every mail as it was rendered, in each TLS mode.
func TestSend_ReachesARealServer(t *testing.T) {
	t.Parallel()
	const username, password = "shop", "open sesame"
	for mode, setup := range map[string][]mailpit.Option{
		StartTLS:    {mailpit.WithSTARTTLS(), mailpit.WithLogin(username, password)},
		ImplicitTLS: {mailpit.WithImplicitTLS(), mailpit.WithLogin(username, password)},
		NoTLS:       {},
	} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			server := mailpit.Start(t, setup...)
			config := Config{
				Host: server.SMTPHost, Port: server.SMTPPort, TLS: mode, CAFile: server.CAFile,
				From: "Grüße aus dem Shop <no-reply@example.com>",
			}
			if len(setup) > 0 {
				config.Username, config.Password = username, domain.NewSecret(password)
			}
			r := newRenderer(t, options())
			s, err := NewSender(config, r, nil)
			require.NoError(t, err)
			for _, mail := range mails(t) {
				mail.To = email(t, string(mail.Kind)+"+o'brien@example.com")
				want, err := r.Render(mail)
				require.NoError(t, err)
				require.NoError(t, send(t.Context(), s, mail))
				got := server.Await(t, mail.To.String(), 1)
				require.Len(t, got, 1)
				require.Equal(t, []string{mail.To.String()}, got[0].To)
				require.Equal(t, want.Subject, got[0].Subject)
				require.Equal(t, want.Text, strings.ReplaceAll(got[0].Text, "\r\n", "\n"))
				require.Equal(t, want.HTML, strings.ReplaceAll(got[0].HTML, "\r\n", "\n"))
				require.Contains(t, got[0].From, "<no-reply@example.com>")
				require.Contains(t, got[0].Raw, "Auto-Submitted: auto-generated\r\n")
			}
		})
	}
}

// A failed login sends nothing.
func TestSend_NeedsTheRightLogin(t *testing.T) {
	t.Parallel()
	server := mailpit.Start(t, mailpit.WithSTARTTLS(), mailpit.WithLogin("shop", "open sesame"))
	s, err := NewSender(Config{
		Host: server.SMTPHost, Port: server.SMTPPort, TLS: StartTLS, CAFile: server.CAFile,
		Username: "shop", Password: domain.NewSecret("wrong"), From: "no-reply@example.com",
	}, newRenderer(t, options()), nil)
	require.NoError(t, err)
	err = send(t.Context(), s, mails(t)[0])
	require.ErrorContains(t, err, "535")
	require.NotContains(t, err.Error(), "wrong")
	require.Empty(t, server.Messages(t, "ann@example.com"))
}
