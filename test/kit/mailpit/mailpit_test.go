package mailpit_test

import (
	"net"
	"net/smtp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/mailpit"
)

func TestServer_ReturnsTheSentMails(t *testing.T) {
	t.Parallel()
	server := mailpit.Start(t)
	address := net.JoinHostPort(server.SMTPHost, strconv.Itoa(server.SMTPPort))
	content := "From: Shop <shop@example.com>\r\nTo: ann@example.com\r\nSubject: Hello\r\n\r\nHow are you?\r\n"
	require.NoError(t, smtp.SendMail(address, nil, "shop@example.com", []string{"ann@example.com", "hidden@example.com"}, []byte(content)))

	got := server.Await(t, "Ann@Example.com", 1)
	require.Len(t, got, 1)
	require.Equal(t, []string{"ann@example.com", "hidden@example.com"}, got[0].To)
	require.Equal(t, "Hello", got[0].Subject)
	require.Contains(t, got[0].From, "<shop@example.com>")
	require.Contains(t, got[0].Text, "How are you?")
	require.Contains(t, got[0].Raw, content)
	require.Empty(t, server.Messages(t, "nobody@example.com"))
}

func TestServer_RequiresTheConfiguredLogin(t *testing.T) {
	t.Parallel()
	server := mailpit.Start(t, mailpit.WithLogin("shop", "open sesame"))
	address := net.JoinHostPort(server.SMTPHost, strconv.Itoa(server.SMTPPort))
	send := func(auth smtp.Auth) error {
		return smtp.SendMail(address, auth, "shop@example.com", []string{"ann@example.com"}, []byte("Subject: Hello\r\n\r\n"))
	}
	require.Error(t, send(nil))
	require.Error(t, send(smtp.PlainAuth("", "shop", "wrong", server.SMTPHost)))
	require.NoError(t, send(smtp.PlainAuth("", "shop", "open sesame", server.SMTPHost)))
	require.Len(t, server.Await(t, "ann@example.com", 1), 1)
}
