package mailpit

import (
	"encoding/json"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"
)

// Message is a mail that the server accepted.
type Message struct {
	// To are all recipients, including those of the envelope that no header
	// names.
	To      []string
	From    string
	Subject string
	// Text and HTML are the decoded bodies.
	Text string
	HTML string
	// Raw is the mail as it was received, without the server's own header lines.
	Raw string
}

// stored is the server's description of a message.
type stored struct {
	ID, Subject, Text, HTML string
	From                    *mail.Address
	To, Cc, Bcc             []*mail.Address
}

// Messages returns the mails to an address, in any letter case, the oldest first.
func (s *Server) Messages(t testing.TB, to string) []Message {
	t.Helper()
	var list struct {
		Messages []stored `json:"messages"`
	}
	s.read(t, "/api/v1/messages?limit=10000", &list)
	var messages []Message
	for _, summary := range slices.Backward(list.Messages) {
		if slices.ContainsFunc(summary.recipients(), func(r string) bool { return strings.EqualFold(r, to) }) {
			messages = append(messages, s.message(t, summary.ID))
		}
	}
	return messages
}

// Recipients returns the recipients of all mails, each once per mail.
func (s *Server) Recipients(t testing.TB) []string {
	t.Helper()
	var list struct {
		Messages []stored `json:"messages"`
	}
	s.read(t, "/api/v1/messages?limit=10000", &list)
	var all []string
	for _, m := range list.Messages {
		all = append(all, m.recipients()...)
	}
	return all
}

// Await waits until an address has at least n mails, and returns them, the oldest
// first. It fails the test after 60 seconds.
func (s *Server) Await(t testing.TB, to string, n int) []Message {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		messages := s.Messages(t, to)
		if len(messages) >= n {
			return messages
		}
		if time.Now().After(deadline) {
			t.Fatalf("mailpit: %d mails to %s after a minute, expected %d", len(messages), to, n)
		}
	}
}

func (s *Server) message(t testing.TB, id string) Message {
	t.Helper()
	var m stored
	s.read(t, "/api/v1/message/"+id, &m)
	raw, err := s.get(t.Context(), "/api/v1/message/"+id+"/raw")
	if err != nil {
		t.Fatal(err)
	}
	from := ""
	if m.From != nil {
		from = m.From.String()
	}
	return Message{
		To: m.recipients(), From: from, Subject: m.Subject,
		Text: m.Text, HTML: m.HTML, Raw: string(raw),
	}
}

func (m stored) recipients() []string {
	var all []string
	for _, address := range slices.Concat(m.To, m.Cc, m.Bcc) {
		all = append(all, address.Address)
	}
	return all
}

func (s *Server) read(t testing.TB, path string, into any) {
	t.Helper()
	body, err := s.get(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(body, into); err != nil {
		t.Fatalf("mailpit: reading the answer to %s: %v", path, err)
	}
}
