package smtp

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

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
			err := send(t.Context(), s, mails(t)[0])
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
	require.NoError(t, send(t.Context(), s, mails(t)[0]))
	require.Equal(t, []string{"AUTH PLAIN AHNob3AAb3BlbiBzZXNhbWU="}, srv.commands("AUTH"))
	require.Len(t, srv.commands("TLS"), 1)
	require.Len(t, srv.content(), 1)

	refused := newServer(t, script{"AUTH": "535 5.7.8 bad login"}, "127.0.0.1")
	err := send(t.Context(), refused.sender(t, func(c *Config) { login(c); c.TLS, c.CAFile = StartTLS, refused.caFile }), mails(t)[0])
	require.ErrorContains(t, err, "535")
	require.NotErrorIs(t, err, ports.ErrMailRejected, "a wrong login can be mended")
	require.Empty(t, refused.content())
}

// F-A28: a server may offer a mechanism that it does not know; names ignore case; the
// error has what the server offered.
func TestSend_LogsInByWhatTheServerKnows(t *testing.T) {
	t.Parallel()
	const offers = "250-mx.example.com\r\n250-STARTTLS\r\n250 AUTH "
	for name, test := range map[string]struct {
		script script
		used   []string
		text   string
	}{
		"PLAIN is unknown":         {script{"EHLO": offers + "PLAIN LOGIN", "AUTH PLAIN": "504 5.5.4 unrecognized"}, []string{"PLAIN", "LOGIN"}, ""},
		"PLAIN is not implemented": {script{"EHLO": offers + "PLAIN LOGIN", "AUTH PLAIN": "502 no"}, []string{"PLAIN", "LOGIN"}, ""},
		"lower case":               {script{"EHLO": offers + "login"}, []string{"LOGIN"}, ""},
		"mixed case":               {script{"EHLO": offers + "Plain"}, []string{"PLAIN"}, ""},
		"a wrong password":         {script{"EHLO": offers + "PLAIN LOGIN", "AUTH": "535 5.7.8 bad login"}, []string{"PLAIN"}, "535 5.7.8 bad login"},
		"nothing is known":         {script{"EHLO": offers + "PLAIN LOGIN", "AUTH": "504 no"}, []string{"PLAIN", "LOGIN"}, "the server offers PLAIN LOGIN and then refuses PLAIN, LOGIN as unknown"},
		"unknown to us":            {script{"EHLO": offers + "GSSAPI XOAUTH2"}, nil, "the server offers GSSAPI XOAUTH2, none of which"},
		"no login":                 {script{"EHLO": "250-mx.example.com\r\n250 STARTTLS"}, nil, "offers no login"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := newServer(t, test.script, "127.0.0.1")
			s := srv.sender(t, func(c *Config) {
				c.TLS, c.CAFile, c.Username, c.Password = StartTLS, srv.caFile, "shop", domain.NewSecret("open sesame")
			})
			err := send(t.Context(), s, mails(t)[0])
			if test.text == "" {
				require.NoError(t, err)
				require.Len(t, srv.content(), 1)
			} else {
				require.ErrorContains(t, err, test.text)
				require.NotErrorIs(t, err, ports.ErrMailRejected, "a login can be mended")
				require.Empty(t, srv.content())
			}
			var used []string
			for _, line := range srv.commands("AUTH") {
				used = append(used, strings.Fields(line)[1])
			}
			require.Equal(t, test.used, used)
		})
	}
}

// F-A06: a server that does not greet may wait for TLS, or the other way round, and the
// error names both settings.
func TestSend_NamesPortAndTLSIfTheServerDoesNotGreet(t *testing.T) {
	t.Parallel()
	setting := func(field string) string { return "MY_" + field }
	for name, test := range map[string]struct {
		script script
		tls    string
	}{
		"it waits for TLS":       {script{"connect": hang}, StartTLS},
		"it hangs up":            {script{"connect": drop}, StartTLS},
		"it begins in the clear": {script{}, ImplicitTLS},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := newServer(t, test.script, "127.0.0.1")
			s, err := NewSender(Config{Host: "127.0.0.1", Port: srv.port, TLS: test.tls, From: "no-reply@example.com"}, newRenderer(t, options()), setting)
			require.NoError(t, err)
			s.timeout = time.Second
			require.ErrorContains(t, send(t.Context(), s, mails(t)[0]), "the server does not greet: MY_TLS may not fit MY_Port: 465 goes with tls")
		})
	}
	srv := newServer(t, script{"connect": "554 no service"}, "127.0.0.1")
	require.NotContains(t, send(t.Context(), srv.sender(t, plain), mails(t)[0]).Error(), "greet", "it does greet")
}

// F-A04, F-A05: IPv6 addresses, in brackets or not, and no port.
func TestSend_DialsIPv6(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"::1", "[::1]"} {
		srv := newServerAt(t, "[::1]:0", script{}, "::1")
		s := srv.sender(t, func(c *Config) { c.Host, c.TLS, c.CAFile = host, StartTLS, srv.caFile })
		require.NoError(t, send(t.Context(), s, mails(t)[0]), host)
		require.Len(t, srv.content(), 1)
	}
}

// F-A30: the service says the name that it is given, or the sender's domain.
func TestSend_SaysItsName(t *testing.T) {
	t.Parallel()
	for helo, want := range map[string]string{"": "EHLO example.com", "mail.example.org": "EHLO mail.example.org"} {
		srv := newServer(t, script{}, "127.0.0.1")
		require.NoError(t, send(t.Context(), srv.sender(t, func(c *Config) { c.HELO = helo }), mails(t)[0]))
		require.Equal(t, []string{want}, srv.commands("EHLO"))
	}
}
