package races

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/bootstrap/assembly"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/contract"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

func ruleRaces() []race {
	return []race{
		{"Register_OfFiftyPasswordsForOneAddressNoneSignsIn", registerDifferent},
		{"Register_FiftyDoubleSubmitsMakeOneAccount", registerSame},
		{"Register_WithOptionalVerificationOneGetsTheAddress", registerOptional},
		{"LastAdmin_OneIsAlwaysLeft", lastAdmin},
		{"Invitation_StrangersWhoRegisterMeanwhileGainNothing", invitedMeanwhile},
	}
}

// R-35, V-11: the account belongs to the user who reads its mails. Its password is one
// that this user chose.
func registerDifferent(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	a := newArena(t, fresh(t))
	all := passwords(50)
	for _, err := range together(len(all), func(i int) error { return a.Register(app.Ada, all[i]) }) {
		require.NoError(t, err, "every request gets the same answer")
	}
	require.Len(t, a.Users(), 1)
	_, err := a.UseCases.VerifyEmail.Execute(t.Context(), ports.VerifyEmailCommand{TokenSecret: a.LastSecret(app.Ada)})
	require.NoError(t, err)
	a.requireOnlyPassword(app.Ada, "", all)
	require.NoError(t, a.Reset(a.LastSecret(app.Ada), app.Another))
	a.requireOnlyPassword(app.Ada, app.Another, append(all, app.Another))
}

func registerSame(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	a := newArena(t, fresh(t))
	for _, err := range together(50, func(int) error { return a.Register(app.Ada, app.Password) }) {
		require.NoError(t, err)
	}
	require.Len(t, a.Users(), 1)
	_, err := a.UseCases.VerifyEmail.Execute(t.Context(), ports.VerifyEmailCommand{TokenSecret: a.LastSecret(app.Ada)})
	require.NoError(t, err)
	a.Login(app.Ada, app.Password)
	assert.Equal(t, 50, a.mailed(domain.MailVerifyEmail), "each request causes a mail")
}

func registerOptional(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	a := newArena(t, fresh(t), func(s *assembly.Settings) { s.EmailVerificationRequired = false })
	all := passwords(50)
	errs := together(len(all), func(i int) error { return a.Register(app.Ada, all[i]) })
	won := winner(t, errs, domain.ErrEmailTaken)
	require.Len(t, a.Users(), 1)
	a.requireOnlyPassword(app.Ada, all[won], all)
}

// invitedMeanwhile invites an administrator while strangers register the address. F-H3:
// the invitation is not blocked, and no password of a stranger is left.
func invitedMeanwhile(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	a := newArena(t, fresh(t))
	all := passwords(4)
	for round := range 10 {
		address := fmt.Sprintf("boss%d@example.com", round)
		errs := together(len(all)+1, func(i int) error {
			if i < len(all) {
				return a.Register(address, all[i])
			}
			_, err := a.UseCases.CreateUser.Execute(t.Context(), ports.CreateUserCommand{
				Principal: domain.Operator(), Email: address, Role: domain.RoleAdmin.String(),
			})
			return err
		})
		for _, err := range errs {
			require.NoError(t, err)
		}
		user := a.User(address)
		assert.Equal(t, domain.RoleUser, user.Role())
		assert.Equal(t, domain.RoleAdmin, user.InvitedRole())
		a.requireOnlyPassword(address, "", all)
	}
}

// lastAdmin removes all administrators at once, each in a different way. F-M3: an
// invitation is there all the time, and does not count.
func lastAdmin(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	a := newArena(t, fresh(t))
	_, err := a.UseCases.CreateUser.Execute(t.Context(), ports.CreateUserCommand{
		Principal: domain.Operator(), Email: "invited@example.com", Role: domain.RoleAdmin.String(),
	})
	require.NoError(t, err)
	user := domain.RoleUser.String()
	ways := []func(id domain.UserID, p domain.Principal) error{
		func(id domain.UserID, _ domain.Principal) error { return a.changeUser(id, &user, nil) },
		func(id domain.UserID, _ domain.Principal) error { return a.disable(id) },
		func(id domain.UserID, _ domain.Principal) error { return a.deleteUser(id) },
		func(_ domain.UserID, p domain.Principal) error {
			_, err := a.UseCases.DeleteAccount.Execute(t.Context(), ports.DeleteAccountCommand{Principal: p, Confirmation: ports.Confirmation{Password: domain.NewSecret(app.Password)}})
			return err
		},
	}
	for round := range 5 {
		ids := make([]domain.UserID, len(ways))
		principals := make([]domain.Principal, len(ways))
		for i := range ways {
			address := fmt.Sprintf("admin%d-%d@example.com", round, i)
			ids[i] = a.account(address, domain.RoleAdmin.String()).ID()
			principals[i] = a.Principal(a.Login(address, app.Password))
		}
		for _, u := range a.Users() { // delete the administrator of the last round
			if u.CanAdminister() && !slices.Contains(ids, u.ID()) {
				require.NoError(t, a.deleteUser(u.ID()))
			}
		}
		errs := together(len(ways), func(i int) error { return ways[i](ids[i], principals[i]) })
		gone := count(t, errs, nil, domain.ErrLastAdmin, domain.ErrUnavailable)
		left := 0
		for _, u := range a.Users() {
			if u.CanAdminister() {
				left++
			}
		}
		assert.Equal(t, len(ways)-gone, left)
		assert.NotZero(t, left, "an administrator is left")
	}
}
