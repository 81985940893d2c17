// Package mailpit gives tests a real SMTP server, mailpit, and shows them what
// it received.
//
// Start never skips. mailpit is built from its own module under tool, once for
// each version of it and of Go, into the user's cache folder; that takes a
// minute or two. Each server listens on loopback ports of its own, keeps its
// mails in a temporary folder, and ends with the test, or with the test's
// process, however that ends.
package mailpit
