package transfer

import (
	"context"
	"slices"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ImportUsers adds the users of other software. It never changes a stored user, and
// mails none but new users. The operator may run it again, because it recognises users that it
// has added before.
type ImportUsers struct {
	p      Ports
	claims domain.ClaimMap
}

// NewImportUsers returns the use case. Metadata keeps the rules of claims.
func NewImportUsers(p Ports, claims domain.ClaimMap) *ImportUsers { return &ImportUsers{p, claims} }

// Execute imports the rows in batches. Each batch is stored as a whole. After a
// refused row the import goes on; cmd.Progress gets the fate of the row. After an
// error, the stored batches stay, and a second run of the same import continues from
// there. Errors: domain.ErrForbidden, domain.ErrUnauthenticated.
func (uc *ImportUsers) Execute(ctx context.Context, cmd ports.ImportUsersCommand) (ports.ImportUsersResult, error) {
	if err := cmd.Principal.Allows(domain.PermissionTransferUsers); err != nil {
		return ports.ImportUsersResult{}, err
	}
	run := importRun{p: uc.p, claims: uc.claims, cmd: cmd, now: uc.p.Clock.Now(), seen: newSeenKeys()}
	for row := range cmd.Rows {
		run.batch = append(run.batch, run.read(row))
		if len(run.batch) < ports.MaxTransfer {
			continue
		}
		if err := run.flush(ctx); err != nil {
			return run.result, err
		}
	}
	err := run.flush(ctx)
	return run.result, err
}

// importRun is the state of one running import.
type importRun struct {
	p      Ports
	claims domain.ClaimMap
	cmd    ports.ImportUsersCommand
	now    time.Time
	seen   *seenKeys
	batch  []candidate
	result ports.ImportUsersResult
}

// flush decides on the batch, stores the new users, and reports the fate of each row.
func (r *importRun) flush(ctx context.Context) error {
	var err error
	if r.cmd.DryRun {
		_, err = r.decide(ctx, r.p.Store.Repositories)
	} else {
		err = r.p.Store.Do(ctx, r.store)
	}
	if err != nil {
		return err
	}
	for _, c := range r.batch {
		switch c.outcome.Fate {
		case ports.ImportAdded:
			r.count(c)
		case ports.ImportPresent:
			r.result.Present++
		case ports.ImportRefused:
			r.result.Refused++
		}
		if c.outcome.PasswordDropped {
			r.result.PasswordsDropped++
		}
		if r.cmd.Progress != nil {
			r.cmd.Progress(c.outcome)
		}
	}
	r.batch = r.batch[:0]
	return nil
}

// count counts an imported user.
func (r *importRun) count(c candidate) {
	user := c.user.User
	for _, one := range []struct {
		of *int
		is bool
	}{
		{&r.result.Imported, true},
		{&r.result.Administrators, promisedRole(user) == domain.RoleAdmin},
		{&r.result.RolesWithheld, user.RoleWithheld()},
		{&r.result.WithoutPassword, user.PasswordState() != domain.PasswordSet},
		{&r.result.Invited, c.invited},
		{&r.result.RolesInvited, user.IsInvitedAbove()},
		{&r.result.PasswordChanges, user.PasswordChangeRequired()},
		{&r.result.SecondFactors, slices.Contains(c.leftOut, ports.LeftSecondFactor)},
		{&r.result.RequiredActions, slices.Contains(c.leftOut, ports.LeftRequiredAction)},
	} {
		if one.is {
			*one.of++
		}
	}
}

// store adds the new users of the batch, each with its events and, if it is invited, its
// mail.
func (r *importRun) store(ctx context.Context, repositories ports.Repositories) error {
	added, err := r.decide(ctx, repositories)
	if err != nil {
		return err
	}
	var events []domain.Event
	record := func(t domain.EventType, user *domain.User, detail string) {
		events = append(events, kit.Event(r.p.IDs, t, ports.Origin{}, r.now).About(user.ID()).By(r.cmd.Principal).Saying(detail))
	}
	for _, one := range added {
		record(domain.EventUserCreated, one.User, domain.CreatedDetail(one.User.GrantedRole(), true))
		if one.User.IsInvitedAbove() {
			record(domain.EventRoleInvited, one.User, one.User.InvitedRole().String())
		}
	}
	for _, c := range r.invited() {
		record(domain.EventMailRequested, c.user.User, string(domain.MailInvitation))
	}
	if err := repositories.Transfer.AddAll(ctx, added); err != nil {
		return err
	}
	for some := range slices.Chunk(events, ports.MaxTransfer) {
		if err := repositories.Transfer.RecordAll(ctx, some); err != nil {
			return err
		}
	}
	return r.invite(ctx, repositories)
}

// invited returns the new users of the batch that are invited.
func (r *importRun) invited() []candidate {
	var invited []candidate
	for _, c := range r.batch {
		if c.outcome.Fate == ports.ImportAdded && c.invited {
			invited = append(invited, c)
		}
	}
	return invited
}

// invite mails the new users of the batch that are invited.
func (r *importRun) invite(ctx context.Context, repositories ports.Repositories) error {
	for _, c := range r.invited() {
		token := domain.IssueToken(r.p.IDs.NewTokenID(), domain.MailInvitation, c.user.User, r.now)
		if err := kit.AddToken(ctx, repositories, token, ports.MailJob{AcceptedAt: r.now, Bulk: true}); err != nil {
			return err
		}
	}
	return nil
}

// decide compares the batch with the stored users, and returns the users to add.
func (r *importRun) decide(ctx context.Context, repositories ports.Repositories) ([]ports.TransferUser, error) {
	users := repositories.Transfer
	var keys ports.TransferKeys
	for _, c := range r.batch {
		if c.user.User == nil {
			continue
		}
		keys.IDs, keys.Emails = append(keys.IDs, c.user.User.ID()), append(keys.Emails, c.user.User.Email())
		if c.user.LegacyID != "" {
			keys.LegacyIDs = append(keys.LegacyIDs, c.user.LegacyID)
		}
	}
	found, err := users.Matching(ctx, keys)
	if err != nil {
		return nil, err
	}
	stored := newStoredUsers(found)
	if stored.reserved, err = repositories.Tokens.OpenUndos(ctx, keys.Emails, r.now); err != nil {
		return nil, err
	}
	if ids := stored.elsewhere(r.batch); len(ids) > 0 {
		if stored.moved, err = users.LastEvents(ctx, domain.EventEmailChanged, ids); err != nil {
			return nil, err
		}
	}
	var fresh []domain.UserID
	for i := range r.batch {
		c := &r.batch[i]
		if c.user.User == nil {
			continue
		}
		fate, reason := stored.judge(*c)
		c.outcome = ports.ImportedRow{Line: c.outcome.Line, Fate: fate, Reason: reason}
		if fate == ports.ImportAdded {
			fresh = append(fresh, c.possibleIDs()...)
		}
	}
	deleted, err := users.LastEvents(ctx, domain.EventUserDeleted, fresh)
	if err != nil {
		return nil, err
	}
	return r.withoutDeleted(deleted), nil
}

// withoutDeleted returns the users to add. It refuses users that were deleted here,
// because a second run of an import must not bring a deleted user back.
func (r *importRun) withoutDeleted(deleted map[domain.UserID]time.Time) (added []ports.TransferUser) {
	for i := range r.batch {
		c := &r.batch[i]
		if c.outcome.Fate != ports.ImportAdded {
			continue
		}
		var gone time.Time
		for _, id := range c.possibleIDs() {
			if at := deleted[id]; at.After(gone) {
				gone = at
			}
		}
		if !gone.IsZero() {
			c.outcome.Fate = ports.ImportRefused
			c.outcome.Reason = "The user was deleted here on " + gone.UTC().Format(time.DateOnly) + "; remove the row."
			continue
		}
		c.outcome.PasswordDropped = c.hashDropped
		added = append(added, c.user)
	}
	return added
}
