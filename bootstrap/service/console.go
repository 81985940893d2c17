package service

import (
	"fmt"
	"io"

	"github.com/seed543b3b27/auth-service/ports"
)

// Console is the output for a person who started the service at a terminal.
type Console struct {
	io.Writer
	// Colours reports whether the writer shows colours.
	Colours bool
}

// style marks words with the colours of the terminal (ECMA-48 SGR), which are readable on
// light and dark backgrounds. The zero value marks nothing.
type style struct{ on bool }

func styleOf(out Console) style {
	return style{out.Colours}
}

func (s style) title(text string) string { return s.mark("1", text) }    // bold
func (s style) good(text string) string  { return s.mark("1;32", text) } // bold green
func (s style) link(text string) string  { return s.mark("36", text) }   // cyan
func (s style) label(text string) string { return s.mark("2", text) }    // faint
func (s style) warn(text string) string  { return s.mark("33", text) }   // yellow

func (s style) mark(code, text string) string {
	if !s.on {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// writeMail writes the recipient, the subject and the link of a caught mail.
func writeMail(out Console, mail ports.CaughtMail) {
	s := styleOf(out)
	text := fmt.Sprintf("\n  %s %s  %s\n", s.good("Mail"), s.label("to"), mail.To)
	text += fmt.Sprintf("  %s\n", mail.Subject)
	if mail.Link != "" {
		text += fmt.Sprintf("  %s\n", s.link(mail.Link))
	}
	_, _ = io.WriteString(out, text+"\n") // the terminal may be closed
}
