// Package smtp writes the service's mails and hands them to a mail server.
//
// Renderer turns what a mail says (ports.Mail) into a subject, plain text,
// HTML and a link; the words are in words.go, the two layouts under templates.
// Sender delivers through SMTP with go-mail. Mailbox keeps mails instead, for
// trying the service out without a mail server.
package smtp
