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

// only an answer that denies the recipient's address is permanent.
func TestSend_DistinguishesPermanentFromTemporaryRefusals(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		script   script
		rejected bool
	}{
		"unknown recipient":          {script{"RCPT": "550 5.1.1 ann@example.com is unknown"}, true},
		"bad syntax":                 {script{"RCPT": "501 5.1.3 Bad recipient address syntax"}, true},
		"takes no mail":              {script{"RCPT": "556 5.1.10 Recipient address has null MX"}, true},
		"after the content":          {script{".": "550 5.1.1 User unknown"}, true},
		"several lines":              {script{"RCPT": "550-no such\r\n550 user ann@example.com"}, true},
		"no enhanced code":           {script{"RCPT": "550 No such user here"}, true},
		"no enhanced code either":    {script{"RCPT": "550 <ann@example.com>: Recipient address unknown"}, true},
		"unknown sender":             {script{"RCPT": "550 Sender address unknown"}, false},
		"no data":                    {script{"DATA": "554 no valid recipients"}, false},
		"content refused":            {script{".": "554 5.7.1 spam for ann@example.com"}, false},
		"full mailbox":               {script{"RCPT": "552 5.2.2 Mailbox full"}, false},
		"recipient busy":             {script{"RCPT": "450 4.2.0 ann@example.com is greylisted"}, false},
		"unknown for now":            {script{"RCPT": "450 4.1.1 User unknown in local table"}, false},
		"login missing":              {script{"RCPT": "530 5.7.0 log in first"}, false},
		"sender refused":             {script{"MAIL": "550 5.7.1 who are you"}, false},
		"sender unknown":             {script{"MAIL": "550 5.1.1 who are you"}, false},
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

// F-A01, F-A02: what the operator has to mend, and what passes by itself, waits, and the
// error has the server's words.
func TestSend_KeepsMailsThatTheOperatorOrTimeCanSave(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{
		"554 5.7.1 Relay access denied",
		"550 Relaying to the unknown user denied",
		"550 5.7.60 SMTP; Client does not have permissions to send as this sender",
		"550 5.7.1 Helo command rejected: need fully-qualified hostname",
		"550 5.4.5 Daily user sending quota exceeded",
		"554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException",
		"550 5.1.90 Your message can't be sent because you've reached your daily limit",
		"552 5.2.2 The mailbox is over its quota",
		"550 5.2.1 The user is receiving mail too quickly",
		"550 5.1.0 Address rejected",
		"550 5.1.8 Sender unknown",
		"550 Mailbox unavailable",
	} {
		for _, step := range []string{"MAIL", "RCPT", "DATA", "."} {
			srv := newServer(t, script{step: answer}, "127.0.0.1")
			err := srv.sender(t, plain).Send(t.Context(), mails(t)[0])
			require.NotErrorIs(t, err, ports.ErrMailRejected, "%s after %s", answer, step)
			var refusal *ports.MailRefusal
			require.ErrorAs(t, err, &refusal, "%s after %s", answer, step)
			require.Equal(t, answer[:3], refusal.Answer[:3])
			require.Contains(t, answer+" ", refusal.Answer[:min(len(refusal.Answer), 12)])
		}
	}
}

// F-A02: a server that denies one recipient after the other does not mean them: they
// wait until it has accepted a mail.
func TestSend_ManyDeniedRecipientsInARowAreNotMeant(t *testing.T) {
	t.Parallel()
	srv := newServer(t, script{"RCPT": "550 5.1.1 User unknown"}, "127.0.0.1")
	s := srv.sender(t, plain)
	send := func(to string) error {
		m := mails(t)[0]
		m.To = email(t, to)
		return s.Send(t.Context(), m)
	}
	require.ErrorIs(t, send("first@example.com"), ports.ErrMailRejected)
	require.ErrorIs(t, send("first@example.com"), ports.ErrMailRejected, "the same again")
	for range 2 {
		for _, to := range []string{"second@example.com", "third@example.com", "first@example.com"} {
			err := send(to)
			require.NotErrorIs(t, err, ports.ErrMailRejected, to)
			var refusal *ports.MailRefusal
			require.ErrorAs(t, err, &refusal)
		}
	}
	srv.answers("RCPT", "250 fine")
	require.NoError(t, send("third@example.com"))
	srv.answers("RCPT", "550 5.1.1 User unknown")
	require.ErrorIs(t, send("second@example.com"), ports.ErrMailRejected)
}

// F-A01: what waits is counted, with the server's last words until it accepts a mail.
func TestSender_CountsRefusals(t *testing.T) {
	t.Parallel()
	srv := newServer(t, script{"RCPT": "554 5.7.1 Relay access denied for 192.0.2.9 (id 4711) ann@example.com"}, "127.0.0.1")
	s := srv.sender(t, plain)
	refused := func(total uint64, last string) {
		t.Helper()
		gotTotal, gotLast := s.Refused()
		require.Equal(t, total, gotTotal)
		require.Equal(t, last, gotLast)
	}
	refused(0, "")
	for range 2 {
		require.Error(t, s.Send(t.Context(), mails(t)[0]))
	}
	refused(2, "554 5.7.1 Relay access denied for (id")
	srv.answers("RCPT", "450 4.2.0 later")
	require.Error(t, s.Send(t.Context(), mails(t)[0]))
	refused(2, "554 5.7.1 Relay access denied for (id")
	srv.answers("RCPT", "250 fine")
	require.NoError(t, s.Send(t.Context(), mails(t)[0]))
	refused(2, "")
	srv.answers("RCPT", "550 5.1.1 User unknown")
	require.ErrorIs(t, s.Send(t.Context(), mails(t)[0]), ports.ErrMailRejected)
	refused(2, "")
}

// F-A01: the server's words are quoted without those that may name a person or a link.
func TestPlainWords_LeaveOutWhatMayNameAPerson(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"5.1.1 <ann@example.com>: user ANN unknown":                          "5.1.1 user unknown",
		"see https://help.example.com/?p=1 or id " + strings.Repeat("x", 41): "see or id",
		"two\nlines\r\nand\x00 \x1b[31mred":                                  "two lines and [31mred",
		"the anniversary of (ann)":                                           "the of",
		strings.Repeat("long ", 100):                                         strings.TrimSpace(strings.Repeat("long ", maxWords/5)),
	} {
		require.Equal(t, want, plainWords(text, "ann@example.com"), text)
	}
	require.Equal(t, "a sad tale", plainWords("a sad tale", "xy@example.com"))
	require.Equal(t, "sad tale", plainWords("a sad tale", "a@example.com"), "a short name is a word of its own")
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
			err := s.Send(t.Context(), mails(t)[0])
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
			require.ErrorContains(t, s.Send(t.Context(), mails(t)[0]), "the server does not greet: MY_TLS may not fit MY_Port: 465 goes with tls")
		})
	}
	srv := newServer(t, script{"connect": "554 no service"}, "127.0.0.1")
	require.NotContains(t, srv.sender(t, plain).Send(t.Context(), mails(t)[0]).Error(), "greet", "it does greet")
}

// F-A04, F-A05: IPv6 addresses, in brackets or not, and no port.
func TestSend_DialsIPv6(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"::1", "[::1]"} {
		srv := newServerAt(t, "[::1]:0", script{}, "::1")
		s := srv.sender(t, func(c *Config) { c.Host, c.TLS, c.CAFile = host, StartTLS, srv.caFile })
		require.NoError(t, s.Send(t.Context(), mails(t)[0]), host)
		require.Len(t, srv.content(), 1)
	}
}

// F-A04, F-A05, F-A30.
func TestConfig_ChecksHostAndHELO(t *testing.T) {
	t.Parallel()
	config := func(host, helo string) Config {
		return Config{Host: host, Port: 587, From: "no-reply@example.com", HELO: helo}
	}
	for _, host := range []string{"smtp.example.com", "mail", "192.0.2.1", "::1", "[::1]", "2001:db8::25", "_smtp.example.com"} {
		require.Empty(t, config(host, "").Validate(), host)
	}
	for _, host := range []string{"smtp.example.com:587", "[::1]:587", "192.0.2.1:25"} {
		problems := config(host, "").Validate()
		require.Len(t, problems, 1, host)
		require.Equal(t, "Host must not hold a port; set Port to it", problems[0].Error())
	}
	for _, host := range []string{"", "smtp://smtp.example.com", "smtp.example.com:", "smtp.example.com:smtp", "[::1", "a b", "shop@smtp.example.com", "[smtp.example.com]:x"} {
		problems := config(host, "").Validate()
		require.Len(t, problems, 1, host)
		require.Contains(t, problems[0].Error(), "without scheme or port", host)
	}
	for _, helo := range []string{"mail.example.com", "localhost", "[192.0.2.1]", "[IPv6:2001:db8::1]"} {
		require.Empty(t, config("mail", helo).Validate(), helo)
	}
	for _, helo := range []string{"mail example.com", "-mail.example.com", "mail.example.com.", "[192.0.2.1", "[2001:db8::1]", "[IPv6:192.0.2.1]", "192.0.2.1\r\nMAIL", "_mail.example.com", strings.Repeat("a.", 127) + "a"} {
		problems := config("mail", helo).Validate()
		require.Len(t, problems, 1, helo)
		require.Equal(t, "HELO", problems[0].Field)
	}
}

// F-A30: the service says the name that it is given, or the sender's domain.
func TestSend_SaysItsName(t *testing.T) {
	t.Parallel()
	for helo, want := range map[string]string{"": "EHLO example.com", "mail.example.org": "EHLO mail.example.org"} {
		srv := newServer(t, script{}, "127.0.0.1")
		require.NoError(t, srv.sender(t, func(c *Config) { c.HELO = helo }).Send(t.Context(), mails(t)[0]))
		require.Equal(t, []string{want}, srv.commands("EHLO"))
	}
}

// F-A21: services that send for others are asked not to rewrite one-time links.
func TestSend_AsksMailServicesToLeaveLinksAlone(t *testing.T) {
	t.Parallel()
	srv := newServer(t, script{}, "127.0.0.1")
	require.NoError(t, srv.sender(t, plain).Send(t.Context(), mails(t)[0]))
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
	_, err := NewSender(bad, newRenderer(t, options()), nil)
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
