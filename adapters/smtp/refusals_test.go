package smtp

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/ports"
)

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
		"an invalid answer":          {script{"RCPT": "go away"}, false},
		"a reply line of a megabyte": {script{"RCPT": "250 " + strings.Repeat("x", 1<<20)}, false},
		"an endless greeting":        {script{"connect": pour}, false},
		"an endless answer":          {script{"RCPT": pour}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := newServer(t, test.script, "127.0.0.1")
			err := send(t.Context(), srv.sender(t, plain), mails(t)[0])
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
			err := send(t.Context(), srv.sender(t, plain), mails(t)[0])
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
	sendTo := func(to string) error {
		m := mails(t)[0]
		m.To = email(t, to)
		return send(t.Context(), s, m)
	}
	require.ErrorIs(t, sendTo("first@example.com"), ports.ErrMailRejected)
	require.ErrorIs(t, sendTo("first@example.com"), ports.ErrMailRejected, "the same again")
	for range 2 {
		for _, to := range []string{"second@example.com", "third@example.com", "first@example.com"} {
			err := sendTo(to)
			require.NotErrorIs(t, err, ports.ErrMailRejected, to)
			var refusal *ports.MailRefusal
			require.ErrorAs(t, err, &refusal)
		}
	}
	srv.answers("RCPT", "250 fine")
	require.NoError(t, sendTo("third@example.com"))
	srv.answers("RCPT", "550 5.1.1 User unknown")
	require.ErrorIs(t, sendTo("second@example.com"), ports.ErrMailRejected)
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
		require.Error(t, send(t.Context(), s, mails(t)[0]))
	}
	refused(2, "554 5.7.1 Relay access denied for (id")
	srv.answers("RCPT", "450 4.2.0 later")
	require.Error(t, send(t.Context(), s, mails(t)[0]))
	refused(2, "554 5.7.1 Relay access denied for (id")
	srv.answers("RCPT", "250 fine")
	require.NoError(t, send(t.Context(), s, mails(t)[0]))
	refused(2, "")
	srv.answers("RCPT", "550 5.1.1 User unknown")
	require.ErrorIs(t, send(t.Context(), s, mails(t)[0]), ports.ErrMailRejected)
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
