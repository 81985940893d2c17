package account_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

// withClaims sets the further claims of access tokens.
func withClaims(t *testing.T, text string) func(*assembly.Settings) {
	t.Helper()
	claims, err := domain.ParseClaimMap(text)
	require.NoError(t, err)
	return func(s *assembly.Settings) { s.AccessTokenClaims = claims }
}

func registerAs(b *app.Bundle, password, profile string) error {
	_, err := b.UseCases.Register.Execute(b.Context(), ports.RegisterCommand{Email: app.Ada, Password: app.Secret(password), Profile: profile, Origin: b.From})
	return err
}

// profile returns the stored profile of Ada.
func profile(b *app.Bundle) string {
	b.Helper()
	m, err := b.Ports.Store.Metadata.ByUser(b.Context(), b.User(app.Ada).ID())
	require.NoError(b, err)
	return m.Profile()
}

func TestRegister_KeepsTheProfileOfTheNewestClaimWithTheSamePassword(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	require.NoError(t, registerAs(b, app.Password, `{"name":"Ada"}`))
	assert.Equal(t, `{"name":"Ada"}`, profile(b))
	require.NoError(t, registerAs(b, app.Password, ""))
	assert.Equal(t, `{"name":"Ada"}`, profile(b), "without a profile, the earlier one stands")
	entries := b.Entries(func() { require.NoError(t, registerAs(b, app.Password, `{"nick":"A"}`)) })
	assert.Equal(t, `{"nick":"A"}`, profile(b), "replaced, not merged")
	assert.Contains(t, entries, b.Own(domain.EventProfileChanged, app.Ada, domain.SessionID{}, ""))
	require.NoError(t, b.Verify(b.LastSecret(app.Ada)))
	require.NoError(t, registerAs(b, app.Password, `{"name":"A stranger"}`))
	assert.Equal(t, `{"nick":"A"}`, profile(b), "a confirmed account has its owner")
}

// F-H2: neither the profile of the first claim nor that of the second one stands, as with their
// passwords.
func TestRegister_OverAnUnconfirmedAccountDropsTheProfile(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	require.NoError(t, registerAs(b, app.Password, `{"name":"A thief"}`))
	require.NoError(t, registerAs(b, app.Another, `{"name":"Another thief"}`))
	assert.Equal(t, "{}", profile(b))
	require.NoError(t, registerAs(b, app.Password, `{"name":"A thief"}`))
	assert.Equal(t, "{}", profile(b))
	require.NoError(t, b.Verify(b.LastSecret(app.Ada)))
	assert.Equal(t, "{}", profile(b))
}

// F-H2: an unproven claim's profile goes with its password, and stays with it.
func TestVerifyEmail_TheProfileSharesTheFateOfThePassword(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edit func(*assembly.Settings)
		want string
	}{
		"drop": {app.DropUnproven, "{}"},
		"keep": {func(*assembly.Settings) {}, `{"name":"Ada"}`},
	} {
		b := app.New(t, c.edit)
		require.NoError(t, registerAs(b, app.Password, `{"name":"Ada"}`))
		require.NoError(t, b.Verify(b.LastSecret(app.Ada)))
		assert.Equal(t, c.want, profile(b), name)
	}
	b := app.New(t, app.DropUnproven)
	require.NoError(t, registerAs(b, app.Password, `{"name":"Ada"}`))
	require.NoError(t, b.Confirm(b.LastSecret(app.Ada), app.Password))
	assert.Equal(t, `{"name":"Ada"}`, profile(b), "a proven claim keeps both")

	b = app.New(t)
	require.NoError(t, registerAs(b, app.Password, `{"name":"A thief"}`))
	require.NoError(t, b.Reset(b.ResetSecret(app.Ada), app.Another))
	assert.Equal(t, "{}", profile(b), "the owner of the address resets the password of a stranger")
}

// S-45: a profile that goes with its unproven password leaves an event without values, beside
// those of the act that took it; an account without a profile leaves none. Recording it costs no
// store call.
func TestProfile_ItsLossIsRecorded(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		settings func(*assembly.Settings)
		act      func(b *app.Bundle)
		beside   []domain.EventType
		byOwner  bool
	}{
		"another registration": {func(*assembly.Settings) {}, func(b *app.Bundle) { require.NoError(b, registerAs(b, app.Another, "")) },
			[]domain.EventType{domain.EventPasswordDropped, domain.EventRegisteredAgain}, false},
		"a confirmation that drops the password": {app.DropUnproven, func(b *app.Bundle) { require.NoError(b, b.Verify(b.LastSecret(app.Ada))) },
			[]domain.EventType{domain.EventEmailVerified, domain.EventPasswordDropped}, true},
		"a reset": {func(*assembly.Settings) {}, func(b *app.Bundle) { require.NoError(b, b.Reset(b.ResetSecret(app.Ada), app.Another)) },
			[]domain.EventType{domain.EventPasswordReset}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := map[string]int{}
			for _, text := range []string{"", `{"name":"A thief"}`} {
				b := app.New(t, c.settings)
				require.NoError(t, registerAs(b, app.Password, text))
				lost := app.Entry{Type: domain.EventProfileChanged, Subject: b.User(app.Ada).ID()}
				if c.byOwner {
					lost.Actor = lost.Subject
				}
				b.Store.Heal()
				entries := b.Entries(func() { c.act(b) })
				calls[text] = b.Store.Calls()
				var types []domain.EventType
				for _, e := range entries {
					if e.Type != domain.EventProfileChanged {
						types = append(types, e.Type)
					}
				}
				assert.ElementsMatch(t, c.beside, types)
				assert.Equal(t, text != "", slices.Contains(entries, lost))
				assert.Len(t, entries, len(c.beside)+min(len(text), 1))
				assert.Equal(t, "{}", profile(b))
			}
			assert.Equal(t, calls[""], calls[`{"name":"A thief"}`])
		})
	}
}

// A refused profile is refused alike for free and taken addresses, before anything else.
func TestRegister_RefusesAProfileWhateverTheAddress(t *testing.T) {
	t.Parallel()
	b := app.New(t, withClaims(t, "name=profile.name"))
	b.Account(app.Ada, app.Password)
	for _, address := range []string{app.Ada, app.Bob} {
		for _, text := range []string{"[]", `{"a":1,"a":2}`, `{"name":"a\nb"}`} {
			assert.Zero(t, b.Hashes(func() {
				refusal := b.Refused(domain.ErrInvalidMetadata, func() error {
					_, err := b.UseCases.Register.Execute(t.Context(), ports.RegisterCommand{Email: address, Password: app.Secret(app.Password), Profile: text, Origin: b.From})
					return err
				})
				assert.Equal(t, "profile", refusal.Field)
			}))
		}
	}
}

func changeProfile(b *app.Bundle, p domain.Principal, patch string, version *int64) (ports.UserResult, error) {
	return b.UseCases.ChangeProfile.Execute(b.Context(), ports.ChangeProfileCommand{Principal: p, Profile: patch, Version: version, Origin: b.From})
}

func TestChangeProfile_MergesAndRecordsWithoutValues(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	p := b.SignIn(app.Ada, app.Password)
	_, own, err := p.SignedIn()
	require.NoError(t, err)
	entries := b.Entries(func() {
		result, err := changeProfile(b, p, `{"name":"example@example.com","theme":"dark"}`, nil)
		require.NoError(t, err)
		assert.Equal(t, int64(1), result.Metadata.Version())
	})
	assert.Equal(t, []app.Entry{b.Own(domain.EventProfileChanged, app.Ada, own.ID(), "")}, entries)
	present, stale := int64(1), int64(0)
	result, err := changeProfile(b, p, `{"theme":null}`, &present)
	require.NoError(t, err)
	assert.Equal(t, `{"name":"example@example.com"}`, result.Metadata.Profile())
	b.Refused(domain.ErrVersionConflict, func() error { _, err := changeProfile(b, p, `{"a":1}`, &stale); return err })
	b.Refused(domain.ErrInvalidMetadata, func() error { _, err := changeProfile(b, p, "", nil); return err })
	assert.Empty(t, b.Entries(func() {
		result, err = changeProfile(b, p, `{"theme":null}`, nil)
		require.NoError(t, err)
		assert.Equal(t, int64(2), result.Metadata.Version(), "nothing changed")
	}))
	shown, err := b.UseCases.CurrentUser.Execute(t.Context(), ports.CurrentUserCommand{Principal: p})
	require.NoError(t, err)
	assert.Equal(t, result.Metadata.Snapshot(), shown.Metadata.Snapshot())
	export, err := b.Export(p)
	require.NoError(t, err)
	assert.Equal(t, result.Metadata.Snapshot(), export.Metadata.Snapshot())

	b.LogoutEverywhere(p)
	b.Refused(domain.ErrSessionEnded, func() error { _, err := changeProfile(b, p, `{"late":true}`, nil); return err })
	_, err = changeProfile(b, domain.Operator(), `{"a":1}`, nil)
	require.ErrorIs(t, err, domain.ErrUnauthenticated)
}

func TestChangeProfile_IsLimitedByUser(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	p := b.SignIn(app.Ada, app.Password)
	b.Limit(ports.LimitProfileUser, domain.Quota{Events: 1, Per: time.Minute})
	_, err := changeProfile(b, p, `{"a":1}`, nil)
	require.NoError(t, err)
	_, err = changeProfile(b, p, `{"a":2}`, nil)
	require.ErrorIs(t, err, domain.ErrRateLimited)
}

// Tokens carry the claims from the next refresh on, and the answer for a gateway at once.
func TestAccessTokens_CarryTheChosenClaims(t *testing.T) {
	t.Parallel()
	b := app.New(t, withClaims(t, "email,name=profile.name,tenant=app.tenant"))
	id := b.Account(app.Ada, app.Password).ID()
	_, err := b.ChangeUser(ports.ChangeUserCommand{Principal: domain.Operator(), UserID: id.String(), Metadata: domain.MetadataPatch{App: `{"tenant":"acme"}`}})
	require.NoError(t, err)
	extra := func(token domain.Secret) map[string]any {
		claims, err := b.Ports.Signer.ParseAccess(token)
		require.NoError(t, err)
		return claims.Extra
	}
	asked := func(token domain.Secret) map[string]any {
		result, err := b.UseCases.Authenticate.Execute(t.Context(), ports.AuthenticateCommand{AccessToken: token, Claims: true})
		require.NoError(t, err)
		return result.Claims
	}
	tokens := b.Login(app.Ada, app.Password)
	before := map[string]any{"email": app.Ada, "tenant": "acme"}
	assert.Equal(t, before, extra(tokens.AccessToken))
	_, err = changeProfile(b, b.Principal(tokens), `{"name":"Ada"}`, nil)
	require.NoError(t, err)
	after := map[string]any{"email": app.Ada, "tenant": "acme", "name": "Ada"}
	assert.Equal(t, before, extra(tokens.AccessToken))
	assert.Equal(t, after, asked(tokens.AccessToken))
	next := b.MustRefresh(tokens.RefreshToken)
	assert.Equal(t, after, extra(next.AccessToken))
	again := b.MustRefresh(tokens.RefreshToken)
	assert.Equal(t, next.AccessToken, again.AccessToken, "a replay gets the same claims, unless their sources changed")

	renewed, err := b.Renew(b.Principal(next), app.Password, app.Another)
	require.NoError(t, err)
	assert.Equal(t, after, extra(renewed.AccessToken), "a change of the password answers tokens, too")
	result, err := b.UseCases.Authenticate.Execute(t.Context(), ports.AuthenticateCommand{AccessToken: renewed.AccessToken})
	require.NoError(t, err)
	assert.Nil(t, result.Claims)
}
