package application_test

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
)

func TestLogin_StartsASession(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	user := b.account(ada, password)
	b.clock.Advance(time.Hour)
	result, err := b.Login.Execute(t.Context(), ports.LoginCommand{
		Email: "  ADA@example.com ", Password: secret(password),
		Origin: ports.Origin{Client: domain.Client{IP: "::ffff:192.0.2.9", UserAgent: "Browser\n{\"a\":1}"}},
	})
	require.NoError(t, err)
	tokens := result.TokensResult
	assert.Equal(t, 30*time.Minute, tokens.ExpiresIn)
	assert.Equal(t, 7*24*time.Hour, tokens.RefreshExpiresIn)

	live := b.live(user)
	require.Len(t, live, 1)
	assert.Equal(t, tokens.SessionID, live[0].ID())
	assert.Equal(t, start.Add(time.Hour), live[0].CreatedAt())
	assert.Equal(t, domain.Client{IP: "192.0.2.9", UserAgent: `Browser{"a":1}`}, live[0].Client())
	b.requireLive(tokens)

	other := b.login(ada, password)
	assert.NotEqual(t, tokens.SessionID, other.SessionID) // S-34
	b.requireLive(tokens)
}

// S-06: nothing is trimmed, folded or cut.
func TestLogin_ComparesThePasswordExactly(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	exact := " Päss wörd " + strings.Repeat("x", 80) + " "
	b.account(ada, exact)
	for _, wrong := range []string{
		"", strings.TrimSpace(exact), strings.ToLower(exact), exact + "x", exact[:72], exact[:len(exact)-1],
		exact + "\x00", exact + "\x00" + exact, // T-13
		strings.ReplaceAll(exact, "ä", "a\u0308"), // S-07: no normalisation
	} {
		b.refused(domain.ErrInvalidCredentials, func() error { _, err := b.tryLogin(ada, wrong); return err })
	}
	b.login(ada, exact)
}

// S-15, V-15: one answer and one hash for every cause.
func TestLogin_RefusesEveryCauseAlike(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	b.account("disabled@example.com", password)
	b.change("disabled@example.com", func(s *domain.UserSnapshot) { s.Status = domain.StatusDisabled.String() })
	require.NoError(t, b.register("unverified@example.com", password))
	_, err := b.CreateUser.Execute(t.Context(), ports.CreateUserCommand{Principal: domain.Operator(), Email: "invited@example.com"})
	require.NoError(t, err)
	for _, address := range []string{ada, "disabled@example.com", "unverified@example.com", "invited@example.com", "unknown@example.com"} {
		assert.Equal(t, 1, b.hashes(func() {
			refusal := b.refused(domain.ErrInvalidCredentials, func() error { _, err := b.tryLogin(address, another); return err })
			assert.Same(t, domain.ErrInvalidCredentials, refusal)
		}), address)
	}
	for address, want := range map[string]error{
		"disabled@example.com":   domain.ErrAccountDisabled,
		"unverified@example.com": domain.ErrEmailNotVerified,
	} {
		assert.Equal(t, 1, b.hashes(func() {
			b.refused(want, func() error { _, err := b.tryLogin(address, password); return err })
		}), address)
	}
	assert.Zero(t, b.hashes(func() {
		b.refused(domain.ErrInvalidEmail, func() error { _, err := b.tryLogin("no address", password); return err })
	}))
}

func TestLogin_WithOptionalVerificationNeedsNoVerifiedAddress(t *testing.T) {
	t.Parallel()
	b := newBundle(t, optional)
	require.NoError(t, b.register(ada, password))
	b.requireLive(b.login(ada, password))
}

func TestLogin_OneMoreThanTheLimitEndsTheOldestSession(t *testing.T) {
	t.Parallel()
	b := newBundle(t, func(s *assembly.Settings) { s.MaxSessionsPerUser = 3 })
	user := b.account(ada, password)
	var tokens []ports.TokensResult
	for range 5 {
		b.clock.Advance(time.Second)
		tokens = append(tokens, b.login(ada, password))
		assert.LessOrEqual(t, len(b.live(user)), 3)
	}
	b.requireEnded(tokens[0])
	b.requireEnded(tokens[1])
	for _, live := range tokens[2:] {
		b.requireLive(live)
	}
	stored, _, err := b.deps.Store.Sessions.WithUser(t.Context(), tokens[0].SessionID)
	require.NoError(t, err)
	assert.Equal(t, string(domain.RevokedByTooMany), stored.Snapshot().RevokeReason)

	require.NoError(t, b.logout(tokens[4].AccessToken))
	b.login(ada, password)
	b.requireLive(tokens[2]) // an ended session makes room
}

func TestLogin_UpgradesAnOutdatedHash(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	old := b.hasher.HashOutdated(secret(password))
	b.change(ada, func(s *domain.UserSnapshot) { s.PasswordHash = old.Encoded() })
	b.refused(domain.ErrInvalidCredentials, func() error { _, err := b.tryLogin(ada, another); return err })

	// Several at once that all saw the old hash succeed.
	tokens := make([]ports.TokensResult, 0, 3)
	first := b.login(ada, password)
	b.change(ada, func(s *domain.UserSnapshot) { s.PasswordHash = old.Encoded() })
	b.hasher.beforeVerify = func() { tokens = append(tokens, b.login(ada, password)) }
	tokens = append(tokens, first, b.login(ada, password))
	require.Len(t, tokens, 3)
	for _, each := range tokens {
		b.requireLive(each) // an upgrade is no change of the password
	}
	assert.NotEqual(t, old, b.user(ada).PasswordHash())
	assert.Equal(t, 1, b.hashes(func() { b.login(ada, password) }), "once is enough")
}

// oneJobHasher has room to check a password, and none to hash it anew.
type oneJobHasher struct{ ports.PasswordHasher }

func (oneJobHasher) Hash(context.Context, domain.Secret) (domain.PasswordHash, error) {
	return domain.PasswordHash{}, domain.ErrOverloaded.WithRetryAfter(time.Second)
}

func TestLogin_LeavesTheUpgradeToALaterLoginUnderLoad(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	b.account(ada, password)
	old := b.hasher.HashOutdated(secret(password))
	b.change(ada, func(s *domain.UserSnapshot) { s.PasswordHash = old.Encoded() })

	busy := b.deps
	busy.Hasher = oneJobHasher{b.hasher}
	result, err := assembly.UseCases(busy, b.settings).Login.Execute(t.Context(), ports.LoginCommand{Email: ada, Password: secret(password)})
	require.NoError(t, err)
	b.requireLive(result.TokensResult)
	assert.Equal(t, old, b.user(ada).PasswordHash())

	b.login(ada, password)
	assert.NotEqual(t, old, b.user(ada).PasswordHash())
}

func TestLogin_IsRefusedForAnAccountThatIsDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	user := b.account(ada, password)
	b.hasher.beforeVerify = func() { require.NoError(t, b.deleteUser(domain.Operator(), user.ID().String())) }
	_, err := b.tryLogin(ada, password)
	require.ErrorIs(t, err, domain.ErrInvalidCredentials)
	assert.Empty(t, b.users())
}

// However the account was closed: by hand in the database, too.
func TestLogin_IsRefusedForAnAccountThatIsDisabledInTheStoreMeanwhile(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	user := b.account(ada, password)
	b.hasher.beforeVerify = func() {
		b.change(ada, func(s *domain.UserSnapshot) { s.Status = domain.StatusDisabled.String() })
	}
	_, err := b.tryLogin(ada, password)
	require.ErrorIs(t, err, domain.ErrAccountDisabled)
	assert.Empty(t, b.live(user))
}

// A change of the role alone ends no login; the tokens carry the new one.
func TestLogin_TakesTheRoleAsItIsWhenTheSessionStarts(t *testing.T) {
	t.Parallel()
	b := newBundle(t)
	user := b.account(ada, password)
	b.hasher.beforeVerify = func() { require.NoError(t, b.setRole(domain.Operator(), user.ID().String(), "admin")) }
	claims, err := b.deps.Signer.ParseAccess(b.login(ada, password).AccessToken)
	require.NoError(t, err)
	assert.Equal(t, domain.RoleAdmin, claims.Role)
}
