package memory

import (
	"context"
	"slices"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

type transfer struct{ in scope }

var _ ports.UserTransfer = transfer{}

func (r transfer) Matching(ctx context.Context, keys ports.TransferKeys) (found []ports.TransferUser, err error) {
	err = r.in.call(ctx, reading, func(u *unit) error {
		found = []ports.TransferUser{}
		for _, row := range u.data.users {
			legacy := u.data.legacy[row.ID]
			if slices.Contains(keys.IDs, row.ID) || legacy != "" && slices.Contains(keys.LegacyIDs, legacy) ||
				slices.ContainsFunc(keys.Emails, func(e domain.Email) bool { return e.String() == row.Email }) {
				user, err := domain.RestoreUser(row)
				if err != nil {
					return err
				}
				found = append(found, ports.TransferUser{User: user, LegacyID: legacy})
			}
		}
		return nil
	})
	return found, err
}

func (r transfer) LastEvents(ctx context.Context, kind domain.EventType, ids []domain.UserID) (last map[domain.UserID]time.Time, err error) {
	err = r.in.call(ctx, reading, func(u *unit) error {
		last = map[domain.UserID]time.Time{}
		for _, event := range u.data.events {
			if event.Type == kind && slices.Contains(ids, event.SubjectID) && event.At.After(last[event.SubjectID]) {
				last[event.SubjectID] = event.At
			}
		}
		return nil
	})
	return last, err
}

func (r transfer) AddAll(ctx context.Context, added []ports.TransferUser) error {
	return r.in.call(ctx, writing, func(u *unit) error {
		for _, one := range added {
			row := storedUser(one.User)
			if _, taken := u.data.emails[row.Email]; taken {
				return domain.ErrConflict
			}
			if _, taken := u.data.users[row.ID]; taken {
				return domain.ErrConflict
			}
			if one.LegacyID != "" {
				for _, legacy := range u.data.legacy {
					if legacy == one.LegacyID {
						return domain.ErrConflict
					}
				}
				set(u, u.data.legacy, row.ID, one.LegacyID)
			}
			set(u, u.data.users, row.ID, row)
			set(u, u.data.emails, row.Email, row.ID)
			if one.Metadata != nil {
				kept := one.Metadata.Saved().Snapshot()
				kept.UpdatedAt = stored(kept.UpdatedAt)
				set(u, u.data.metadata, row.ID, kept)
			}
		}
		return nil
	})
}

func (r transfer) RecordAll(ctx context.Context, events []domain.Event) error {
	return r.in.call(ctx, writing, func(u *unit) error {
		for _, event := range events {
			if err := u.record(event); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r transfer) Page(ctx context.Context, after domain.UserID, limit int) (page []ports.TransferUser, err error) {
	err = r.in.call(ctx, reading, func(u *unit) error {
		var rows []domain.UserSnapshot
		for _, row := range u.data.users {
			if slices.Compare(row.ID[:], after[:]) > 0 {
				rows = append(rows, row)
			}
		}
		slices.SortFunc(rows, func(a, b domain.UserSnapshot) int { return slices.Compare(a.ID[:], b.ID[:]) })
		users, err := restoreAll(rows[:min(len(rows), max(limit, 0))], domain.RestoreUser)
		page = []ports.TransferUser{}
		for _, user := range users {
			one := ports.TransferUser{User: user, LegacyID: u.data.legacy[user.ID()]}
			if _, found := u.data.metadata[user.ID()]; found {
				if one.Metadata, err = metadataOf(u, user.ID()); err != nil {
					return err
				}
			}
			page = append(page, one)
		}
		return err
	})
	return page, err
}
