package smtp

import (
	"context"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"go.uber.org/goleak"

	"github.com/seed543b3b27/auth-service/ports"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// S-50, T-17, V-31: one unchanged recipient, and only the intended headers.
func TestSend_NamesOneUnchangedRecipient(t *testing.T) {
	t.Parallel()
	srv := newServer(t, script{}, "127.0.0.1")
	s := srv.sender(t, plain)
	addresses := []string{
		"ann@example.com",
		"o'brien+tag/x=y{z}!#$%&*?^_`|~@example.com",
		strings.Repeat("l", 64) + "@" + strings.Repeat(strings.Repeat("d", 61)+".", 3) + "com",
	}
	for i, to := range addresses {
		m := mails(t)[i]
		m.To = email(t, to)
		require.NoError(t, send(t.Context(), s, m))
	}
	require.Len(t, srv.content(), len(addresses))
	seen := map[string]bool{}
	for i, to := range addresses {
		require.Equal(t, "RCPT TO:<"+to+">", srv.commands("RCPT")[i])
		require.Equal(t, "MAIL FROM:<no-reply@example.com> BODY=8BITMIME", srv.commands("MAIL")[i])
		got, err := mail.ReadMessage(strings.NewReader(srv.content()[i]))
		require.NoError(t, err)
		require.Contains(t, got.Header.Get("To"), to)
		require.Equal(t, `"Example Shop" <no-reply@example.com>`, got.Header.Get("From"))
		require.Equal(t, "auto-generated", got.Header.Get("Auto-Submitted"))
		date, err := got.Header.Date()
		require.NoError(t, err)
		require.True(t, noon.now.Equal(date))
		id := got.Header.Get("Message-ID")
		require.Regexp(t, `^<[A-Z2-7]{26}@example\.com>$`, id)
		require.False(t, seen[id], "each mail has an id of its own")
		seen[id] = true
		for _, none := range []string{"Cc", "Bcc", "X-Mailer", "User-Agent"} {
			require.Empty(t, got.Header.Get(none), none)
		}
	}
}

// a mail that the server has accepted counts as sent, or it would be sent
// twice.
func TestSend_IsASuccessOnceTheServerHasAccepted(t *testing.T) {
	t.Parallel()
	for _, end := range []string{drop, hang, "421 too late", "500 what", pour} {
		t.Run(end, func(t *testing.T) {
			t.Parallel()
			srv := newServer(t, script{"QUIT": end, "RSET": end, "NOOP": end}, "127.0.0.1")
			require.NoError(t, send(t.Context(), srv.sender(t, plain), mails(t)[0]))
			require.Len(t, srv.content(), 1)
		})
	}
}

func TestSend_EndsWithItsContext(t *testing.T) {
	t.Parallel()
	for _, step := range []string{"connect", "EHLO", "RCPT", "."} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			srv := newServer(t, script{step: hang}, "127.0.0.1")
			s := srv.sender(t, plain)
			s.timeout = time.Hour
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			require.ErrorIs(t, send(ctx, s, mails(t)[0]), context.DeadlineExceeded)
		})
	}
}

// F-A21: services that send for others are asked not to rewrite one-time links.
func TestSend_AsksMailServicesToLeaveLinksAlone(t *testing.T) {
	t.Parallel()
	srv := newServer(t, script{}, "127.0.0.1")
	require.NoError(t, send(t.Context(), srv.sender(t, plain), mails(t)[0]))
	got, err := mail.ReadMessage(strings.NewReader(srv.content()[0]))
	require.NoError(t, err)
	for name, want := range map[string]string{
		"X-PM-TrackLinks": "None", "X-Mailgun-Track-Clicks": "no", "X-MC-Track": "none",
		"X-SMTPAPI": `{"filters":{"clicktrack":{"settings":{"enable":0,"enable_text":false}}}}`,
	} {
		require.Equal(t, want, got.Header.Get(name), name)
	}
	rendered, err := newRenderer(t, options()).Render(mails(t)[0])
	require.NoError(t, err)
	require.Positive(t, strings.Count(rendered.HTML, "<a "))
	require.Equal(t, strings.Count(rendered.HTML, "<a "), strings.Count(rendered.HTML, "<a ses:no-track "))
}

// send sends a mail, and returns the error alone.
func send(ctx context.Context, m ports.Mailer, mail ports.Mail) error {
	_, err := m.Send(ctx, mail)
	return err
}
