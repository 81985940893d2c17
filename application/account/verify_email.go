package account

import (
	"context"
	"errors"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// VerifyEmail confirms an address by the secret that its owner got by mail. The account
// that asked for a change of address also proves itself; see confirmChange.
type VerifyEmail struct {
	p        Ports
	settings Settings
}

// NewVerifyEmail returns the use case.
func NewVerifyEmail(p Ports, s Settings) *VerifyEmail { return &VerifyEmail{p, s} }

// Execute confirms the address. domain.JudgeConfirmation decides whether password and
// sessions stay, because they may be those of a person who does not own the address. An
// account without a password gets a mail to choose one. A token that was used less than
// domain.RepeatLife ago confirms again without effect, whatever comes with it. A refusal
// leaves the token usable, but domain.MaxTokenFailures wrong passwords end it. Errors: domain.ErrInvalidToken for every cause,
// domain.ErrWrongPassword, domain.ErrProofRequired, domain.ErrInvalidParameter at
// drop_password, domain.ErrRateLimited, domain.ErrOverloaded, and the refusals of
// confirmChange.
func (uc *VerifyEmail) Execute(ctx context.Context, cmd ports.VerifyEmailCommand) (ports.UserResult, error) {
	if cmd.DropPassword && cmd.Confirmation != nil {
		return ports.UserResult{}, domain.ErrInvalidParameter.WithField("drop_password").
			WithDetail("Give the password or drop_password, not both.")
	}
	var place ports.HashPlace
	if cmd.Confirmation != nil {
		var err error
		if place, err = uc.p.Place(ctx, cmd.Origin, 1); err != nil {
			return ports.UserResult{}, err
		}
		defer place.Release()
	}
	if err := uc.p.Limits().Take(ctx, cmd.Origin, domain.UserID{}, ports.Count{Limit: ports.LimitTokenIP, Key: cmd.Origin.Client.Network()}); err != nil {
		return ports.UserResult{}, err
	}
	hash := domain.HashTokenSecret(cmd.TokenSecret)
	if done, result, err := uc.confirmChange(ctx, place, cmd, hash); done || err != nil {
		return result, err
	}
	checked, err := uc.checkPassword(ctx, place, hash, cmd)
	if err != nil {
		return ports.UserResult{}, err
	}
	now := uc.p.Clock.Now()
	var confirmed *domain.User
	err = uc.p.Store.Do(ctx, func(ctx context.Context, r ports.Repositories) error {
		token, user, metadata, err := kit.TokenUserAndMetadata(ctx, r, domain.UseConfirmEmail, hash)
		if err != nil {
			return err
		}
		confirmed = user
		if token.Repeats(user, now) {
			return nil
		}
		if err := token.Redeem(user, now); err != nil {
			return err
		}
		if err := r.Tokens.Save(ctx, token); err != nil {
			return err
		}
		if checked != nil && user.PasswordHash() != checked.PasswordHash() {
			return domain.ErrWrongPassword.WithField("password")
		}
		return uc.confirm(ctx, r, user, metadata, checked != nil, cmd, now)
	})
	if err != nil {
		return ports.UserResult{}, err
	}
	return ports.UserResult{User: confirmed}, nil
}

// checkPassword returns the user whose password the caller gave, checked in place. It is
// nil if the caller gave none, or if the token only repeats a confirmation. Errors: domain.ErrInvalidToken,
// domain.ErrWrongPassword, domain.ErrRateLimited, domain.ErrOverloaded.
func (uc *VerifyEmail) checkPassword(ctx context.Context, place ports.HashPlace, hash [32]byte, cmd ports.VerifyEmailCommand) (*domain.User, error) {
	if cmd.Confirmation == nil {
		return nil, nil //nolint:nilnil // no password is a valid outcome
	}
	token, user, err := kit.TokenAndUser(ctx, uc.p.Store.Repositories, domain.UseConfirmEmail, hash)
	if err != nil {
		return nil, err
	}
	now := uc.p.Clock.Now()
	if token.Repeats(user, now) {
		return nil, nil //nolint:nilnil // as above
	}
	if err := token.CheckUsable(user, now); err != nil {
		return nil, err
	}
	return user, uc.p.Confirmer().CheckByToken(ctx, place, token, user, *cmd.Confirmation, "password", cmd.Origin)
}

// confirm confirms the first address of user. proved is true if the caller gave the
// password.
func (uc *VerifyEmail) confirm(ctx context.Context, r ports.Repositories, user *domain.User, metadata *domain.Metadata, proved bool, cmd ports.VerifyEmailCommand, now time.Time) error {
	session, err := uc.isSignedIn(ctx, r, user, cmd.Principal, now)
	if err != nil {
		return err
	}
	evidence := domain.Evidence{Password: proved, Session: session, Browser: user.ClaimedWith(cmd.BrowserSecret)}
	unproven := uc.settings.Unproven
	if cmd.RequireProof {
		unproven = domain.UnprovenRefuse
	}
	confirmed, err := domain.JudgeConfirmation(user, evidence, cmd.DropPassword, unproven)
	if err != nil {
		return err
	}
	event := uc.event(domain.EventEmailVerified, user, cmd.Origin, now)
	if confirmed.Unproven {
		event = event.Saying("unproven")
	}
	gone, err := uc.clear(ctx, r, user, confirmed, cmd.Origin, now)
	if err != nil {
		return err
	}
	user.Confirm(confirmed, now)
	events := append([]domain.Event{event}, gone...)
	if metadata.LosesProfile(user) {
		events = append(events, uc.event(domain.EventProfileChanged, user, cmd.Origin, now))
	}
	if err := kit.Record(ctx, r, events); err != nil {
		return err
	}
	return uc.save(ctx, r, user, confirmed.MailsReset, now)
}

// isSignedIn reports whether p acts for user, through a session that is still open.
func (uc *VerifyEmail) isSignedIn(ctx context.Context, r ports.Repositories, user *domain.User, p domain.Principal, now time.Time) (bool, error) {
	own, session, err := p.SignedIn()
	if err != nil || own.ID() != user.ID() {
		return false, nil //nolint:nilerr // a token of another account proves nothing
	}
	_, err = kit.StillSignedIn(ctx, r, own, session, now)
	if errors.Is(err, domain.ErrSessionEnded) {
		return false, nil
	}
	return err == nil, err
}

// clear removes what goes with the password or the sessions: the tokens of changes that
// a session asked for, and, with a password, those of its resets. It returns the events of what goes.
func (uc *VerifyEmail) clear(ctx context.Context, r ports.Repositories, user *domain.User, c domain.Confirmed, o ports.Origin, now time.Time) ([]domain.Event, error) {
	switch {
	case c.DropsPassword:
		return []domain.Event{uc.event(domain.EventPasswordDropped, user, o, now)}, kit.VoidTokens(ctx, r, user.ID())
	case !c.EndsSessions:
		return nil, nil
	case user.RoleWithheld():
		return nil, kit.VoidTokens(ctx, r, user.ID())
	}
	live, err := r.Sessions.LiveByUser(ctx, user.ID(), user.SessionEpoch(), now)
	if err != nil {
		return nil, err
	}
	var gone []domain.Event
	if len(live) > 0 {
		gone = append(gone, uc.event(domain.EventSessionsEnded, user, o, now))
	}
	// An invitation stays: accepting it is the only way to the role that it offers.
	return gone, r.Tokens.DeleteByUser(ctx, domain.UseConfirmEmail, user.ID())
}

// save stores the confirmed user, and, if mailsReset is true, mails the link to choose a
// password.
func (uc *VerifyEmail) save(ctx context.Context, r ports.Repositories, user *domain.User, mailsReset bool, now time.Time) error {
	if err := r.Users.Save(ctx, user); err != nil || !mailsReset {
		return err
	}
	reset := domain.IssueToken(uc.p.IDs.NewTokenID(), domain.MailResetPassword, user, now)
	return kit.Mails(r, uc.p.IDs, now).Token(ctx, reset)
}

func (uc *VerifyEmail) event(t domain.EventType, user *domain.User, o ports.Origin, now time.Time) domain.Event {
	return kit.Event(uc.p.IDs, t, o, now).About(user.ID()).ByOwner()
}
