// Package mailpit gives tests a real SMTP server, mailpit, and the mails that it
// received.
//
// Start never skips. It builds mailpit from the module in the folder tool, once
// for each version of mailpit and of Go, into the user's cache folder; that takes
// a minute or two. Each server listens on its own loopback ports, keeps its mails
// in a temporary folder, and ends with the test or the test's process, even if
// that is killed.
package mailpit
