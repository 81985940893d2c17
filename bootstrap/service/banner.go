package service

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed543b3b27/auth-service/adapters/database"
	"github.com/seed543b3b27/auth-service/adapters/httpapi"
	"github.com/seed543b3b27/auth-service/bootstrap/config"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// banner is the text for a person at the terminal: the addresses of the service, the next
// steps and the local defaults in use.
type banner struct {
	cfg config.Config
	// mails is the mailbox of caught mails; the zero value if mails are sent.
	mails caught
	// addr is the address that the service listens on.
	addr net.Addr
	// adminMissing reports whether no user can sign in as an administrator yet.
	adminMissing bool
}

// welcome writes the banner of a running service.
func (s *runner) welcome(ctx context.Context, addr net.Addr) {
	banner{
		cfg: s.cfg, mails: s.running.Mails, addr: addr,
		adminMissing: !hasAdmin(ctx, s.useCases),
	}.write(s.running.Console)
}

// hasAdmin reports whether a user can sign in as an administrator. It is false if the
// users cannot be read.
func hasAdmin(ctx context.Context, u ports.UseCases) bool {
	q := ports.ListUsersCommand{
		Principal: domain.Operator(), Role: domain.RoleAdmin.String(), Status: domain.StatusActive.String(), Verified: "true",
	}
	for {
		page, err := u.ListUsers.Execute(ctx, q)
		if err != nil || slices.ContainsFunc(page.Users, (*domain.User).CanAdminister) {
			return err == nil
		}
		if page.NextCursor == "" {
			return false
		}
		q.Cursor = page.NextCursor
	}
}

func (b banner) write(out Console) {
	s := styleOf(out)
	var t strings.Builder
	fmt.Fprintf(&t, "\n  %s %s\n\n", s.good("Auth Service"), s.title(Version()+" is ready"))
	row := func(label, value string) { fmt.Fprintf(&t, "  %s%s\n", s.label(fmt.Sprintf("%-9s", label)), value) }
	base := b.base() + httpapi.BasePath
	row("API", s.link(base))
	row("Docs", s.link(b.base()+httpapi.DocsPage))
	if b.cfg.Local.Mailbox {
		row("Mails", s.link(b.base()+httpapi.MailboxPage+"?key="+b.mails.key.Reveal()))
	}
	row("Listens", b.addr.String())
	if b.cfg.HTTP.PublicURL != b.base() {
		row("Public", s.link(b.cfg.HTTP.PublicURL))
	}
	b.writeSteps(&t, s, base)
	b.writeDefaults(&t, s)
	_, _ = io.WriteString(out, t.String()) // the terminal may be closed
}

// writeSteps writes the next steps as lines to paste into a shell.
func (b banner) writeSteps(t io.Writer, s style, base string) {
	where := "another terminal"
	fmt.Fprintf(t, "\n  %s in %s\n", s.title("Register a user"), where)
	fmt.Fprintf(t, "    curl -s %s/email/register \\\n", base)
	fmt.Fprintf(t, "      -H 'Content-Type: application/json' \\\n")
	fmt.Fprintf(t, "      -d '{\"email\":\"you@example.com\",\"password\":\"a long pass phrase\"}'\n")
	if b.cfg.Local.Mailbox && b.cfg.Accounts.VerificationRequired {
		fmt.Fprintf(t, "  %s\n", s.label("then follow the link that appears here"))
	}
	if b.adminMissing {
		fmt.Fprintf(t, "\n  %s in this folder\n", s.title("Make the first administrator"))
		if setting := b.database(); setting != "" {
			fmt.Fprintf(t, "    %s \\\n      %s user create --email admin@example.com --role admin\n", setting, programName())
		} else {
			fmt.Fprintf(t, "    %s user create --email admin@example.com --role admin\n", programName())
		}
	}
}

// writeDefaults writes the local defaults in use, and the variable that replaces each.
func (b banner) writeDefaults(t io.Writer, s style) {
	type row struct{ label, value, unset string }
	var rows []row
	add := func(label, value string, local bool, variable string) {
		if local {
			rows = append(rows, row{label, value, variable + " is not set"})
		} else {
			rows = append(rows, row{label, value, ""})
		}
	}
	if source, err := database.ParseURL(b.cfg.Database.URL.Reveal()); err == nil {
		add("Data", shortPath(source.Path()), b.cfg.Local.Database, "DATABASE_URL")
		if b.cfg.Local.Key {
			add("Key", shortPath(localTokenKey().path(source)), true, "JWT_SECRET_KEY")
		}
		if b.cfg.Local.DataKey {
			add("Key", shortPath(localDataKey().path(source)), true, "DATA_ENCRYPTION_KEYS")
		}
	}
	if b.cfg.Local.Mailbox {
		add("Mails", "caught and shown here", true, "SMTP_HOST")
	}
	widest := 0
	for _, r := range rows {
		widest = max(widest, utf8.RuneCountInString(r.value))
	}
	fmt.Fprintf(t, "\n  %s\n", s.warn("A local set-up, not for production"))
	for _, r := range rows {
		line := fmt.Sprintf("    %s%-*s   ", s.label(fmt.Sprintf("%-7s", r.label)), widest, r.value)
		if r.unset != "" {
			line += s.label(r.unset)
		}
		fmt.Fprintln(t, strings.TrimRight(line, " "))
	}
	fmt.Fprintln(t)
}

// base returns the address at which this machine reaches the service: the public address
// if it leads to this machine and port, else the listening address.
func (b banner) base() string {
	public, err := url.Parse(b.cfg.HTTP.PublicURL)
	_, port, _ := net.SplitHostPort(b.addr.String())
	if err == nil && public.Scheme == "http" && httpapi.IsLoopback(public.Hostname()) && public.Port() == port {
		return b.cfg.HTTP.PublicURL
	}
	near, err := config.LoopbackOf(b.addr.String())
	if err != nil {
		return b.cfg.HTTP.PublicURL
	}
	return "http://" + near
}

// database returns the setting with which a command finds the same database. It is empty
// if the command needs no setting.
func (b banner) database() string {
	source, err := database.ParseURL(b.cfg.Database.URL.Reveal())
	if b.cfg.Local.Database || err != nil || source.Dialect() != database.SQLite {
		return ""
	}
	return "DATABASE_URL=" + quoted(b.cfg.Database.URL.Reveal())
}

// shortPath returns the absolute path if it fits into the banner, else path itself.
func shortPath(path string) string {
	const room = 55 // of a line of 100 columns
	absolute, err := filepath.Abs(path)
	if err != nil || len(absolute) > room {
		return path
	}
	return absolute
}

// programName returns the command that starts this program again. With go run that is not
// the binary, because go removes it.
func programName() string {
	program := os.Args[0]
	if strings.HasPrefix(program, os.TempDir()) && strings.Contains(program, "go-build") {
		return "go run ."
	}
	return quoted(program)
}

// plainWord matches words that need no quotes in a shell.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./:@%+=,~-]+$`)

// quoted returns a word as a shell needs it.
func quoted(word string) string {
	if plainWord.MatchString(word) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
