package races

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
	"github.com/seed543b3b27/auth-service/test/contract"
	"github.com/seed543b3b27/auth-service/test/kit/app"
)

func tokenRaces() []race {
	return []race{
		{"Reset_OfFiftyAtOnceOnePasswordWins", resetAtOnce},
		{"VerifyEmail_FiftyAtOnceConfirmOnce", verifyAtOnce},
		{"ChangeEmail_OneAccountGetsTheAddress", changeEmailAtOnce},
		{"ChangePassword_OneOfManyWins", changePasswordAtOnce},
		{"Undo_TheEarliestFormerAddressWins", undoAtOnce},
		{"Undo_AndAChangeAtOnceLeaveTheAccountWithItsOwner", undoAndChange},
		{"Undo_NobodyGetsTheAddressThatAnAccountLeaves", leaveAtOnce},
	}
}

// passwords returns n different passwords.
func passwords(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("a password of number %d", i)
	}
	return all
}

// winner returns the index of the one call that succeeded, and demands that it is alone.
func winner(t testing.TB, errs []error, losses ...error) int {
	t.Helper()
	require.Equal(t, 1, count(t, errs, nil, losses...), "winners")
	for i, err := range errs {
		if err == nil {
			return i
		}
	}
	return -1
}

// V-06: a link resets one password, even if many requests use it at once.
func resetAtOnce(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	a := newArena(t, fresh(t))
	a.account(app.Ada, "")
	secret := a.ResetSecret(app.Ada)
	all := passwords(50)
	errs := together(len(all), func(i int) error { return a.Reset(secret, all[i]) })
	won := winner(t, errs, domain.ErrInvalidToken)
	a.requireOnlyPassword(app.Ada, all[won], append(all, app.Password))
	assert.Equal(t, 1, a.mailed(domain.MailPasswordChanged))
}

func verifyAtOnce(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	a := newArena(t, fresh(t))
	_, err := a.UseCases.Register.Execute(t.Context(), ports.RegisterCommand{Email: app.Ada, Password: domain.NewSecret(app.Password)})
	require.NoError(t, err)
	secret := a.LastSecret(app.Ada)
	errs := together(50, func(int) error {
		_, err := a.UseCases.VerifyEmail.Execute(t.Context(), ports.VerifyEmailCommand{TokenSecret: secret})
		return err
	})
	// F-A19: the others repeat it without effect.
	for _, err := range errs {
		require.NoError(t, err)
	}
	confirmed := slices.DeleteFunc(a.Events(), func(e domain.Event) bool { return e.Type != domain.EventEmailVerified })
	assert.Len(t, confirmed, 1)
	a.Login(app.Ada, app.Password)
}

func changeEmailAtOnce(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	const wanted = "wanted@example.org"
	a := newArena(t, fresh(t))
	owners := make([]string, 8)
	secrets := make([]domain.Secret, len(owners))
	for i := range owners {
		owners[i] = fmt.Sprintf("owner%d@example.com", i)
		a.account(owners[i], "")
		cmd := ports.ChangeEmailCommand{
			Principal: a.Principal(a.Login(owners[i], app.Password)), NewEmail: wanted, Confirmation: ports.Confirmation{Password: domain.NewSecret(app.Password)},
		}
		_, err := a.UseCases.ChangeEmail.Execute(t.Context(), cmd)
		require.NoError(t, err)
		secrets[i] = a.LastSecret(wanted)
	}
	errs := together(len(owners), func(i int) error {
		return a.Confirm(secrets[i], app.Password)
	})
	won := winner(t, errs, domain.ErrInvalidToken)
	a.Login(wanted, app.Password)
	for i, owner := range owners {
		if i != won {
			a.Login(owner, app.Password)
		}
	}
}

func changePasswordAtOnce(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	a := newArena(t, fresh(t))
	a.account(app.Ada, "")
	all := passwords(8)
	principals := make([]domain.Principal, len(all))
	for i := range principals {
		principals[i] = a.Principal(a.Login(app.Ada, app.Password))
	}
	renewed := make([]ports.LoginResult, len(all))
	errs := together(len(all), func(i int) error {
		var err error
		renewed[i], err = a.Renew(principals[i], app.Password, all[i])
		return err
	})
	won := winner(t, errs, domain.ErrSessionEnded, domain.ErrWrongPassword)
	// F-M1: of all sessions the winner's fresh one is left.
	live := a.Live(a.User(app.Ada))
	require.Len(t, live, 1)
	assert.Equal(t, renewed[won].SessionID, live[0].ID())
	a.RequireLive(renewed[won].TokensResult)
	a.requireOnlyPassword(app.Ada, all[won], append(all, app.Password))
}

// undoAtOnce lets all former addresses of an account undo their changes at once. F-M6: the
// first owner wins, whatever the order.
func undoAtOnce(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	a := newArena(t, fresh(t))
	for round := range 5 {
		addresses := []string{fmt.Sprintf("first%d@example.com", round), fmt.Sprintf("second%d@example.com", round), fmt.Sprintf("third%d@example.com", round)}
		user := a.account(addresses[0], "")
		var undos []domain.Secret
		for i, from := range addresses[:2] {
			undos = append(undos, a.Move(a.SignIn(from, app.Password), from, addresses[i+1], app.Password))
		}
		errs := together(4, func(i int) error { return a.Undo(undos[i%2]) })
		done := count(t, errs, nil, domain.ErrInvalidToken)
		assert.Contains(t, []int{1, 2}, done)
		assert.Equal(t, user.ID(), a.User(addresses[0]).ID())
		require.ErrorIs(t, a.Undo(undos[1]), domain.ErrInvalidToken, "a later address cannot take the account again")
	}
}

// undoAndChange lets a thief go on moving the account while its owner undoes the first
// move, and signs in and deletes the account. F-M6.
func undoAndChange(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	a := newArena(t, fresh(t))
	for round := range 5 {
		owners, stolen, further := fmt.Sprintf("owner%d@example.com", round), fmt.Sprintf("thief%d@example.com", round), fmt.Sprintf("further%d@example.com", round)
		user := a.account(owners, "")
		undo := a.Move(a.SignIn(owners, app.Password), owners, stolen, app.Password)
		thief := a.SignIn(stolen, app.Password)
		require.NoError(t, a.ChangeEmail(thief, further, app.Password))
		confirm := a.LastSecret(further)
		errs := together(4, func(i int) error {
			switch i {
			case 0:
				return a.Undo(undo)
			case 1:
				return a.Confirm(confirm, app.Password)
			case 2:
				return a.DeleteAccount(thief, app.Password)
			}
			_, err := a.TryLogin(stolen, app.Password)
			return err
		})
		require.NoError(t, errs[0])
		count(t, errs[1:], nil, domain.ErrInvalidToken, domain.ErrWrongPassword, domain.ErrUndoOpen, domain.ErrSessionEnded, domain.ErrInvalidCredentials)
		back := a.User(owners)
		assert.Equal(t, user.ID(), back.ID())
		assert.Empty(t, a.Live(back))
		assert.True(t, back.PasswordHash().IsZero())
	}
}

// leaveAtOnce registers, invites and moves to an address while its account leaves it.
// F-M6: the address stays with that account, which can come back.
func leaveAtOnce(t *testing.T, fresh func(t testing.TB) contract.Stores) {
	a := newArena(t, fresh(t))
	for round := range 5 {
		former, next, other := fmt.Sprintf("former%d@example.com", round), fmt.Sprintf("next%d@example.com", round), fmt.Sprintf("other%d@example.com", round)
		user := a.account(former, "")
		a.account(other, "")
		require.NoError(t, a.ChangeEmail(a.SignIn(former, app.Password), next, app.Password))
		confirm := a.LastSecret(next)
		elsewhere := a.SignIn(other, app.Password)
		errs := together(4, func(i int) error {
			switch i {
			case 0:
				return a.Confirm(confirm, app.Password)
			case 1:
				return a.Register(former, app.Another)
			case 2:
				_, err := a.CreateUser(ports.CreateUserCommand{Principal: domain.Operator(), Email: former})
				return err
			}
			return a.ChangeEmail(elsewhere, former, app.Password)
		})
		for i, err := range errs {
			if i == 2 {
				require.ErrorIs(t, err, domain.ErrEmailTaken)
			} else {
				require.NoError(t, err)
			}
		}
		_, err := a.Ports.Store.Users.ByEmail(t.Context(), app.Email(t, former))
		require.ErrorIs(t, err, domain.ErrUserNotFound)
		undo, found := domain.Secret{}, false
		a.Mails()
		for _, mail := range a.Mailer.All() {
			if mail.Kind == domain.MailUndoEmail && mail.To.String() == former {
				undo, found = mail.TokenSecret, true
			}
		}
		require.True(t, found)
		require.NoError(t, a.Undo(undo))
		assert.Equal(t, user.ID(), a.User(former).ID())
	}
}
