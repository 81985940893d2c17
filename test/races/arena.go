package races

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/adapters/memory"
	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/contract"
)

// Fixtures of most races.
const (
	ada      = "ada@example.com"
	password = "correct horse battery"
	another  = "staple the horse twice"
)

// patience is how long a race may hang before the test is given up.
const patience = time.Minute

// start is when every race begins.
var start = time.Date(2026, time.July, 8, 9, 10, 11, 121_314_000, time.UTC)

// arena is every use case over the stores under test.
type arena struct {
	ports.UseCases
	t       testing.TB
	stores  contract.Stores
	mailbox *memory.Mailer
	hasher  *gatedHasher
	// delivered counts the jobs that are done.
	delivered int
}

func newArena(t testing.TB, stores contract.Stores, edits ...func(*assembly.Settings)) *arena {
	t.Helper()
	a := &arena{t: t, stores: stores, mailbox: memory.NewMailer(), hasher: &gatedHasher{}}
	settings := assembly.Settings{
		EmailVerificationRequired: true,
		SessionLives:              domain.SessionLimits{Idle: 7 * 24 * time.Hour, Absolute: 30 * 24 * time.Hour, Grace: 10 * time.Second},
		TokenRules:                domain.TokenRules{Issuer: "issuer", Audience: "audience", AccessLife: 30 * time.Minute},
		MaxSessionsPerUser:        100,
	}
	for _, edit := range edits {
		edit(&settings)
	}
	a.UseCases = assembly.UseCases(assembly.Ports{
		Store:  ports.Store{Repositories: stores.Repositories, UnitOfWork: stores.Work},
		Hasher: a.hasher, Screen: memory.PasswordScreen{}, Signer: memory.NewTokenSigner(), Mailer: a.mailbox,
		Limiter: memory.NewRateLimiter(memory.NewClock(start), nil),
		Clock:   memory.NewClock(start), IDs: memory.NewIDs(), Random: memory.NewRandom(),
	}, settings)
	return a
}

// gatedHasher can hold one password check at a gate.
type gatedHasher struct {
	memory.PasswordHasher
	next atomic.Pointer[gate]
}

// gate holds the check that reached it until it is opened.
type gate struct{ reached, open chan struct{} }

// hold makes the next check wait.
func (h *gatedHasher) hold() *gate {
	g := &gate{make(chan struct{}), make(chan struct{})}
	h.next.Store(g)
	return g
}

func (h *gatedHasher) Verify(ctx context.Context, hash domain.PasswordHash, pass domain.Secret) (ports.PasswordMatch, error) {
	if g := h.next.Swap(nil); g != nil {
		close(g.reached)
		select {
		case <-g.open:
		case <-ctx.Done():
			return ports.PasswordMatch{}, ctx.Err()
		}
	}
	return h.PasswordHasher.Verify(ctx, hash, pass)
}

// together runs n calls of fn at once and returns their errors.
func together(n int, fn func(i int) error) []error {
	errs := make([]error, n)
	begin := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-begin
			errs[i] = fn(i)
		})
	}
	close(begin)
	wg.Wait()
	return errs
}

// count returns how many of errs are target; nil counts the successes. It
// demands that every error is one of the allowed ones.
func count(t testing.TB, errs []error, target error, allowed ...error) int {
	t.Helper()
	n := 0
	for _, err := range errs {
		if errors.Is(err, target) {
			n++
		}
		ok := err == nil
		for _, each := range allowed {
			ok = ok || errors.Is(err, each)
		}
		require.True(t, ok, "unexpected outcome: %v", err)
	}
	return n
}

// deliver sends every mail that is due.
func (a *arena) deliver() {
	a.t.Helper()
	for jobs := a.stores.Enqueued(a.t); a.delivered < len(jobs); jobs = a.stores.Enqueued(a.t) {
		_, err := a.DeliverMail.Execute(a.t.Context(), jobs[a.delivered])
		require.NoError(a.t, err)
		a.delivered++
	}
}

// lastSecret delivers what is due and returns the secret of the newest mail.
func (a *arena) lastSecret(to string) domain.Secret {
	a.t.Helper()
	a.deliver()
	mail, found := a.mailbox.Last(to)
	require.True(a.t, found, "a mail to %s", to)
	require.False(a.t, mail.TokenSecret.IsEmpty(), "the mail %s has a link", mail.Kind)
	return mail.TokenSecret
}

// mailed counts the mails of a kind after delivering what is due.
func (a *arena) mailed(kind domain.MailKind) int {
	a.t.Helper()
	a.deliver()
	n := 0
	for _, mail := range a.mailbox.All() {
		if mail.Kind == kind {
			n++
		}
	}
	return n
}

func (a *arena) user(address string) *domain.User {
	a.t.Helper()
	email, err := domain.ParseEmail(address)
	require.NoError(a.t, err)
	u, err := a.stores.Repositories.Users.ByEmail(a.t.Context(), email)
	require.NoError(a.t, err)
	return u
}

// account makes an account with a verified address.
func (a *arena) account(address, role string) *domain.User {
	a.t.Helper()
	result, err := a.CreateUser.Execute(a.t.Context(), ports.CreateUserCommand{
		Principal: domain.Operator(), Email: address, Role: role, Password: domain.NewSecret(password), Verified: true,
	})
	require.NoError(a.t, err)
	return result.User
}

func (a *arena) login(address, pass string) (ports.TokensResult, error) {
	result, err := a.Login.Execute(a.t.Context(), ports.LoginCommand{Email: address, Password: domain.NewSecret(pass)})
	return result.TokensResult, err
}

func (a *arena) mustLogin(address, pass string) ports.TokensResult {
	a.t.Helper()
	tokens, err := a.login(address, pass)
	require.NoError(a.t, err)
	return tokens
}

func (a *arena) refresh(token domain.Secret) (ports.TokensResult, error) {
	result, err := a.Refresh.Execute(a.t.Context(), ports.RefreshCommand{RefreshToken: token})
	return result.TokensResult, err
}

func (a *arena) authenticate(tokens ports.TokensResult) (domain.Principal, error) {
	result, err := a.Authenticate.Execute(a.t.Context(), ports.AuthenticateCommand{AccessToken: tokens.AccessToken})
	return result.Principal, err
}

func (a *arena) principal(tokens ports.TokensResult) domain.Principal {
	a.t.Helper()
	p, err := a.authenticate(tokens)
	require.NoError(a.t, err)
	return p
}

// requireDead demands that neither token of a pair is any good.
func (a *arena) requireDead(tokens ports.TokensResult) {
	a.t.Helper()
	_, err := a.authenticate(tokens)
	require.ErrorIs(a.t, err, domain.ErrSessionEnded)
	_, err = a.refresh(tokens.RefreshToken)
	require.ErrorIs(a.t, err, domain.ErrSessionEnded)
}

// requireOnlyPassword demands that of all passwords only one signs in; an
// empty one means none.
func (a *arena) requireOnlyPassword(address, only string, all []string) {
	a.t.Helper()
	for _, pass := range all {
		_, err := a.login(address, pass)
		if pass == only {
			require.NoError(a.t, err)
		} else {
			require.ErrorIs(a.t, err, domain.ErrInvalidCredentials)
		}
	}
}

func (a *arena) resetSecret(address string) domain.Secret {
	a.t.Helper()
	_, err := a.RequestPasswordReset.Execute(a.t.Context(), ports.RequestPasswordResetCommand{Email: address})
	require.NoError(a.t, err)
	return a.lastSecret(address)
}

func (a *arena) reset(token domain.Secret, pass string) error {
	cmd := ports.ConfirmPasswordResetCommand{TokenSecret: token, NewPassword: domain.NewSecret(pass)}
	_, err := a.ConfirmPasswordReset.Execute(a.t.Context(), cmd)
	return err
}

func (a *arena) changePassword(p domain.Principal, next string) error {
	cmd := ports.ChangePasswordCommand{Principal: p, Confirmation: ports.Confirmation{Password: domain.NewSecret(password)}, NewPassword: domain.NewSecret(next)}
	_, err := a.ChangePassword.Execute(a.t.Context(), cmd)
	return err
}

func (a *arena) changeUser(id domain.UserID, role, status *string) error {
	cmd := ports.ChangeUserCommand{Principal: domain.Operator(), UserID: id.String(), Role: role, Status: status}
	_, err := a.ChangeUser.Execute(a.t.Context(), cmd)
	return err
}

func (a *arena) disable(id domain.UserID) error {
	disabled := domain.StatusDisabled.String()
	return a.changeUser(id, nil, &disabled)
}

func (a *arena) deleteUser(id domain.UserID) error {
	_, err := a.DeleteUser.Execute(a.t.Context(), ports.DeleteUserCommand{Principal: domain.Operator(), UserID: id.String()})
	return err
}
