package authtest

import (
	"context"
	"testing"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Password is the password of every user that this package makes.
const Password = "correct horse battery staple"

// User is a user with the password Password.
type User struct {
	ID    string
	Email string
}

// SignedIn is a user with the tokens of a session.
type SignedIn struct {
	User
	AccessToken  string
	RefreshToken string
	SessionID    string
}

// User makes a user whose address is verified.
func (s *Service) User(t testing.TB, email string) User {
	t.Helper()
	return s.user(t, email, domain.RoleUser)
}

// SignedInUser makes a user whose address is verified and signs in.
func (s *Service) SignedInUser(t testing.TB, email string) SignedIn {
	t.Helper()
	return s.SignIn(t, s.User(t, email))
}

// SignedInAdmin makes an administrator and signs in.
func (s *Service) SignedInAdmin(t testing.TB, email string) SignedIn {
	t.Helper()
	return s.SignIn(t, s.user(t, email, domain.RoleAdmin))
}

// SignIn starts another session of a user.
func (s *Service) SignIn(t testing.TB, user User) SignedIn {
	t.Helper()
	result, err := s.UseCases.Login.Execute(context.Background(), ports.LoginCommand{
		Email:    user.Email,
		Password: domain.NewSecret(Password),
		Origin:   ports.Origin{Client: domain.Client{IP: "127.0.0.1", UserAgent: "authtest"}},
	})
	if err != nil {
		t.Fatalf("authtest: signing %s in: %v", user.Email, err)
	}
	return SignedIn{
		User:         user,
		AccessToken:  result.AccessToken.Reveal(),
		RefreshToken: result.RefreshToken.Reveal(),
		SessionID:    result.SessionID.String(),
	}
}

func (s *Service) user(t testing.TB, email string, role domain.Role) User {
	t.Helper()
	result, err := s.UseCases.CreateUser.Execute(context.Background(), ports.CreateUserCommand{
		Principal: domain.Operator(),
		Email:     email,
		Role:      role.String(),
		Password:  domain.NewSecret(Password),
		Verified:  true,
	})
	if err != nil {
		t.Fatalf("authtest: making the user %s: %v", email, err)
	}
	return User{ID: result.User.ID().String(), Email: result.User.Email().String()}
}

// Mail is a mail that the service sent.
type Mail struct{ ports.Mail }

// Token returns the secret of the mail's link. It is empty if the mail has no link.
func (m Mail) Token() string { return m.Mail.TokenSecret.Reveal() }

// LastMail returns the newest mail to an address. The test fails if there is none.
func (s *Service) LastMail(t testing.TB, to string) Mail {
	t.Helper()
	mail, ok := s.mailer.Last(to)
	if !ok {
		t.Fatalf("authtest: no mail was sent to %s", to)
	}
	return Mail{mail}
}

// Mails returns all mails to an address, the oldest first.
func (s *Service) Mails(to string) []Mail {
	var mails []Mail
	for _, mail := range s.mailer.All() {
		if mail.To.String() == to {
			mails = append(mails, Mail{mail})
		}
	}
	return mails
}

// FailMail makes every mail fail with err until it is called with nil. Mails
// that failed stay in the Queue.
func (s *Service) FailMail(err error) { s.mailer.Fail(err) }
