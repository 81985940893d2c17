package smtp

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

func withLogin(c *Config) { c.Username, c.Password = "shop", domain.NewSecret("open sesame") }

func TestDescribe_SaysWhatTheServerAnswered(t *testing.T) {
	t.Parallel()
	srv := newServer(t, script{}, "127.0.0.1")
	d, err := srv.sender(t, withLogin).Describe(t.Context())
	require.NoError(t, err)
	require.Equal(t, Description{Greeting: "220 mx.example.com ESMTP", Transport: "not encrypted", Login: "PLAIN"}, d)
	require.Empty(t, srv.commands("MAIL"), "no mail is sent")

	d, err = srv.sender(t, func(c *Config) { c.TLS, c.CAFile = StartTLS, srv.caFile }).Describe(t.Context())
	require.NoError(t, err)
	require.Equal(t, Description{Greeting: "220 mx.example.com ESMTP", Transport: "TLS 1.3, certificate verified"}, d)
}

func TestDescribe_NamesTheStepThatFailed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		script   script
		says     string
		greeting string
	}{
		"refuses":       {script{"connect": "554 no access for ann@example.com"}, "the server refuses the connection: it answered 554 no access for", ""},
		"busy":          {script{"connect": "421 try again"}, "it answered 421 try again", ""},
		"other":         {script{"connect": "HTTP/1.1 400 Bad Request"}, "does not speak SMTP", ""},
		"ends":          {script{"connect": drop}, "the server does not greet", ""},
		"hangs":         {script{"connect": hang}, "the server does not greet", ""},
		"pours":         {script{"connect": pour}, "does not speak SMTP", ""},
		"denies EHLO":   {script{"EHLO": "502 no", "HELO": "502 no"}, "502 no", "220 mx.example.com ESMTP"},
		"denies logins": {script{"AUTH": "535 5.7.8 wrong"}, "535 5.7.8 wrong", "220 mx.example.com ESMTP"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := newServer(t, c.script, "127.0.0.1").sender(t, withLogin).Describe(t.Context())
			require.ErrorContains(t, err, c.says)
			require.NotContains(t, err.Error(), "ann@")
			require.NotContains(t, err.Error(), "sesame")
			require.Equal(t, c.greeting, d.Greeting)
			require.Empty(t, d.Login)
		})
	}
}

func TestSendTest_ReturnsTheAnswer(t *testing.T) {
	t.Parallel()
	srv := newServer(t, script{".": "250 2.0.0 Ok: queued as 4F1Z for ann@example.com"}, "127.0.0.1")
	answer, err := srv.sender(t, plain).SendTest(t.Context(), email(t, "ann@example.com"))
	require.NoError(t, err)
	require.Equal(t, "250 2.0.0 Ok: queued as 4F1Z for", answer)
	require.Len(t, srv.content(), 1)
	srv.answers("RCPT", "550 5.1.1 no such user")
	_, err = srv.sender(t, plain).SendTest(t.Context(), email(t, "ann@example.com"))
	require.ErrorContains(t, err, "550 5.1.1 no such user")
}
