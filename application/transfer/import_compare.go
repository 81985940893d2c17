package transfer

import (
	"strings"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// storedUsers are the users that a batch could collide with.
type storedUsers struct {
	byID     map[domain.UserID]ports.TransferUser
	byEmail  map[domain.Email]ports.TransferUser
	byLegacy map[string]ports.TransferUser
	// moved is when users changed their addresses, of those of elsewhere.
	moved map[domain.UserID]time.Time
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

// same finds the user that a row is: the one with its identifier, which is derived from
// the row where it names none; so a row that was imported before is told from an
// account that only has its address.
func (s storedUsers) same(c candidate) (stored ports.TransferUser, known bool) {
	stored, known = s.byID[c.user.User.ID()]
	if !known && !c.given.id && c.user.LegacyID != "" {
		stored, known = s.byLegacy[c.user.LegacyID]
	}
	return stored, known
}

// elsewhere are the users who have the identifier of a row and another address, which
// they may have moved to.
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

// changed tells whether somebody changed the user since the import.
func changed(stored ports.TransferUser) bool { return stored.User.Snapshot().Version > 1 }

// judge decides what becomes of a candidate.
func (s storedUsers) judge(c candidate) (ports.ImportFate, string) {
	if stored, known := s.same(c); known {
		return s.judgeSame(stored, c)
	}
	if _, taken := s.byEmail[c.user.User.Email()]; taken {
		return ports.ImportRefused, "The e-mail address belongs to another account here."
	}
	if _, taken := s.byLegacy[c.user.LegacyID]; taken {
		return ports.ImportRefused, "The legacy_id belongs to another account here."
	}
	return ports.ImportAdded, ""
}

// judgeSame compares a row with the user that has its identifier. Whoever was
// changed since is left alone: a login alone replaces the hash. Another address is
// taken for another person's, who may have the same identifier in other software, unless
// the owner is known to have moved.
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

// hasMoved tells whether the user had the address of the row before. An identifier that is
// derived from the address proves it. Otherwise the audit log must still know of a
// change, and what nobody can change here must agree.
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

// differences names the fields that the row gives and the stored user has otherwise.
func (c candidate) differences(stored ports.TransferUser) []string {
	row, user := c.user.User, stored.User
	var names []string
	for _, field := range []struct {
		name             string
		given, different bool
	}{
		{"legacy_id", c.user.LegacyID != "", c.user.LegacyID != stored.LegacyID},
		{"password_hash", row.PasswordState() == domain.PasswordSet, row.PasswordHash() != user.PasswordHash()},
		{"role", c.given.role, row.Role() != user.Role()},
		{"status", c.given.status, row.Status() != user.Status()},
		{"email_verified", c.given.verified, row.EmailVerified() != user.EmailVerified()},
		{"created_at", c.given.created, !row.CreatedAt().Equal(user.CreatedAt())},
		{"updated_at", c.given.updated, !row.UpdatedAt().Equal(user.UpdatedAt())},
	} {
		if field.given && field.different {
			names = append(names, field.name)
		}
	}
	return names
}
