package factors_test

import (
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

// guarded returns a bundle with one account that has a second factor, and a session of it from
// before.
func guarded(t *testing.T) (*app.Bundle, domain.Principal, *app.Authenticator) {
	t.Helper()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	p := b.SignIn(app.Ada, app.Password)
	phone := b.Enrol(p, app.Password, domain.Secret{})
	return b, p, phone
}

// F-MFA: the password alone opens no session.
func TestTOTP_GuardsTheNextSignIn(t *testing.T) {
	t.Parallel()
	b, _, phone := guarded(t)
	require.Len(t, phone.Recovery, domain.RecoveryCodes)
	challenge := b.Challenge(app.Ada, app.Password)
	_, err := b.Continue(challenge, domain.MethodOneTimeCode, domain.NewSecret("000000"))
	require.ErrorIs(t, err, domain.ErrInvalidCode)
	code := phone.Code()
	result, err := b.Continue(challenge, domain.MethodOneTimeCode, code)
	require.NoError(t, err, "a challenge works again with another code")
	claims, err := b.Ports.Signer.ParseAccess(result.AccessToken)
	require.NoError(t, err)
	assert.Equal(t, []domain.Method{"pwd", "otp", "mfa"}, claims.Methods)
	for _, again := range []domain.Secret{challenge, b.Challenge(app.Ada, app.Password)} {
		_, err = b.Continue(again, domain.MethodOneTimeCode, code)
		require.ErrorIs(t, err, domain.ErrInvalidCode, "a code works once")
	}
}

// RFC 6238 section 5.2: one step of leeway, and no code of an earlier step after a later one.
func TestTOTP_AcceptsOneStepOfLeeway(t *testing.T) {
	t.Parallel()
	b, _, phone := guarded(t)
	prove := func(code domain.Secret) error {
		_, err := b.Continue(b.Challenge(app.Ada, app.Password), domain.MethodOneTimeCode, code)
		return err
	}
	b.Clock.Advance(10 * time.Minute)
	require.ErrorIs(t, prove(phone.CodeAt(-2)), domain.ErrInvalidCode)
	require.ErrorIs(t, prove(phone.CodeAt(2)), domain.ErrInvalidCode)
	require.NoError(t, prove(phone.CodeAt(-1)))
	require.NoError(t, prove(phone.CodeAt(1)))
	require.ErrorIs(t, prove(phone.CodeAt(0)), domain.ErrInvalidCode, "its step is over")
	b.Clock.Advance(time.Minute)
	blanks := phone.Code().Reveal()
	require.NoError(t, prove(domain.NewSecret(" "+blanks[:3]+" "+blanks[3:]+" ")))
}

func TestTOTP_AnEnrolmentThatIsNotConfirmedChangesNothing(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	p := b.SignIn(app.Ada, app.Password)
	added, err := b.AddTOTP(p, ports.Confirmation{Password: app.Secret(app.Password)})
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(added.URI.Reveal(), "otpauth://totp/"))
	assert.Contains(t, added.URI.Reveal(), "secret="+added.Secret.Reveal())
	b.Login(app.Ada, app.Password)
	_, err = b.ConfirmTOTP(p, added.Factor.ID().String(), domain.NewSecret("000000"))
	require.ErrorIs(t, err, domain.ErrWrongCode)
	list, err := b.UseCases.ListFactors.Execute(t.Context(), ports.ListFactorsCommand{Principal: p})
	require.NoError(t, err)
	assert.Empty(t, list.Factors)
	b.Clock.Advance(domain.FactorPendingLife)
	_, err = b.ConfirmTOTP(p, added.Factor.ID().String(), domain.NewSecret("000000"))
	require.ErrorIs(t, err, domain.ErrFactorNotFound)
	b.Login(app.Ada, app.Password)
	_, err = b.AddTOTP(p, ports.Confirmation{Password: app.Secret(app.Another)})
	require.ErrorIs(t, err, domain.ErrWrongPassword)
	for range domain.MaxFactors {
		_, err = b.AddTOTP(p, ports.Confirmation{Password: app.Secret(app.Password)})
		require.NoError(t, err)
	}
	_, err = b.AddTOTP(p, ports.Confirmation{Password: app.Secret(app.Password)})
	require.ErrorIs(t, err, domain.ErrTooManyFactors)
}

func TestTOTP_IsNotOfferedWithoutAKey(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	p := b.SignIn(app.Ada, app.Password)
	b.Change(func(p *assembly.Ports) { p.DataKeys = app.DataKeys() })
	_, err := b.AddTOTP(p, ports.Confirmation{Password: app.Secret(app.Password)})
	require.ErrorIs(t, err, domain.ErrFactorsUnavailable)
}

// The store holds no secret in a form that opens without the key, and a new key opens what the
// old one sealed.
func TestTOTP_TheSecretIsSealed(t *testing.T) {
	t.Parallel()
	b, _, phone := guarded(t)
	all, err := b.Ports.Store.Factors.ByUser(t.Context(), b.User(app.Ada).ID())
	require.NoError(t, err)
	require.Len(t, all, 1)
	keyID, sealed := all[0].Sealed()
	assert.Equal(t, b.Ports.DataKeys.Current(), keyID)
	assert.NotContains(t, sealed, phone.Secret())
	assert.Greater(t, len(sealed), domain.TOTPSecretSize)
	b.Change(func(p *assembly.Ports) { p.DataKeys = app.DataKeys("new key", "data key") })
	b.SignInTwice(app.Ada, app.Password, phone)
	_, err = b.Continue(b.Challenge(app.Ada, app.Password), domain.MethodRecoveryCode, phone.Recovery[0])
	require.NoError(t, err)
}

func TestRecoveryCodes_EachReplacesACodeOnce(t *testing.T) {
	t.Parallel()
	b, _, phone := guarded(t)
	prove := func(code string) (ports.LoginResult, error) {
		return b.Continue(b.Challenge(app.Ada, app.Password), domain.MethodRecoveryCode, domain.NewSecret(code))
	}
	for i, code := range phone.Recovery {
		b.Clock.Advance(time.Minute)
		text := code.Reveal()
		if i == 0 {
			text = strings.ToLower(strings.ReplaceAll(text, "-", " "))
		}
		var result ports.LoginResult
		mails := b.Mailed(func() {
			var err error
			result, err = prove(text)
			require.NoError(t, err)
		})
		assert.Contains(t, mails, "recovery_code_used "+app.Ada)
		left := -1
		for _, mail := range b.Mailer.All() {
			if mail.Kind == domain.MailRecoveryCodeUsed {
				left = mail.CodesLeft
			}
		}
		assert.Equal(t, 9-i, left)
		claims, err := b.Ports.Signer.ParseAccess(result.AccessToken)
		require.NoError(t, err)
		assert.Equal(t, []domain.Method{"pwd", "recovery_code", "mfa"}, claims.Methods)
		_, err = prove(text)
		require.ErrorIs(t, err, domain.ErrInvalidCode)
	}
	_, err := prove("no code")
	require.ErrorIs(t, err, domain.ErrInvalidCode)
}

func TestRecoveryCodes_NewOnesReplaceTheFormer(t *testing.T) {
	t.Parallel()
	b, p, phone := guarded(t)
	renew := func(code domain.Secret) (ports.RecoveryCodesResult, error) {
		return b.UseCases.RenewRecoveryCodes.Execute(t.Context(), ports.RenewRecoveryCodesCommand{
			Principal: p, Confirmation: ports.Confirmation{Password: app.Secret(app.Password), Code: code}, Origin: b.From,
		})
	}
	_, err := renew(domain.Secret{})
	require.ErrorIs(t, err, domain.ErrCodeRequired)
	result, err := renew(phone.Next())
	require.NoError(t, err)
	require.Len(t, result.Codes, domain.RecoveryCodes)
	_, err = b.Continue(b.Challenge(app.Ada, app.Password), domain.MethodRecoveryCode, phone.Recovery[0])
	require.ErrorIs(t, err, domain.ErrInvalidCode)
	_, err = b.Continue(b.Challenge(app.Ada, app.Password), domain.MethodRecoveryCode, result.Codes[0])
	require.NoError(t, err)
}

// A change that a stolen token must not make takes a code as well as the password.
func TestSecondFactor_GuardsWhatMatters(t *testing.T) {
	t.Parallel()
	b, p, phone := guarded(t)
	changes := map[string]func(given ports.Confirmation) error{
		"a further factor": func(given ports.Confirmation) error {
			_, err := b.AddTOTP(p, given)
			return err
		},
		"the address": func(given ports.Confirmation) error {
			_, err := b.UseCases.ChangeEmail.Execute(t.Context(), ports.ChangeEmailCommand{Principal: p, NewEmail: app.Moved, Confirmation: given, Origin: b.From})
			return err
		},
	}
	for name, change := range changes {
		b.Clock.Advance(time.Minute)
		for want, given := range map[*domain.Error]ports.Confirmation{
			domain.ErrWrongPassword: {Password: app.Secret(app.Another), Code: phone.Code()},
			domain.ErrCodeRequired:  {Password: app.Secret(app.Password)},
			domain.ErrWrongCode:     {Password: app.Secret(app.Password), Code: domain.NewSecret("000000")},
		} {
			require.ErrorIs(t, change(given), want, name)
		}
		require.NoError(t, change(ports.Confirmation{Password: app.Secret(app.Password), Code: phone.Code()}), name)
	}
	remove := func(given ports.Confirmation) error {
		_, err := b.UseCases.RemoveFactor.Execute(t.Context(), ports.RemoveFactorCommand{Principal: p, FactorID: phone.ID, Confirmation: given, Origin: b.From})
		return err
	}
	require.ErrorIs(t, remove(ports.Confirmation{Password: app.Secret(app.Password)}), domain.ErrCodeRequired)
	require.NoError(t, remove(ports.Confirmation{Password: app.Secret(app.Password), Code: phone.Next()}))
	b.Login(app.Ada, app.Password)
	require.ErrorIs(t, remove(ports.Confirmation{Password: app.Secret(app.Password)}), domain.ErrFactorNotFound)
	require.NoError(t, b.DeleteAccount(p, app.Password))
}

func TestSecondFactor_DeletingTheAccountTakesACode(t *testing.T) {
	t.Parallel()
	b, p, phone := guarded(t)
	id := b.User(app.Ada).ID()
	require.ErrorIs(t, b.DeleteAccount(p, app.Password), domain.ErrCodeRequired)
	_, err := b.UseCases.DeleteAccount.Execute(t.Context(), ports.DeleteAccountCommand{
		Principal: p, Confirmation: ports.Confirmation{Password: app.Secret(app.Password), Code: phone.Recovery[3]}, Origin: b.From,
	})
	require.NoError(t, err)
	left, err := b.Ports.Store.Recovery.Left(t.Context(), id)
	require.NoError(t, err)
	assert.Zero(t, left)
}

// A reset of the password removes no factor, and neither does a change; both sign in only with
// one.
func TestSecondFactor_OutlivesThePassword(t *testing.T) {
	t.Parallel()
	b, p, phone := guarded(t)
	result, err := b.UseCases.ChangePassword.Execute(t.Context(), ports.ChangePasswordCommand{
		Principal: p, NewPassword: app.Secret(app.Another), Confirmation: ports.Confirmation{Password: app.Secret(app.Password)}, Origin: b.From,
	})
	require.ErrorIs(t, err, domain.ErrSecondFactorRequired)
	_, err = b.Continue(result.Next.Challenge, domain.MethodOneTimeCode, phone.Next())
	require.NoError(t, err)
	require.NoError(t, b.Reset(b.ResetSecret(app.Ada), app.Password))
	b.SignInTwice(app.Ada, app.Password, phone)
}

// 30 wrong codes in a row refuse one-time codes, with one mail; a recovery code ends that, and a
// reset does. A right password alone does not.
func TestSecondFactor_ManyWrongCodesLockCodes(t *testing.T) {
	t.Parallel()
	b, _, phone := guarded(t)
	lock := func() []string {
		return b.Mailed(func() {
			challenge := b.Challenge(app.Ada, app.Password)
			for range domain.MaxCodeFailures {
				_, err := b.Continue(challenge, domain.MethodOneTimeCode, domain.NewSecret("000000"))
				require.ErrorIs(t, err, domain.ErrInvalidCode)
			}
		})
	}
	assert.Equal(t, []string{"codes_locked " + app.Ada}, lock())
	_, err := b.Continue(b.Challenge(app.Ada, app.Password), domain.MethodOneTimeCode, phone.Next())
	require.ErrorIs(t, err, domain.ErrRateLimited)
	_, err = b.Continue(b.Challenge(app.Ada, app.Password), domain.MethodRecoveryCode, phone.Recovery[0])
	require.NoError(t, err)
	b.SignInTwice(app.Ada, app.Password, phone)
	assert.Equal(t, []string{"codes_locked " + app.Ada}, lock(), "and again")
	require.NoError(t, b.Reset(b.ResetSecret(app.Ada), app.Another))
	b.SignInTwice(app.Ada, app.Another, phone)
}

// S-12: the limit counts all methods, challenges and sessions of an account together.
func TestSecondFactor_CodesShareOneLimit(t *testing.T) {
	t.Parallel()
	b, p, phone := guarded(t)
	b.Limits(map[ports.Limit]domain.Quota{ports.LimitFactorAccount: {Events: 3, Per: time.Hour}})
	_, err := b.Continue(b.Challenge(app.Ada, app.Password), domain.MethodOneTimeCode, domain.NewSecret("000000"))
	require.ErrorIs(t, err, domain.ErrInvalidCode)
	_, err = b.Continue(b.Challenge(app.Ada, app.Password), domain.MethodRecoveryCode, domain.NewSecret("00000-00000"))
	require.ErrorIs(t, err, domain.ErrInvalidCode)
	_, err = b.AddTOTP(p, ports.Confirmation{Password: app.Secret(app.Password), Code: domain.NewSecret("000000")})
	require.ErrorIs(t, err, domain.ErrWrongCode)
	_, err = b.Continue(b.Challenge(app.Ada, app.Password), domain.MethodOneTimeCode, phone.Next())
	require.ErrorIs(t, err, domain.ErrRateLimited)
}

func TestContinueLogin_TakesOnlyMethodsThatWereOffered(t *testing.T) {
	t.Parallel()
	b, _, phone := guarded(t)
	for _, method := range []domain.Method{"", "pwd", "mfa", "sms"} {
		_, err := b.Continue(b.Challenge(app.Ada, app.Password), method, phone.Next())
		require.ErrorIs(t, err, domain.ErrInvalidParameter, method)
	}
	_, err := b.Continue(domain.NewSecret("no challenge"), domain.MethodOneTimeCode, phone.Next())
	require.ErrorIs(t, err, domain.ErrInvalidCredentials)
	challenge := b.Challenge(app.Ada, app.Password)
	b.Clock.Advance(domain.ChallengeLife)
	_, err = b.Continue(challenge, domain.MethodOneTimeCode, phone.Code())
	require.ErrorIs(t, err, domain.ErrInvalidCredentials)
}

// A password that must change is asked for after the second factor.
func TestContinueLogin_AsksForTheNewPasswordLast(t *testing.T) {
	t.Parallel()
	b, _, phone := guarded(t)
	b.Edit(app.Ada, func(s *domain.UserSnapshot) { s.PasswordChangeRequired = true })
	challenge := b.Challenge(app.Ada, app.Password)
	replace := func(challenge domain.Secret) (ports.LoginResult, error) {
		return b.UseCases.ReplacePassword.Execute(t.Context(), ports.ReplacePasswordCommand{Challenge: challenge, NewPassword: app.Secret(app.Another), Origin: b.From})
	}
	_, err := replace(challenge)
	require.ErrorIs(t, err, domain.ErrInvalidCredentials, "the password alone is not enough")
	result, err := b.Continue(challenge, domain.MethodOneTimeCode, phone.Next())
	require.ErrorIs(t, err, domain.ErrPasswordChangeRequired)
	result, err = replace(result.Next.Challenge)
	require.NoError(t, err)
	claims, err := b.Ports.Signer.ParseAccess(result.AccessToken)
	require.NoError(t, err)
	assert.Contains(t, claims.Methods, domain.MethodMultiFactor)
}

func TestAdministrators_ListAndRemoveFactors(t *testing.T) {
	t.Parallel()
	b, p, phone := guarded(t)
	admin := b.Admin(app.Bob)
	id := b.User(app.Ada).ID().String()
	list, err := b.UseCases.ListUserFactors.Execute(t.Context(), ports.ListUserFactorsCommand{Principal: admin, UserID: id})
	require.NoError(t, err)
	require.Len(t, list.Factors, 1)
	assert.Equal(t, domain.RecoveryCodes, list.RecoveryCodesLeft)
	remove := func(by domain.Principal, factor string) error {
		_, err := b.UseCases.RemoveUserFactors.Execute(t.Context(), ports.RemoveUserFactorsCommand{Principal: by, UserID: id, FactorID: factor, Origin: b.From})
		return err
	}
	require.ErrorIs(t, remove(p, phone.ID), domain.ErrForbidden)
	require.ErrorIs(t, remove(admin, domain.FactorID{9}.String()), domain.ErrFactorNotFound)
	assert.Equal(t, []string{"factor_removed " + app.Ada}, b.Mailed(func() { require.NoError(t, remove(admin, "")) }))
	b.Login(app.Ada, app.Password)
	_, err = b.AddTOTP(p, ports.Confirmation{Password: app.Secret(app.Password)})
	require.ErrorIs(t, err, domain.ErrSessionEnded)
	require.ErrorIs(t, remove(admin, ""), domain.ErrFactorNotFound)
}

// Nobody sets up a factor before the owner of the address is known, so that none keeps the owner
// out. A reset removes no factor, also of an account that was moved to an unconfirmed address.
func TestSecondFactor_NeedsAConfirmedAddress(t *testing.T) {
	t.Parallel()
	b := app.New(t, func(s *assembly.Settings) { s.EmailVerificationRequired = false })
	require.NoError(t, b.Register(app.Ada, app.Password))
	p := b.SignIn(app.Ada, app.Password)
	_, err := b.AddTOTP(p, ports.Confirmation{Password: app.Secret(app.Password)})
	require.ErrorIs(t, err, domain.ErrEmailNotVerified)
	b.Edit(app.Ada, func(s *domain.UserSnapshot) { s.EmailVerified = true })
	phone := b.Enrol(b.SignIn(app.Ada, app.Password), app.Password, domain.Secret{})
	b.Edit(app.Ada, func(s *domain.UserSnapshot) { s.EmailVerified = false })
	require.NoError(t, b.Reset(b.ResetSecret(app.Ada), app.Another))
	b.SignInTwice(app.Ada, app.Another, phone)
}

// A thief who moved the account to an address of theirs and set up a factor keeps neither.
func TestUndo_RemovesFactorsThatWereAddedSince(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	p := b.SignIn(app.Ada, app.Password)
	require.NoError(t, b.ChangeEmail(p, app.Moved, app.Password))
	require.NoError(t, b.Confirm(b.LastSecret(app.Moved), app.Password))
	undo := b.LastSecret(app.Ada)
	b.Clock.Advance(time.Minute)
	thief := b.SignIn(app.Moved, app.Password)
	b.Enrol(thief, app.Password, domain.Secret{})
	_, err := b.UseCases.UndoEmailChange.Execute(t.Context(), ports.UndoEmailChangeCommand{TokenSecret: undo, Origin: b.From})
	require.NoError(t, err)
	require.NoError(t, b.Reset(b.LastSecret(app.Ada), app.Another))
	b.Login(app.Ada, app.Another)
	assert.False(t, b.User(app.Ada).HasSecondFactor())
}

// So does one who set up the factor before the move, or between its request and its confirmation.
func TestUndo_RemovesFactorsFromShortlyBefore(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	thief := b.SignIn(app.Ada, app.Password)
	phone := b.Enrol(thief, app.Password, domain.Secret{})
	_, err := b.UseCases.ChangeEmail.Execute(t.Context(), ports.ChangeEmailCommand{
		Principal: thief, NewEmail: app.Moved, Confirmation: ports.Confirmation{Password: app.Secret(app.Password), Code: phone.Next()}, Origin: b.From,
	})
	require.NoError(t, err)
	require.NoError(t, b.Confirm(b.LastSecret(app.Moved), app.Password))
	_, err = b.UseCases.UndoEmailChange.Execute(t.Context(), ports.UndoEmailChangeCommand{TokenSecret: b.LastSecret(app.Ada), Origin: b.From})
	require.NoError(t, err)
	require.NoError(t, b.Reset(b.LastSecret(app.Ada), app.Another))
	b.Login(app.Ada, app.Another)
}

// The owner's own factor stays, and recovery codes that a thief may have made do not.
func TestUndo_KeepsFactorsFromLongBefore(t *testing.T) {
	t.Parallel()
	b, _, phone := guarded(t)
	b.Clock.Advance(25 * time.Hour)
	p := b.SignInTwice(app.Ada, app.Password, phone)
	_, err := b.UseCases.ChangeEmail.Execute(t.Context(), ports.ChangeEmailCommand{
		Principal: p, NewEmail: app.Moved, Confirmation: ports.Confirmation{Password: app.Secret(app.Password), Code: phone.Next()}, Origin: b.From,
	})
	require.NoError(t, err)
	require.NoError(t, b.Confirm(b.LastSecret(app.Moved), app.Password))
	_, err = b.UseCases.UndoEmailChange.Execute(t.Context(), ports.UndoEmailChangeCommand{TokenSecret: b.LastSecret(app.Ada), Origin: b.From})
	require.NoError(t, err)
	require.NoError(t, b.Reset(b.LastSecret(app.Ada), app.Another))
	_, err = b.Continue(b.Challenge(app.Ada, app.Another), domain.MethodRecoveryCode, phone.Recovery[0])
	require.ErrorIs(t, err, domain.ErrInvalidCode)
	b.SignInTwice(app.Ada, app.Another, phone)
}

// What was begun without a code before the first factor ends with it.
func TestSecondFactor_EndsWhatWasBegunBefore(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	b.Account(app.Ada, app.Password)
	p := b.SignIn(app.Ada, app.Password)
	begun, err := b.AddTOTP(p, ports.Confirmation{Password: app.Secret(app.Password)})
	require.NoError(t, err)
	require.NoError(t, b.ChangeEmail(p, app.Moved, app.Password))
	moves := b.LastSecret(app.Moved)
	b.Enrol(p, app.Password, domain.Secret{})
	_, err = b.ConfirmTOTP(p, begun.Factor.ID().String(), domain.NewSecret("000000"))
	require.ErrorIs(t, err, domain.ErrFactorNotFound)
	require.ErrorIs(t, b.Confirm(moves, app.Password), domain.ErrInvalidToken)
}

// A code that was accepted in a session ends a row of wrong ones.
func TestSecondFactor_ARightCodeEndsTheRow(t *testing.T) {
	t.Parallel()
	b, p, phone := guarded(t)
	challenge := b.Challenge(app.Ada, app.Password)
	wrong := func(n int) {
		for range n {
			_, err := b.Continue(challenge, domain.MethodOneTimeCode, domain.NewSecret("000000"))
			require.ErrorIs(t, err, domain.ErrInvalidCode)
		}
	}
	wrong(domain.MaxCodeFailures - 1)
	_, err := b.AddTOTP(p, ports.Confirmation{Password: app.Secret(app.Password), Code: phone.Next()})
	require.NoError(t, err)
	wrong(domain.MaxCodeFailures - 1)
	b.SignInTwice(app.Ada, app.Password, phone)
	challenge = b.Challenge(app.Ada, app.Password)
	wrong(domain.MaxCodeFailures - 1)
	b.SignInTwice(app.Ada, app.Password, phone)
}

// A session alone, without the password, uses up nothing of the account's codes.
func TestConfirmTOTP_CountsByTheFactor(t *testing.T) {
	t.Parallel()
	b, p, phone := guarded(t)
	b.Limits(map[ports.Limit]domain.Quota{ports.LimitFactorAccount: {Events: 2, Per: time.Hour}})
	for range 9 {
		_, err := b.ConfirmTOTP(p, domain.FactorID{9}.String(), domain.NewSecret("000000"))
		require.ErrorIs(t, err, domain.ErrFactorNotFound)
	}
	b.SignInTwice(app.Ada, app.Password, phone)
}

func TestAdministrators_DoNotRemoveTheirOwnFactors(t *testing.T) {
	t.Parallel()
	b := app.New(t)
	admin := b.Admin(app.Ada)
	b.Enrol(admin, app.Password, domain.Secret{})
	_, err := b.UseCases.RemoveUserFactors.Execute(t.Context(), ports.RemoveUserFactorsCommand{Principal: admin, UserID: b.User(app.Ada).ID().String(), Origin: b.From})
	require.ErrorIs(t, err, domain.ErrForbidden)
}

// The password was right, so somebody knows it: that is on record.
func TestLogin_RecordsThatASecondFactorIsMissing(t *testing.T) {
	t.Parallel()
	b, _, _ := guarded(t)
	events := app.WithoutMails(b.Recorded(func() { b.Challenge(app.Ada, app.Password) }))
	require.Len(t, events, 1)
	assert.Equal(t, []string{"login_refused", "second_factor_required"}, []string{string(events[0].Type), events[0].Detail})
}

// An account that goes back to its owner loses the factors that a thief may have set up.
func TestRecover_RemovesTheFactors(t *testing.T) {
	t.Parallel()
	b, _, _ := guarded(t)
	address := app.Moved
	_, err := b.ChangeUser(ports.ChangeUserCommand{Principal: domain.Operator(), UserID: b.User(app.Ada).ID().String(), Email: &address, EmailVerified: true, Recover: true})
	require.NoError(t, err)
	require.NoError(t, b.Reset(b.LastSecret(app.Moved), app.Another))
	b.Login(app.Moved, app.Another)
}
