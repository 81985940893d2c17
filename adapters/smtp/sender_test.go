package smtp

import (
	"context"
	"errors"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/seed543b3b27/auth-service/domain"
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
		require.NoError(t, s.Send(t.Context(), m))
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

// only a 5xx answer about the recipient or the content is permanent.
func TestSend_DistinguishesPermanentFromTemporaryRefusals(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		script   script
		rejected bool
	}{
		"unknown recipient":          {script{"RCPT": "550 5.1.1 ann@example.com is unknown"}, true},
		"several lines":              {script{"RCPT": "550-no such\r\n550 user ann@example.com"}, true},
		"no data":                    {script{"DATA": "554 no valid recipients"}, true},
		"content refused":            {script{".": "554 5.7.1 spam for ann@example.com"}, true},
		"recipient busy":             {script{"RCPT": "450 4.2.0 ann@example.com is greylisted"}, false},
		"login missing":              {script{"RCPT": "530 5.7.0 log in first"}, false},
		"sender refused":             {script{"MAIL": "550 5.7.1 who are you"}, false},
		"content deferred":           {script{".": "451 later"}, false},
		"going down":                 {script{"RCPT": "421 going down"}, false},
		"going down at once":         {script{"connect": "421 going down"}, false},
		"unwelcome":                  {script{"connect": "554 no service"}, false},
		"EHLO and HELO refused":      {script{"EHLO": "550 no", "HELO": "550 no"}, false},
		"drop on connect":            {script{"connect": drop}, false},
		"drop on recipient":          {script{"RCPT": drop}, false},
		"drop after the final dot":   {script{".": drop}, false},
		"hang on connect":            {script{"connect": hang}, false},
		"hang on recipient":          {script{"RCPT": hang}, false},
		"hang after the final dot":   {script{".": hang}, false},
		"an answer that is none":     {script{"RCPT": "go away"}, false},
		"a reply line of a megabyte": {script{"RCPT": "250 " + strings.Repeat("x", 1<<20)}, false},
		"an endless greeting":        {script{"connect": pour}, false},
		"an endless answer":          {script{"RCPT": pour}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := newServer(t, test.script, "127.0.0.1")
			err := srv.sender(t, plain).Send(t.Context(), mails(t)[0])
			require.Error(t, err)
			require.Equal(t, test.rejected, errors.Is(err, ports.ErrMailRejected), err)
			require.NotContains(t, err.Error(), "ann", "errors are logged and never name the recipient")
			require.NotContains(t, err.Error(), secret)
			require.Less(t, len(err.Error()), 300)
		})
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
			require.NoError(t, srv.sender(t, plain).Send(t.Context(), mails(t)[0]))
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
			require.ErrorIs(t, s.Send(ctx, mails(t)[0]), context.DeadlineExceeded)
		})
	}
}

// with starttls and tls nothing is sent in clear text, even with an attacker in
// between.
func TestSend_SendsNothingInClear(t *testing.T) {
	t.Parallel()
	stripped := "250-mx.example.com\r\n250 AUTH PLAIN LOGIN"
	for name, test := range map[string]struct {
		script script
		host   string
		trust  bool
		tls    string
		text   string
	}{
		"stripped":             {script{"EHLO": stripped}, "127.0.0.1", true, StartTLS, "STARTTLS"},
		"refused":              {script{"STARTTLS": "454 not now"}, "127.0.0.1", true, StartTLS, "454"},
		"unknown authority":    {script{}, "127.0.0.1", false, StartTLS, "certificate"},
		"another host":         {script{}, "mx.example.org", true, StartTLS, "certificate"},
		"by default":           {script{"EHLO": stripped}, "127.0.0.1", true, "", "STARTTLS"},
		"no TLS where implied": {script{}, "127.0.0.1", true, ImplicitTLS, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := newServer(t, test.script, test.host)
			s := srv.sender(t, func(c *Config) {
				c.TLS, c.Username, c.Password = test.tls, "shop", domain.NewSecret("open sesame")
				if test.trust {
					c.CAFile = srv.caFile
				}
			})
			err := s.Send(t.Context(), mails(t)[0])
			require.ErrorContains(t, err, test.text)
			require.NotErrorIs(t, err, ports.ErrMailRejected)
			for _, word := range []string{"AUTH", "MAIL", "RCPT", "DATA", "TLS"} {
				require.Empty(t, srv.commands(word), word)
			}
			require.Empty(t, srv.content())
		})
	}
}

func TestSend_LogsInInsideTLSOnly(t *testing.T) {
	t.Parallel()
	login := func(c *Config) { c.Username, c.Password = "shop", domain.NewSecret("open sesame") }
	srv := newServer(t, script{}, "127.0.0.1")
	s := srv.sender(t, func(c *Config) { login(c); c.TLS, c.CAFile = StartTLS, srv.caFile })
	require.NoError(t, s.Send(t.Context(), mails(t)[0]))
	require.Equal(t, []string{"AUTH PLAIN AHNob3AAb3BlbiBzZXNhbWU="}, srv.commands("AUTH"))
	require.Len(t, srv.commands("TLS"), 1)
	require.Len(t, srv.content(), 1)

	refused := newServer(t, script{"AUTH": "535 5.7.8 bad login"}, "127.0.0.1")
	err := refused.sender(t, func(c *Config) { login(c); c.TLS, c.CAFile = StartTLS, refused.caFile }).Send(t.Context(), mails(t)[0])
	require.ErrorContains(t, err, "535")
	require.NotErrorIs(t, err, ports.ErrMailRejected, "a wrong login can be mended")
	require.Empty(t, refused.content())
}

func TestConfig_ReportsEveryProblemByFieldAndNeverAValue(t *testing.T) {
	t.Parallel()
	bad := Config{
		Host: "smtp://value.example.com", Port: 99999, Username: "value", TLS: "value",
		CAFile: "/nowhere/value", From: "value",
	}
	problems := bad.Validate()
	require.Len(t, problems, 6)
	for i, field := range []string{"Host", "Port", "TLS", "Password", "CAFile", "From"} {
		require.Equal(t, field, problems[i].Field)
		require.True(t, strings.HasPrefix(problems[i].Error(), field+" "), problems[i])
		require.NotContains(t, problems[i].Error(), "value")
	}
	_, err := NewSender(bad, newRenderer(t, options()))
	require.Error(t, err)

	good := Config{Host: "smtp.example.com", Port: 587, From: "Shop <no-reply@example.com>"}
	require.Empty(t, good.Validate())
	for _, from := range []string{"", "Shop", "a@b", `"a@evil> ORCPT=x"@example.com`, "a@example.com, b@example.com", "Shop <no-reply@exämple.com>", "a@example.com\r\nBcc: b@example.com"} {
		c := good
		c.From = from
		require.Len(t, c.Validate(), 1, from)
	}
	alone := good
	alone.Password = domain.NewSecret("value")
	require.Len(t, alone.Validate(), 1)
}
