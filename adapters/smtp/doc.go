// Package smtp writes the service's mails and hands them to a mail server.
//
// Renderer turns a ports.Mail into a subject, plain text, HTML and a link. The
// words are in words.go, the two layouts in templates. Sender delivers mails
// through SMTP with go-mail. Mailbox keeps mails instead, for a trial without a
// mail server.
package smtp
