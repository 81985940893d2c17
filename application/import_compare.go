package application

import (
	"strings"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// storedUsers are the users that a batch could collide with.
type storedUsers struct {
	byID     map[domain.UserID]ports.TransferUser
	byEmail  map[domain.Email]ports.TransferUser
	byLegacy map[string]ports.TransferUser
}

func newStoredUsers(found []ports.TransferUser) storedUsers {
	s := storedUsers{
		map[domain.UserID]ports.TransferUser{}, map[domain.Email]ports.TransferUser{}, map[string]ports.TransferUser{},
	}
	for _, one := range found {
		s.byID[one.User.ID()], s.byEmail[one.User.Email()] = one, one
		if one.LegacyID != "" {
			s.byLegacy[one.LegacyID] = one
		}
	}
	return s
}

// judge decides what becomes of a candidate. A user is the same one if the identifier
// is, which is derived from the row where it names none; so a row that was imported
// before is told from an account that only has its address.
func (s storedUsers) judge(c candidate) (ports.ImportFate, string) {
	same, known := s.byID[c.user.User.ID()]
	if !known && !c.given.id && c.user.LegacyID != "" {
		same, known = s.byLegacy[c.user.LegacyID]
	}
	if known {
		return judgeSame(same, c)
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
// changed since is left alone: a login alone replaces the hash, and the owner may have
// another address by now.
func judgeSame(stored ports.TransferUser, c candidate) (ports.ImportFate, string) {
	if stored.User.Snapshot().Version > 1 {
		return ports.ImportPresent, ""
	}
	if stored.User.Email() != c.user.User.Email() {
		return ports.ImportRefused, "The identifier belongs to an account with another e-mail address here."
	}
	if different := c.differences(stored); len(different) > 0 {
		return ports.ImportRefused, "The user is here already, with another " + strings.Join(different, ", ") + "."
	}
	return ports.ImportPresent, ""
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
		{"password_hash", !row.PasswordHash().IsZero(), row.PasswordHash() != user.PasswordHash()},
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
