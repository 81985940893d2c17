package signin_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

func TestLogin_StartsASession(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	user := b.Account(app.Ada, app.Password)
	b.Clock.Advance(time.Hour)
	result, err := b.UseCases.Login.Execute(t.Context(), ports.LoginCommand{
		Email: "  ADA@example.com ", Password: app.Secret(app.Password),
		Origin: ports.Origin{Client: domain.Client{IP: "::ffff:192.0.2.9", UserAgent: "Browser\n{\"a\":1}"}},
	})
	require.NoError(t, err)
	tokens := result.TokensResult
	assert.Equal(t, 30*time.Minute, tokens.ExpiresIn)
	assert.Equal(t, 7*24*time.Hour, tokens.RefreshExpiresIn)

	live := b.Live(user)
	require.Len(t, live, 1)
	assert.Equal(t, tokens.SessionID, live[0].ID())
	assert.Equal(t, app.Start.Add(time.Hour), live[0].CreatedAt())
	assert.Equal(t, domain.Client{IP: "192.0.2.9", UserAgent: `Browser{"a":1}`}, live[0].Client())
	b.RequireLive(tokens)

	other := b.Login(app.Ada, app.Password)
	assert.NotEqual(t, tokens.SessionID, other.SessionID) // S-34
	b.RequireLive(tokens)
}

// A login costs two look-ups, of the user and of the wrong passwords in a row, and one
// transaction: the user again, the session and the event. One after
// wrong passwords also clears their count. A statement that is added here is paid by
// every login.
func TestLogin_CostsSevenCallsOfTheStore(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	b.Store.Heal() // begins the count
	b.Login(app.Ada, app.Password)
	assert.Equal(t, 7, b.Store.Calls(), "with the beginning and the commit of the transaction")
	device := b.Device(app.Ada, app.Password)
	b.Store.Heal()
	b.Again(device, app.Ada, app.Password)
	assert.Equal(t, 7, b.Store.Calls(), "from a known device")
	_, err := b.TryLogin(app.Ada, app.Another)
	require.ErrorIs(t, err, domain.ErrInvalidCredentials)
	b.Store.Heal()
	b.Login(app.Ada, app.Password)
	assert.Equal(t, 8, b.Store.Calls(), "after a wrong password")
}

// F-M7, V-15: a wrong password costs the same calls of the store, with an account or
// without one, and so does the one that locks the address.
func TestLogin_AWrongPasswordCostsTheSameCallsForEveryAddress(t *testing.T) {
	t.Parallel()
	b := app.New(t, func(s *assembly.Settings) { s.LoginFailures = domain.FailureLimit{Failures: 3, Lock: time.Hour} })
	b.Account(app.Ada, app.Password)
	b.Queue.Deliver(nil) // the mail is sent in the background
	costs := func(address string) (all []int) {
		for range 4 { // the third locks
			b.Store.Heal()
			_, err := b.TryLogin(address, app.Another)
			require.Error(t, err)
			all = append(all, b.Store.Calls())
		}
		return all
	}
	known, unknown := costs(app.Ada), costs("unknown@example.com")
	assert.Equal(t, []int{6, 6, 9, 2}, known)
	assert.Equal(t, known, unknown)
}

// S-06: nothing is trimmed, folded or cut.
func TestLogin_ComparesThePasswordExactly(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	exact := " Päss wörd " + strings.Repeat("x", 80) + " "
	b.Account(app.Ada, exact)
	for _, wrong := range []string{
		"", strings.TrimSpace(exact), strings.ToLower(exact), exact + "x", exact[:72], exact[:len(exact)-1],
		exact + "\x00", exact + "\x00" + exact, // T-13
		strings.ReplaceAll(exact, "ä", "a\u0308"), // S-07: no normalisation
	} {
		b.Refused(domain.ErrInvalidCredentials, func() error { _, err := b.TryLogin(app.Ada, wrong); return err })
	}
	b.Login(app.Ada, exact)
}

// S-15, V-15: one answer and one hash for every cause.
func TestLogin_RefusesEveryCauseAlike(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	b.Account("disabled@example.com", app.Password)
	b.Edit("disabled@example.com", func(s *domain.UserSnapshot) { s.Status = domain.StatusDisabled.String() })
	require.NoError(t, b.Register("unverified@example.com", app.Password))
	_, err := b.UseCases.CreateUser.Execute(t.Context(), ports.CreateUserCommand{Principal: domain.Operator(), Email: "invited@example.com"})
	require.NoError(t, err)
	for _, address := range []string{app.Ada, "disabled@example.com", "unverified@example.com", "invited@example.com", "unknown@example.com"} {
		assert.Equal(t, 1, b.Hashes(func() {
			refusal := b.Refused(domain.ErrInvalidCredentials, func() error { _, err := b.TryLogin(address, app.Another); return err })
			assert.Same(t, domain.ErrInvalidCredentials, refusal)
		}), address)
	}
	for address, want := range map[string]error{
		"disabled@example.com":   domain.ErrAccountDisabled,
		"unverified@example.com": domain.ErrEmailNotVerified,
	} {
		assert.Equal(t, 1, b.Hashes(func() {
			b.Refused(want, func() error { _, err := b.TryLogin(address, app.Password); return err })
		}), address)
	}
	assert.Zero(t, b.Hashes(func() {
		b.Refused(domain.ErrInvalidEmail, func() error { _, err := b.TryLogin("no address", app.Password); return err })
	}))
}

func TestLogin_WithOptionalVerificationNeedsNoVerifiedAddress(t *testing.T) {
	t.Parallel()
	b := app.New(t, app.Optional)
	require.NoError(t, b.Register(app.Ada, app.Password))
	b.RequireLive(b.Login(app.Ada, app.Password))
}

func TestLogin_OneMoreThanTheLimitEndsTheOldestSession(t *testing.T) {
	t.Parallel()
	b := app.New(t, func(s *assembly.Settings) { s.MaxSessionsPerUser = 3 })
	user := b.Account(app.Ada, app.Password)
	var tokens []ports.TokensResult
	for range 5 {
		b.Clock.Advance(time.Second)
		tokens = append(tokens, b.Login(app.Ada, app.Password))
		assert.LessOrEqual(t, len(b.Live(user)), 3)
	}
	b.RequireEnded(tokens[0])
	b.RequireEnded(tokens[1])
	for _, live := range tokens[2:] {
		b.RequireLive(live)
	}
	stored, _, err := b.Ports.Store.Sessions.WithUser(t.Context(), tokens[0].SessionID)
	require.NoError(t, err)
	assert.Equal(t, string(domain.RevokedByTooMany), stored.Snapshot().RevokeReason)

	require.NoError(t, b.Logout(tokens[4].AccessToken))
	b.Login(app.Ada, app.Password)
	b.RequireLive(tokens[2]) // an ended session makes room
}

func TestLogin_UpgradesAnOutdatedHash(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	old := b.Hasher.HashOutdated(app.Secret(app.Password))
	b.Edit(app.Ada, func(s *domain.UserSnapshot) { s.PasswordHash = old.Encoded() })
	b.Refused(domain.ErrInvalidCredentials, func() error { _, err := b.TryLogin(app.Ada, app.Another); return err })

	// Several at once that all saw the old hash succeed.
	tokens := make([]ports.TokensResult, 0, 3)
	first := b.Login(app.Ada, app.Password)
	b.Edit(app.Ada, func(s *domain.UserSnapshot) { s.PasswordHash = old.Encoded() })
	b.Hasher.BeforeVerify = func() { tokens = append(tokens, b.Login(app.Ada, app.Password)) }
	tokens = append(tokens, first, b.Login(app.Ada, app.Password))
	require.Len(t, tokens, 3)
	for _, each := range tokens {
		b.RequireLive(each) // an upgrade is no change of the password
	}
	assert.NotEqual(t, old, b.User(app.Ada).PasswordHash())
	assert.Equal(t, 1, b.Hashes(func() { b.Login(app.Ada, app.Password) }), "once is enough")
}

// oneJobHasher has room to check a password, but no room to hash it anew.
type oneJobHasher struct{ ports.PasswordHasher }

func (h oneJobHasher) Reserve(ctx context.Context, r ports.Reservation) (ports.HashPlace, error) {
	place, err := h.PasswordHasher.Reserve(ctx, r)
	return oneJobPlace{place}, err
}

type oneJobPlace struct{ ports.HashPlace }

func (oneJobPlace) Hash(context.Context, domain.Secret) (domain.PasswordHash, error) {
	return domain.PasswordHash{}, domain.ErrOverloaded.WithRetryAfter(time.Second)
}

func TestLogin_LeavesTheUpgradeToALaterLoginUnderLoad(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	old := b.Hasher.HashOutdated(app.Secret(app.Password))
	b.Edit(app.Ada, func(s *domain.UserSnapshot) { s.PasswordHash = old.Encoded() })

	busy := b.With(func(p *assembly.Ports) { p.Hasher = oneJobHasher{b.Hasher} })
	result, err := busy.Login.Execute(t.Context(), ports.LoginCommand{Email: app.Ada, Password: app.Secret(app.Password)})
	require.NoError(t, err)
	b.RequireLive(result.TokensResult)
	assert.Equal(t, old, b.User(app.Ada).PasswordHash())

	b.Login(app.Ada, app.Password)
	assert.NotEqual(t, old, b.User(app.Ada).PasswordHash())
}

func TestLogin_IsRefusedForAnAccountThatIsDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	user := b.Account(app.Ada, app.Password)
	b.Hasher.BeforeVerify = func() { require.NoError(t, b.DeleteUser(domain.Operator(), user.ID().String())) }
	_, err := b.TryLogin(app.Ada, app.Password)
	require.ErrorIs(t, err, domain.ErrInvalidCredentials)
	assert.Empty(t, b.Users())
}

// However the account was closed: by hand in the database, too.
func TestLogin_IsRefusedForAnAccountThatIsDisabledInTheStoreMeanwhile(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	user := b.Account(app.Ada, app.Password)
	b.Hasher.BeforeVerify = func() {
		b.Edit(app.Ada, func(s *domain.UserSnapshot) { s.Status = domain.StatusDisabled.String() })
	}
	_, err := b.TryLogin(app.Ada, app.Password)
	require.ErrorIs(t, err, domain.ErrAccountDisabled)
	assert.Empty(t, b.Live(user))
}

// A change of the role alone ends no login; the tokens carry the new one.
func TestLogin_TakesTheRoleAsItIsWhenTheSessionStarts(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	user := b.Account(app.Ada, app.Password)
	b.Hasher.BeforeVerify = func() { require.NoError(t, b.SetRole(domain.Operator(), user.ID().String(), "admin")) }
	claims, err := b.Ports.Signer.ParseAccess(b.Login(app.Ada, app.Password).AccessToken)
	require.NoError(t, err)
	assert.Equal(t, domain.RoleAdmin, claims.Role)
}
