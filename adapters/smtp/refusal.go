package smtp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/seed543b3b27/auth-service/ports"
)

// dialError describes why the server was not reached or not trusted.
func (s *Sender) dialError(ctx context.Context, l *line, err error) error {
	err = s.failure(ctx, "reaching the server", err, "")
	var plainText tls.RecordHeaderError
	if l.silent() || errors.As(err, &plainText) {
		// A server that waits for a TLS handshake does not greet, and one that greets
		// in clear text does not understand a handshake.
		hint := problem("TLS", "may not fit %s: 465 goes with tls, 587 and 25 with starttls", "Port")
		return fmt.Errorf("%w; the server does not greet: %s %s", err, s.setting(hint.Field), hint.Message(s.setting))
	}
	return err
}

// failure returns the error of a step that failed. to is the recipient, whom the text
// must not name. Errors: ports.MailRefusal for an answer 4xx or 5xx.
func (s *Sender) failure(ctx context.Context, step string, err error, to string) error {
	if ctx.Err() != nil {
		return fmt.Errorf("smtp: %s: %w", step, context.Cause(ctx))
	}
	var answer *textproto.Error
	if !errors.As(err, &answer) {
		var malformed textproto.ProtocolError
		if errors.As(err, &malformed) {
			return fmt.Errorf("smtp: %s: the server's answer has another form", step) // its text is the answer
		}
		return fmt.Errorf("smtp: %s: no answer in time, or the connection broke: %w", step, err)
	}
	words := strings.TrimSpace(fmt.Sprintf("%d %s", answer.Code, plainWords(answer.Msg, to)))
	return &ports.MailRefusal{Step: step, Answer: words, Err: &textproto.Error{Code: answer.Code}}
}

// refused5xx reports whether the server refused with 5xx, which no waiting mends.
func refused5xx(refusal *ports.MailRefusal) bool {
	var answer *textproto.Error
	return errors.As(refusal.Err, &answer) && answer.Code/100 == 5
}

// judge is failure for the steps at which a server refuses a recipient. It separates
// the one refusal that is for good from those that pass.
func (s *Sender) judge(ctx context.Context, step string, err error, to string) error {
	var answer *textproto.Error
	failure := s.failure(ctx, step, err, to)
	var refusal *ports.MailRefusal
	if !errors.As(failure, &refusal) || !refused5xx(refusal) || !errors.As(err, &answer) || !deniesAddress(answer) || !s.refused.onlyOf(to) {
		return failure
	}
	refusal.Err = ports.ErrMailRejected
	return refusal
}

// addressCodes are the enhanced codes that say that the recipient's address is no
// address (RFC 3463 section 3.2, RFC 7505): no such mailbox, no such system, bad syntax,
// moved away, takes no mail. Everything else of class 5 is about the sender, the
// content, the account at the mail server, or passes by itself, such as a full mailbox.
var addressCodes = []string{"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"}

// onFirstUse compiles an expression when it is first needed, because most starts need none.
func onFirstUse(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

// enhancedCode is the code at the beginning of an answer (RFC 2034 section 4).
var enhancedCode = onFirstUse(`^\s*([245]\.\d{1,3}\.\d{1,3})\b`)

// noMailbox are the ways in which servers without enhanced codes say that there is no
// such mailbox.
var noMailbox = onFirstUse(`(?i)\bno such (user|mailbox|recipient|address|person)\b` +
	`|\b(unknown|invalid|nonexistent) (user|mailbox|recipient)\b` +
	`|\b(user|mailbox|recipient|address)( \S+)? ?((is )?unknown|(was )?not found|does not exist|doesn't exist)\b`)

// aboutSender matches answers that use the same words of the sender.
var aboutSender = onFirstUse(`(?i)\b(sender|from|relay|relaying)\b`)

// deniesAddress reports whether an answer says clearly that the recipient's address is
// no address.
func deniesAddress(answer *textproto.Error) bool {
	if code := enhancedCode().FindStringSubmatch(answer.Msg); code != nil {
		return slices.Contains(addressCodes, code[1])
	}
	text := strings.Join(strings.Fields(answer.Msg), " ")
	return (answer.Code == 550 || answer.Code == 551 || answer.Code == 553) &&
		noMailbox().MatchString(text) && !aboutSender().MatchString(text)
}

// refusals remember what the server refused since it last accepted a mail.
type refusals struct {
	mu sync.Mutex
	// denied is the first recipient whose address the server denied; several is true
	// once there was another one. A server that denies several recipients in a row does
	// not mean them.
	denied  string
	several bool
	// last is the last answer 5xx, and total counts them since the start.
	last  string
	total uint64
}

// onlyOf notes that the server denied an address, and reports whether it denied no
// other one since it last accepted a mail.
func (r *refusals) onlyOf(to string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.denied == "" {
		r.denied = to
	}
	r.several = r.several || r.denied != to
	return !r.several
}

// note counts an answer after which the mail waits.
func (r *refusals) note(answer string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = answer
	r.total++
}

// accepted notes that the server accepted a mail.
func (r *refusals) accepted() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.denied, r.several, r.last = "", false, ""
}

// Refused returns how many attempts the server has refused with 5xx, after which the
// mails wait. last is its answer to the last one, and is empty once it has accepted a
// mail since. To stay the same for every mail, last has no words with digits but the
// codes.
func (s *Sender) Refused() (total uint64, last string) {
	s.refused.mu.Lock()
	defer s.refused.mu.Unlock()
	return s.refused.total, steady(s.refused.last)
}

// maxSteady bounds steady, in words.
const maxSteady = 14

// steady returns the codes and the first words of an answer, without words that differ
// from mail to mail.
func steady(answer string) string {
	var kept []string
	for i, word := range strings.Fields(answer) {
		isCode := i == 0 || i == 1 && enhancedCode().MatchString(word)
		if len(kept) < maxSteady && (isCode || !strings.ContainsAny(word, "0123456789")) {
			kept = append(kept, word)
		}
	}
	return strings.Join(kept, " ")
}

// maxWords bounds what is quoted of an answer, in bytes.
const maxWords = 160

// plainWords returns the words of a server for logs. It leaves out every word that may
// name the recipient, hold an address, a link or an identifier, and characters that are
// not printable ASCII.
func plainWords(text, to string) string {
	local, _, _ := strings.Cut(strings.ToLower(to), "@")
	var kept []string
	length := 0
	for word := range strings.FieldsSeq(text) {
		word = strings.Map(func(r rune) rune {
			if r <= 0x20 || r > 0x7e {
				return -1
			}
			return r
		}, word)
		if length += len(word) + 1; length > maxWords {
			break
		}
		if word != "" && !revealing(strings.ToLower(word), local) {
			kept = append(kept, word)
		}
	}
	return strings.Join(kept, " ")
}

// revealing reports whether a word may name the recipient, or hold an address or a link.
func revealing(word, local string) bool {
	if strings.Contains(word, "@") || strings.Contains(word, "://") || strings.Contains(word, "token=") || len(word) > 40 {
		return true
	}
	if local == "" {
		return false
	}
	return strings.Trim(word, `<>()[]"'.,:;`) == local || len(local) > 2 && strings.Contains(word, local)
}
