package factors

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// own loads the signed-in user again inside a unit of work. Errors: domain.ErrSessionEnded.
func own(ctx context.Context, r ports.Repositories, p domain.Principal, now time.Time) (*domain.User, error) {
	checked, session, err := p.SignedIn()
	if err != nil {
		return nil, err
	}
	return kit.StillSignedIn(ctx, r, checked, session, now)
}

// find returns the factor with an id among those of a user. Errors: domain.ErrFactorNotFound.
func find(all []*domain.Factor, text string) (*domain.Factor, error) {
	id, err := domain.ParseFactorID(text)
	if err != nil {
		return nil, err
	}
	for _, factor := range all {
		if factor.ID() == id {
			return factor, nil
		}
	}
	return nil, domain.ErrFactorNotFound
}

// confirmed counts the confirmed factors.
func confirmed(all []*domain.Factor) int {
	n := 0
	for _, factor := range all {
		if factor.IsConfirmed() {
			n++
		}
	}
	return n
}

// remove removes a factor in a unit of work. The last confirmed one takes the recovery codes
// with it. event records it; from is as for kit.Outbox.Notice. A factor that was never
// confirmed goes without an event.
func (c *Codes) remove(ctx context.Context, r ports.Repositories, user *domain.User, all []*domain.Factor, factor *domain.Factor, event domain.Event, from domain.Client, now time.Time) error {
	if err := r.Factors.Delete(ctx, factor); err != nil || !factor.IsConfirmed() {
		return err
	}
	left := confirmed(all) - 1
	if left == 0 {
		if err := r.Recovery.Replace(ctx, user.ID(), nil, now); err != nil {
			return err
		}
	}
	user.KeepSecondFactor(left > 0, now)
	if err := r.Users.Save(ctx, user); err != nil {
		return err
	}
	return kit.Mails(r, c.p.IDs, now).Notice(ctx, user.ID(), domain.MailFactorRemoved, from, event)
}

// ListFactors returns the caller's second factors.
type ListFactors struct{ codes *Codes }

// NewListFactors returns the use case.
func NewListFactors(c *Codes) *ListFactors { return &ListFactors{c} }

// Execute returns the factors, the oldest first, without those that wait for their first code,
// and how many recovery codes are left. Errors: domain.ErrUnauthenticated.
func (uc *ListFactors) Execute(ctx context.Context, cmd ports.ListFactorsCommand) (ports.FactorsResult, error) {
	user, _, err := cmd.Principal.SignedIn()
	if err != nil {
		return ports.FactorsResult{}, err
	}
	return kit.FactorsOf(ctx, uc.codes.p.Store.Repositories, user.ID())
}

// AddTOTP begins to set up an authenticator application.
type AddTOTP struct {
	codes   *Codes
	p       kit.Ports
	product string
}

// NewAddTOTP returns the use case. product names the service in authenticator applications.
func NewAddTOTP(c *Codes, p kit.Ports, product string) *AddTOTP { return &AddTOTP{c, p, product} }

// Execute stores a factor that waits for its first code, and returns its secret once. Until
// then it changes nothing for sign-ins. Errors: domain.ErrFactorsUnavailable,
// domain.ErrEmailNotVerified,
// domain.ErrInvalidParameter at name, domain.ErrWrongPassword at password,
// domain.ErrCodeRequired, domain.ErrWrongCode, domain.ErrTooManyFactors,
// domain.ErrSessionEnded, domain.ErrRateLimited, domain.ErrOverloaded,
// domain.ErrUnauthenticated.
func (uc *AddTOTP) Execute(ctx context.Context, cmd ports.AddTOTPCommand) (ports.AddTOTPResult, error) {
	signedIn, _, err := cmd.Principal.SignedIn()
	if err != nil {
		return ports.AddTOTPResult{}, err
	}
	switch {
	case !uc.codes.p.Keys.Available():
		return ports.AddTOTPResult{}, domain.ErrFactorsUnavailable
	case !signedIn.EmailVerified():
		// Who owns the address is not known yet, and a factor would keep the owner out.
		return ports.AddTOTPResult{}, domain.ErrEmailNotVerified
	}
	name, err := domain.ParseFactorName(cmd.Name, "Authenticator application")
	if err != nil {
		return ports.AddTOTPResult{}, err
	}
	if err := proveAgain(ctx, uc.p, uc.codes, cmd.Principal, cmd.Confirmation, cmd.Origin); err != nil {
		return ports.AddTOTPResult{}, err
	}
	now := uc.codes.p.Clock.Now()
	var result ports.AddTOTPResult
	err = uc.codes.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		user, err := own(ctx, r, cmd.Principal, now)
		if err != nil {
			return err
		}
		if user.HasSecondFactor() && cmd.Confirmation.Code.IsEmpty() {
			return domain.ErrCodeRequired // the first factor was confirmed meanwhile
		}
		if err := roomForOne(ctx, r, user.ID(), now); err != nil {
			return err
		}
		// The save makes concurrent requests conflict, so that they cannot exceed the number.
		user.KeepSecondFactor(user.HasSecondFactor(), now)
		if err := r.Users.Save(ctx, user); err != nil {
			return err
		}
		factor, secret, err := uc.codes.newFactor(user.ID(), name, now)
		if err != nil {
			return err
		}
		t := factor.TOTP()
		result = ports.AddTOTPResult{
			Factor: factor, Secret: domain.NewSecret(t.SecretText(secret)), URI: domain.NewSecret(t.URI(uc.product, user.Email().String(), secret)),
		}
		return r.Factors.Add(ctx, factor)
	})
	if err != nil {
		return ports.AddTOTPResult{}, err
	}
	return result, nil
}

// roomForOne removes the user's factors whose time to confirm them is over. Errors:
// domain.ErrTooManyFactors if there are as many others as an account may have.
func roomForOne(ctx context.Context, r ports.Repositories, id domain.UserID, now time.Time) error {
	all, err := r.Factors.ByUser(ctx, id)
	if err != nil {
		return err
	}
	left := 0
	for _, factor := range all {
		if factor.IsConfirmed() || factor.IsPending(now) {
			left++
			continue
		}
		if err := r.Factors.Delete(ctx, factor); err != nil {
			return err
		}
	}
	if left >= domain.MaxFactors {
		return domain.ErrTooManyFactors
	}
	return nil
}

// proveAgain checks the password of a signed-in user, and a code if the user has a second
// factor. Errors: domain.ErrWrongPassword at password, domain.ErrCodeRequired,
// domain.ErrWrongCode, domain.ErrRateLimited, domain.ErrOverloaded, domain.ErrUnauthenticated.
func proveAgain(ctx context.Context, p kit.Ports, c *Codes, by domain.Principal, given ports.Confirmation, o ports.Origin) error {
	user, _, err := by.SignedIn()
	if err != nil {
		return err
	}
	place, err := p.PlaceInSession(ctx, o, by, 1)
	if err != nil {
		return err
	}
	defer place.Release()
	return p.StrictConfirmer(c).Check(ctx, place, by, user, given, "password", o)
}

// ConfirmTOTP ends the set-up of an authenticator application.
type ConfirmTOTP struct{ codes *Codes }

// NewConfirmTOTP returns the use case.
func NewConfirmTOTP(c *Codes) *ConfirmTOTP { return &ConfirmTOTP{c} }

// Execute makes a factor count, by its first code. With the first factor of an account come its
// recovery codes, which no other request shows. Errors: domain.ErrFactorNotFound,
// domain.ErrWrongCode, domain.ErrSessionEnded, domain.ErrRateLimited, domain.ErrUnauthenticated.
func (uc *ConfirmTOTP) Execute(ctx context.Context, cmd ports.ConfirmTOTPCommand) (ports.ConfirmTOTPResult, error) {
	signedIn, _, err := cmd.Principal.SignedIn()
	if err != nil {
		return ports.ConfirmTOTPResult{}, err
	}
	c := uc.codes
	if err := c.exists(ctx, signedIn.ID(), cmd.FactorID); err != nil {
		return ports.ConfirmTOTPResult{}, err
	}
	// It counts by the factor, so that a session alone cannot use up the codes of sign-ins.
	count := ports.Count{Limit: ports.LimitFactorAccount, Key: cmd.FactorID}
	if err := c.limits().TakeBy(ctx, cmd.Origin, cmd.Principal, signedIn.ID(), count); err != nil {
		return ports.ConfirmTOTPResult{}, err
	}
	codes, hashes, err := c.newRecoveryCodes(signedIn.ID())
	if err != nil {
		return ports.ConfirmTOTPResult{}, err
	}
	now := c.p.Clock.Now()
	event := kit.Event(c.p.IDs, domain.EventFactorAdded, cmd.Origin, now).About(signedIn.ID()).By(cmd.Principal).Saying(string(domain.MethodOneTimeCode))
	var result ports.ConfirmTOTPResult
	err = c.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		user, err := own(ctx, r, cmd.Principal, now)
		if err != nil {
			return err
		}
		all, err := r.Factors.ByUser(ctx, user.ID())
		if err != nil {
			return err
		}
		factor, err := find(all, cmd.FactorID)
		if err != nil {
			return err
		}
		secret, err := c.open(factor)
		if err != nil {
			return err
		}
		if err := factor.Confirm(secret, cmd.Code, now); err != nil {
			return err
		}
		if err := r.Factors.Save(ctx, factor); err != nil {
			return err
		}
		result = ports.ConfirmTOTPResult{Factor: factor}
		if !user.HasSecondFactor() {
			if err := begin(ctx, r, all, factor, hashes, now); err != nil {
				return err
			}
			result.RecoveryCodes = codes
		}
		user.KeepSecondFactor(true, now)
		if err := r.Users.Save(ctx, user); err != nil {
			return err
		}
		return kit.Mails(r, c.p.IDs, now).Notice(ctx, user.ID(), domain.MailFactorAdded, cmd.Origin.Client, event)
	})
	if err != nil {
		return ports.ConfirmTOTPResult{}, err
	}
	return result, nil
}

// exists returns nil if the user has the factor. Errors: domain.ErrFactorNotFound.
func (c *Codes) exists(ctx context.Context, user domain.UserID, id string) error {
	all, err := c.p.Store.Factors.ByUser(ctx, user)
	if err != nil {
		return err
	}
	_, err = find(all, id)
	return err
}

// begin stores the recovery codes that come with the first factor of an account, and ends what
// was begun without a code before: other factors that wait, and requested changes of address.
func begin(ctx context.Context, r ports.Repositories, all []*domain.Factor, first *domain.Factor, codes []ports.KeyedHash, now time.Time) error {
	for _, factor := range all {
		if factor.ID() == first.ID() {
			continue
		}
		if err := r.Factors.Delete(ctx, factor); err != nil {
			return err
		}
	}
	if err := r.Tokens.DeleteByUser(ctx, domain.UseConfirmEmail, first.UserID()); err != nil {
		return err
	}
	return r.Recovery.Replace(ctx, first.UserID(), codes, now)
}

// RemoveFactor removes one of the caller's second factors.
type RemoveFactor struct {
	codes *Codes
	p     kit.Ports
}

// NewRemoveFactor returns the use case.
func NewRemoveFactor(c *Codes, p kit.Ports) *RemoveFactor { return &RemoveFactor{c, p} }

// Execute removes the factor. The last one takes the recovery codes with it. Errors:
// domain.ErrFactorNotFound, domain.ErrWrongPassword at password, domain.ErrCodeRequired,
// domain.ErrWrongCode, domain.ErrSessionEnded, domain.ErrRateLimited, domain.ErrOverloaded,
// domain.ErrUnauthenticated.
func (uc *RemoveFactor) Execute(ctx context.Context, cmd ports.RemoveFactorCommand) (ports.None, error) {
	c := uc.codes
	signedIn, _, err := cmd.Principal.SignedIn()
	if err != nil {
		return ports.None{}, err
	}
	if err := c.exists(ctx, signedIn.ID(), cmd.FactorID); err != nil { // before a code is used up
		return ports.None{}, err
	}
	if err := proveAgain(ctx, uc.p, c, cmd.Principal, cmd.Confirmation, cmd.Origin); err != nil {
		return ports.None{}, err
	}
	now := c.p.Clock.Now()
	return ports.None{}, c.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		user, err := own(ctx, r, cmd.Principal, now)
		if err != nil {
			return err
		}
		all, err := r.Factors.ByUser(ctx, user.ID())
		if err != nil {
			return err
		}
		factor, err := find(all, cmd.FactorID)
		if err != nil {
			return err
		}
		event := kit.Event(c.p.IDs, domain.EventFactorRemoved, cmd.Origin, now).About(user.ID()).By(cmd.Principal).Saying(string(domain.MethodOneTimeCode))
		return c.remove(ctx, r, user, all, factor, event, cmd.Origin.Client, now)
	})
}

// RenewRecoveryCodes replaces the caller's recovery codes.
type RenewRecoveryCodes struct {
	codes *Codes
	p     kit.Ports
}

// NewRenewRecoveryCodes returns the use case.
func NewRenewRecoveryCodes(c *Codes, p kit.Ports) *RenewRecoveryCodes {
	return &RenewRecoveryCodes{c, p}
}

// Execute returns new codes, which no other request shows; the former ones stop working. Errors:
// domain.ErrNoSecondFactor, domain.ErrWrongPassword at password, domain.ErrCodeRequired,
// domain.ErrWrongCode, domain.ErrSessionEnded, domain.ErrRateLimited, domain.ErrOverloaded,
// domain.ErrUnauthenticated.
func (uc *RenewRecoveryCodes) Execute(ctx context.Context, cmd ports.RenewRecoveryCodesCommand) (ports.RecoveryCodesResult, error) {
	if err := proveAgain(ctx, uc.p, uc.codes, cmd.Principal, cmd.Confirmation, cmd.Origin); err != nil {
		return ports.RecoveryCodesResult{}, err
	}
	c := uc.codes
	now := c.p.Clock.Now()
	var result ports.RecoveryCodesResult
	err := c.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		user, err := own(ctx, r, cmd.Principal, now)
		if err != nil {
			return err
		}
		switch {
		case !user.HasSecondFactor():
			return domain.ErrNoSecondFactor
		case cmd.Confirmation.Code.IsEmpty():
			return domain.ErrCodeRequired
		}
		// The save makes a concurrent removal of the last factor conflict.
		user.KeepSecondFactor(true, now)
		if err := r.Users.Save(ctx, user); err != nil {
			return err
		}
		codes, hashes, err := c.newRecoveryCodes(user.ID())
		if err != nil {
			return err
		}
		result = ports.RecoveryCodesResult{Codes: codes}
		if err := r.Recovery.Replace(ctx, user.ID(), hashes, now); err != nil {
			return err
		}
		event := kit.Event(c.p.IDs, domain.EventRecoveryCodesMade, cmd.Origin, now).About(user.ID()).By(cmd.Principal)
		return kit.Mails(r, c.p.IDs, now).Notice(ctx, user.ID(), domain.MailRecoveryCodesMade, cmd.Origin.Client, event)
	})
	if err != nil {
		return ports.RecoveryCodesResult{}, err
	}
	return result, nil
}
