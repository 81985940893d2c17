package smtp

import (
	"flag"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var noon = fixedClock{time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}

type fixedClock struct{ now time.Time }

func (c fixedClock) Now() time.Time { return c.now }

const secret = "Zm9yLXRlc3RzLW9ubHktMzItYnl0ZXMtb2YtbWFpbC4"

func options() Options {
	return Options{ProductName: "Example Shop", PublicURL: "https://auth.example.com"}
}

func newRenderer(t testing.TB, o Options) *Renderer {
	t.Helper()
	r, err := NewRenderer(o, noon)
	require.NoError(t, err)
	return r
}

func email(t testing.TB, text string) domain.Email {
	t.Helper()
	e, err := domain.ParseEmail(text)
	require.NoError(t, err)
	return e
}

// mails returns one mail of each kind.
func mails(t testing.TB) []ports.Mail {
	t.Helper()
	to := email(t, "ann@example.com")
	withToken := func(kind domain.MailKind, life time.Duration) ports.Mail {
		return ports.Mail{Kind: kind, To: to, TokenSecret: domain.NewSecret(secret), ExpiresAt: noon.now.Add(life)}
	}
	change := withToken(domain.MailChangeEmail, domain.MailChangeEmail.TokenLife())
	change.Account = email(t, "ann.of.old@example.net")
	undo := withToken(domain.MailUndoEmail, domain.MailUndoEmail.TokenLife())
	undo.NewEmail = email(t, "ann.new@example.org")
	firefox := domain.Client{IP: "2001:db8::1", UserAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
	undo.At, undo.Client = noon.now, firefox
	return []ports.Mail{
		withToken(domain.MailVerifyEmail, domain.MailVerifyEmail.TokenLife()),
		change,
		undo,
		withToken(domain.MailResetPassword, domain.MailResetPassword.TokenLife()),
		withToken(domain.MailInvitation, domain.MailInvitation.TokenLife()),
		{Kind: domain.MailPasswordChanged, To: to, At: noon.now, Client: firefox},
		{Kind: domain.MailEmailTaken, To: to, At: noon.now, Client: domain.Client{UserAgent: "<b>you won</b>"}},
		{Kind: domain.MailEmailChanging, To: to, NewEmail: email(t, "ann.new@example.org"), At: noon.now, Client: firefox},
		{Kind: domain.MailSessionReused, To: to, At: noon.now, Client: firefox},
		{Kind: domain.MailLoginLocked, To: to, At: noon.now, Client: firefox},
		{Kind: domain.MailEmailHeld, To: to, ExpiresAt: noon.now.Add(50 * time.Hour)},
		{Kind: domain.MailEmailRestored, To: to, Account: email(t, "ann.of.old@example.net")},
		{Kind: domain.MailEmailAssigned, To: to, At: noon.now},
		{Kind: domain.MailRoleChanged, To: to, Role: domain.RoleAdmin},
		{Kind: domain.MailAccountDisabled, To: to},
		{Kind: domain.MailAccountEnabled, To: to},
		{Kind: domain.MailAccountDeleted, To: to, At: noon.now},
		{Kind: domain.MailAccountClosed, To: to, At: noon.now, Client: firefox},
		{Kind: domain.MailNewDevice, To: to, At: noon.now, Client: firefox},
		{Kind: domain.MailFactorAdded, To: to, At: noon.now, Client: firefox},
		{Kind: domain.MailFactorRemoved, To: to, At: noon.now},
		{Kind: domain.MailRecoveryCodeUsed, To: to, At: noon.now, Client: firefox, CodesLeft: 2},
		{Kind: domain.MailRecoveryCodesMade, To: to, At: noon.now, Client: firefox},
		{Kind: domain.MailCodesLocked, To: to, At: noon.now, Client: firefox},
	}
}

// F-L8.
func TestRender_MatchesTheGoldenFiles(t *testing.T) {
	t.Parallel()
	r := newRenderer(t, options())
	choose := mails(t)[3] // of a reset
	choose.NoPassword = true
	for _, mail := range append(mails(t), choose) {
		name := string(mail.Kind)
		if mail.NoPassword {
			name = "choose_password"
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := r.Render(mail)
			require.NoError(t, err)
			golden(t, name+".txt", "Subject: "+got.Subject+"\n\n"+got.Text)
			golden(t, name+".html", got.HTML)
			require.Equal(t, mail.Kind, got.Kind)
			require.Equal(t, "ann@example.com", got.To)
			require.Equal(t, noon.now, got.At)
		})
	}
}

func TestRenderTest_MatchesTheGoldenFiles(t *testing.T) {
	t.Parallel()
	got, err := newRenderer(t, options()).renderTest(email(t, "ann@example.com"))
	require.NoError(t, err)
	golden(t, "test.txt", "Subject: "+got.Subject+"\n\n"+got.Text)
	golden(t, "test.html", got.HTML)
	require.Empty(t, address.FindAllString(got.Text, -1), "it has no link")
	require.Equal(t, noon.now, got.At)
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(file, []byte(got), 0o644))
	}
	want, err := os.ReadFile(file)
	require.NoError(t, err, "write it with: go test ./adapters/smtp -update")
	require.Equal(t, string(want), got)
}

var address = regexp.MustCompile(`https?://[^\s"<]+`)

// V-10, S-16, F-L8: the only URLs in a mail are its link and those that HTML needs, and
// a notice holds no token.
func TestRender_HoldsNoAddressButTheLink(t *testing.T) {
	t.Parallel()
	r := newRenderer(t, options())
	for _, mail := range mails(t) {
		got, err := r.Render(mail)
		require.NoError(t, err)
		for _, found := range address.FindAllString(got.Text+got.HTML, -1) {
			if found != "http://www.w3.org/1999/xhtml" {
				require.Equal(t, got.Link, html.UnescapeString(found))
			}
		}
		require.NotContains(t, got.HTML, "src=")
		require.NotContains(t, got.HTML, "url(")
		if mail.TokenSecret.IsEmpty() {
			require.Empty(t, got.Link)
			require.NotContains(t, got.Text+got.HTML, "token=")
		} else {
			require.Equal(t, 1, strings.Count(got.Text, got.Link))
		}
	}
}

// V-10, F-A17.
func TestRender_LinksComeFromTheConfiguration(t *testing.T) {
	t.Parallel()
	own := options()
	own.VerifyURL, own.ResetURL = "https://www.example.com/confirm?lang=en&v=2", "https://www.example.com/new-password"
	// F-M5: a page made for registrations gets no links that it cannot handle.
	ownChange := own
	ownChange.ChangeURL = "https://www.example.com/new-address"
	slash := options()
	slash.PublicURL = "https://example.com/prefix/"
	const pages, below = "https://auth.example.com/api/auth/ui/", "https://example.com/prefix/api/auth/ui/"
	for name, test := range map[string]struct {
		options                     Options
		verify, change, undo, reset string
	}{
		"own pages":                      {options(), pages + "verify", pages + "change", pages + "undo", pages + "reset"},
		"below a path":                   {slash, below + "verify", below + "change", below + "undo", below + "reset"},
		"another front end":              {own, own.VerifyURL, pages + "change", pages + "undo", own.ResetURL},
		"another front end that changes": {ownChange, own.VerifyURL, ownChange.ChangeURL, pages + "undo", own.ResetURL},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRenderer(t, test.options)
			want := map[domain.MailKind]string{
				domain.MailVerifyEmail:   test.verify + "#token=" + secret,
				domain.MailChangeEmail:   test.change + "#token=" + secret + "&account=a%2A%2A%2A%40example.net",
				domain.MailUndoEmail:     test.undo + "#token=" + secret,
				domain.MailResetPassword: test.reset + "#token=" + secret,
				domain.MailInvitation:    test.reset + "#token=" + secret,
			}
			for _, mail := range mails(t)[:5] {
				got, err := r.Render(mail)
				require.NoError(t, err)
				require.Equal(t, want[mail.Kind], got.Link)
				require.Contains(t, got.Text, got.Link+"\n")
				require.Contains(t, html.UnescapeString(got.HTML), `href="`+got.Link+`"`)
			}
		})
	}
}

// F-A20: single-page applications whose routes stand in the fragment.
func TestRender_LinksToRoutesInTheFragment(t *testing.T) {
	t.Parallel()
	o := options()
	o.VerifyURL, o.ChangeURL, o.ResetURL = "https://www.example.com/#/verify/{token}", "https://www.example.com/#/change/{token}/{account}", "https://www.example.com/#/reset"
	r := newRenderer(t, o)
	want := map[domain.MailKind]string{
		domain.MailVerifyEmail:   "https://www.example.com/#/verify/" + secret,
		domain.MailChangeEmail:   "https://www.example.com/#/change/" + secret + "/a%2A%2A%2A%40example.net",
		domain.MailUndoEmail:     "https://auth.example.com/api/auth/ui/undo#token=" + secret,
		domain.MailResetPassword: "https://www.example.com/#/reset?token=" + secret,
		domain.MailInvitation:    "https://www.example.com/#/reset?token=" + secret,
	}
	for _, mail := range mails(t)[:5] {
		got, err := r.Render(mail)
		require.NoError(t, err)
		require.Equal(t, want[mail.Kind], got.Link)
		require.Contains(t, got.Text, got.Link+"\n")
		require.Contains(t, html.UnescapeString(got.HTML), `href="`+got.Link+`"`)
	}
}

// F-M5: the reader of the mail may be a stranger to the account.
func TestRender_ShowsStrangersAMaskedAddressOfTheAccount(t *testing.T) {
	t.Parallel()
	r := newRenderer(t, options())
	for _, mail := range mails(t) {
		if mail.Account.IsZero() {
			continue
		}
		got, err := r.Render(mail)
		require.NoError(t, err)
		require.Contains(t, got.Text, "a***@example.net")
		require.Contains(t, got.HTML, "a***@example.net")
		require.NotContains(t, got.Text+got.HTML, mail.Account.Local())
		require.NotContains(t, got.Text+got.Subject, "You asked")
	}
}

// V-31.
func TestRender_EscapesTextsThatUsersChose(t *testing.T) {
	t.Parallel()
	o := options()
	o.ProductName = `Shop <img src=x onerror=alert(1)> & "Co"`
	r := newRenderer(t, o)
	for _, mail := range mails(t) {
		mail.To = email(t, `a&b'c#{d}@example.com`)
		if !mail.NewEmail.IsZero() {
			mail.NewEmail = email(t, `x&y'z@example.com`)
		}
		got, err := r.Render(mail)
		require.NoError(t, err)
		require.NotContains(t, got.HTML, "<img")
		require.NotContains(t, got.HTML, "b'c")
		require.NotContains(t, got.HTML, "y'z")
		require.Contains(t, got.Text, o.ProductName)
	}
}

func TestPlainDuration_UsesEverydayWords(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		72 * time.Hour:                   "3 days",
		72*time.Hour - 2*time.Minute:     "3 days",
		50 * time.Hour:                   "50 hours",
		24*time.Hour - 3*time.Second:     "24 hours",
		24*time.Hour - 6*time.Minute:     "23 hours",
		time.Hour - 299*time.Second:      "1 hour",
		time.Hour - 301*time.Second:      "54 minutes",
		90 * time.Second:                 "1 minute",
		time.Second:                      "1 minute",
		-time.Hour:                       "1 minute",
		26*time.Hour + 30*time.Minute:    "26 hours",
		48*time.Hour + 20*time.Minute:    "2 days",
		119*time.Minute + 30*time.Second: "2 hours",
	} {
		require.Equal(t, want, plainDuration(d), d.String())
	}
}

func TestOptions_ReportEveryProblemByFieldAndNeverAValue(t *testing.T) {
	t.Parallel()
	bad := Options{
		ProductName: "Shop\r\nBcc: value@example.com",
		PublicURL:   "ftp://value.example.com",
		VerifyURL:   "https://app.example.com/?value={token}",
		ChangeURL:   "https://app.example.com/#/value/{value}",
		ResetURL:    "https://user:value@example.com/",
	}
	problems := bad.Validate()
	require.Len(t, problems, 5)
	for i, field := range []string{"ProductName", "PublicURL", "VerifyURL", "ChangeURL", "ResetURL"} {
		require.Equal(t, field, problems[i].Field)
		require.True(t, strings.HasPrefix(problems[i].Error(), field+" "), problems[i])
		require.NotContains(t, problems[i].Error(), "value")
	}
	_, err := NewRenderer(bad, noon)
	for _, problem := range problems {
		require.ErrorContains(t, err, problem.Error())
	}
	for _, public := range []string{"", "auth.example.com", "https://", "https://example.com/?a=b", "//example.com", "https://exa mple.com"} {
		o := options()
		o.PublicURL = public
		require.Len(t, o.Validate(), 1, public)
	}
	require.Empty(t, options().Validate())
}
