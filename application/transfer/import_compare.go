package transfer

import (
	"slices"
	"strings"
	"time"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// storedUsers are the stored users that may have a key of a batch.
type storedUsers struct {
	byID     map[domain.UserID]ports.TransferUser
	byEmail  map[domain.Email]ports.TransferUser
	byLegacy map[string]ports.TransferUser
	// moved is when the users of elsewhere changed their addresses.
	moved map[domain.UserID]time.Time
	// reserved are the tokens that reserve an address of the batch for the account that
	// has left it.
	reserved []*domain.Token
}

func newStoredUsers(found []ports.TransferUser) storedUsers {
	s := storedUsers{
		byID: map[domain.UserID]ports.TransferUser{}, byEmail: map[domain.Email]ports.TransferUser{}, byLegacy: map[string]ports.TransferUser{},
	}
	for _, one := range found {
		s.byID[one.User.ID()], s.byEmail[one.User.Email()] = one, one
		if one.LegacyID != "" {
			s.byLegacy[one.LegacyID] = one
		}
	}
	return s
}

// same returns the stored user with the identifier of a row. A row without an
// identifier has a derived one, which distinguishes a user that was imported before
// from an account that only has the same address.
func (s storedUsers) same(c candidate) (stored ports.TransferUser, known bool) {
	stored, known = s.byID[c.user.User.ID()]
	if !known && !c.given.id && c.user.LegacyID != "" {
		stored, known = s.byLegacy[c.user.LegacyID]
	}
	return stored, known
}

// elsewhere returns the users that have the identifier of a row and another address.
// They may have changed their address since an earlier import.
func (s storedUsers) elsewhere(batch []candidate) (ids []domain.UserID) {
	for _, c := range batch {
		if c.user.User == nil {
			continue
		}
		if stored, known := s.same(c); known && changed(stored) && stored.User.Email() != c.user.User.Email() {
			ids = append(ids, stored.User.ID())
		}
	}
	return ids
}

// changed reports whether the user changed since the import.
func changed(stored ports.TransferUser) bool { return stored.User.Snapshot().Version > 1 }

// judge returns the fate of a candidate, and the reason for a refusal.
func (s storedUsers) judge(c candidate) (ports.ImportFate, string) {
	if stored, known := s.same(c); known {
		return s.judgeSame(stored, c)
	}
	if _, taken := s.byEmail[c.user.User.Email()]; taken {
		return ports.ImportRefused, "The e-mail address belongs to another account here."
	}
	if slices.ContainsFunc(s.reserved, func(undo *domain.Token) bool { return undo.Email() == c.user.User.Email() }) {
		return ports.ImportRefused, kit.ErrReserved.Detail
	}
	if _, taken := s.byLegacy[c.user.LegacyID]; taken {
		return ports.ImportRefused, "The legacy_id belongs to another account here."
	}
	return ports.ImportAdded, ""
}

// judgeSame compares a row with the user that has its identifier. A user that
// changed since the import counts as present, because even a login may replace the
// hash. A row with another address is refused, because another person may have the
// same identifier in other software. It is not refused if the user is known to have
// changed the address.
func (s storedUsers) judgeSame(stored ports.TransferUser, c candidate) (ports.ImportFate, string) {
	if stored.User.Email() != c.user.User.Email() && !s.hasMoved(stored, c) {
		return ports.ImportRefused, "The identifier belongs to an account with another e-mail address here."
	}
	if changed(stored) {
		return ports.ImportPresent, ""
	}
	if different := c.differences(stored); len(different) > 0 {
		return ports.ImportRefused, "The user is here already, with another " + strings.Join(different, ", ") + "."
	}
	return ports.ImportPresent, ""
}

// hasMoved reports whether the user had the address of the row before. An identifier
// that is derived from the address proves it. Otherwise the audit log must hold a
// change of address, and the fields that never change must agree.
func (s storedUsers) hasMoved(stored ports.TransferUser, c candidate) bool {
	if !changed(stored) {
		return false
	}
	if !c.given.id && c.user.LegacyID == "" {
		return true
	}
	_, moved := s.moved[stored.User.ID()]
	return moved && (c.user.LegacyID == "" || c.user.LegacyID == stored.LegacyID) &&
		(!c.given.created || c.user.User.CreatedAt().Equal(stored.User.CreatedAt()))
}

// promisedRole returns the role that the user has, or gets by accepting the invitation.
func promisedRole(user *domain.User) domain.Role {
	if user.IsInvitedAbove() {
		return user.InvitedRole()
	}
	return user.GrantedRole()
}

// differences returns the names of the fields that the row gives and that differ in
// the stored user.
func (c candidate) differences(stored ports.TransferUser) []string {
	row, user := c.user.User, stored.User
	hasHash := row.PasswordState() == domain.PasswordSet
	var names []string
	for _, field := range []struct {
		name             string
		given, different bool
	}{
		{"legacy_id", c.user.LegacyID != "", c.user.LegacyID != stored.LegacyID},
		{"password_hash", hasHash, row.PasswordHash() != user.PasswordHash()},
		{"role", c.given.role, promisedRole(row) != promisedRole(user)},
		{"status", c.given.status, row.Status() != user.Status()},
		{"email_verified", c.given.verified, row.EmailVerified() != user.EmailVerified()},
		{"password_change_required", hasHash && c.given.change, row.PasswordChangeRequired() != user.PasswordChangeRequired()},
		{"created_at", c.given.created, !row.CreatedAt().Equal(user.CreatedAt())},
		{"updated_at", c.given.updated, !row.UpdatedAt().Equal(user.UpdatedAt())},
	} {
		if field.given && field.different {
			names = append(names, field.name)
		}
	}
	return names
}
