package transfer

import (
	"crypto/sha256"
	"strings"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// parseImportID returns the identifier of a row. Without one, it derives the
// identifier from the legacy identifier or the address, so that a second import
// recognises the row.
func parseImportID(row ports.ImportRow, email domain.Email) (id domain.UserID, given bool, err error) {
	if row.ID != "" {
		id, err = domain.ParseUserID(strings.ToLower(row.ID))
		if err != nil {
			return id, true, rowProblem("The id is no UUID; give identifiers of another form as legacy_id (--map id=legacy_id).")
		}
		return id, true, nil
	}
	if row.LegacyID != "" {
		return idOfLegacyID(row.LegacyID), false, nil
	}
	return idOfEmail(email), false, nil
}

// possibleIDs returns the identifiers that an earlier import may have given the
// user, for every choice of columns in its file.
func (c candidate) possibleIDs() []domain.UserID {
	ids := []domain.UserID{c.user.User.ID(), idOfEmail(c.user.User.Email())}
	if c.user.LegacyID != "" {
		ids = append(ids, idOfLegacyID(c.user.LegacyID))
	}
	return ids
}

func idOfLegacyID(legacy string) domain.UserID { return derivedID("legacy_id " + legacy) }

func idOfEmail(email domain.Email) domain.UserID { return derivedID("email " + email.String()) }

func derivedID(named string) (id domain.UserID) {
	sum := sha256.Sum256([]byte("auth-service import: " + named))
	copy(id[:], sum[:])
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80 // version 8 of RFC 9562, section 5.8: made by a rule of this service
	return id
}
