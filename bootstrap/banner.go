package bootstrap

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/seed543b3b27/auth-service/adapters/database"
)

// writeBanner tells whoever started the service by hand where everything is and
// which local defaults hold.
func writeBanner(out io.Writer, cfg Config, mails caught) {
	base := cfg.HTTP.PublicURL + "/api/auth"
	var b strings.Builder
	fmt.Fprintf(&b, "\nAuth Service %s is ready.\n\n", Version())
	fmt.Fprintf(&b, "  API      %s\n", base)
	fmt.Fprintf(&b, "  Docs     %s/docs\n", base)
	if cfg.Local.Mailbox {
		fmt.Fprintf(&b, "  Mails    %s/dev/mailbox?key=%s\n", base, mails.key.Reveal())
	}
	fmt.Fprintf(&b, "  Listens  %s\n\n", cfg.HTTP.Addr)
	fmt.Fprintf(&b, "  This is a local set-up, not for production:\n")
	source, err := database.ParseURL(cfg.Database.URL.Reveal())
	if cfg.Local.Database && err == nil {
		fmt.Fprintf(&b, "  - users are kept in %s (DATABASE_URL is not set)\n", source.Path())
	}
	if cfg.Local.Key {
		fmt.Fprintf(&b, "  - tokens are signed with a key generated beside it (JWT_SECRET_KEY is not set)\n")
	}
	if cfg.Local.Mailbox {
		fmt.Fprintf(&b, "  - mails are caught, and their links printed here (SMTP_HOST is not set)\n")
	}
	fmt.Fprintf(&b, "\n  First administrator:  %s user create --email you@example.com --role admin\n", programName())
	fmt.Fprintf(&b, "  Try it:               curl -s %s/test/public\n", base)
	_, _ = io.WriteString(out, b.String()) // nobody may be listening
}

// programName is how a person starts this program again: with go run, the binary
// lies in a folder that is gone soon.
func programName() string {
	program := os.Args[0]
	if strings.HasPrefix(program, os.TempDir()) && strings.Contains(program, "go-build") {
		return "go run ."
	}
	return program
}
