package smtp

import (
	"context"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// SendTest sends a mail that says it is a test, and returns the server's answer to it,
// without words that may name a person. Errors: as Send.
func (s *Sender) SendTest(ctx context.Context, to domain.Email) (answer string, err error) {
	rendered, err := s.renderer.renderTest(to)
	if err != nil {
		return "", err
	}
	return s.deliver(ctx, rendered)
}

// renderTest renders the mail of SendTest. It has no kind, because the service itself
// never sends it.
func (r *Renderer) renderTest(to domain.Email) (ports.CaughtMail, error) {
	return r.layOut(page{
		words: words{
			Subject: "Test mail from " + r.product,
			Heading: "This is a test mail",
			Lead:    []string{"An operator of " + r.product + " sent this mail to see whether its mail server works. It arrived."},
			NotYou:  "There is nothing to do.",
		},
		Product: r.product, To: to.String(),
	}, "test")
}
