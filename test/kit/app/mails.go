package app

import "github.com/seed543b3b27/auth-service/ports"

// RequestVerification asks for the mail that confirms an address.
func (b *Bundle) RequestVerification(address string) error {
	_, err := b.UseCases.RequestVerification.Execute(b.Context(), ports.RequestVerificationCommand{Email: address, Origin: b.From})
	return err
}

// Deliver does a mail job.
func (b *Bundle) Deliver(job ports.MailJob) error {
	_, err := b.UseCases.DeliverMail.Execute(b.Context(), job)
	return err
}

// Moved is the address that Ada moves to.
const Moved = "ada@example.org"
