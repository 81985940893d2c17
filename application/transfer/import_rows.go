package transfer

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Limits of the fields of a row, in bytes.
const (
	maxLegacyIDLength     = 255
	maxPasswordHashLength = 512
)

// candidate is a parsed row: a user, or a refusal.
type candidate struct {
	user ports.TransferUser // without a User if it was refused
	// given are the fields that the row names. The others have defaults, which may
	// differ from the stored values.
	given struct{ id, role, status, verified, change, created, updated bool }
	// hashDropped is true if the row has a hash that the service cannot check.
	hashDropped bool
	leftOut     []string
	// invited is true if the user gets an invitation once it is added.
	invited bool
	outcome ports.ImportedRow
}

// read returns the candidate of a row.
func (r *importRun) read(row ports.ImportRow) candidate {
	c, err := r.parse(row)
	if err == nil {
		err = r.seen.add(c, row)
	}
	if err == nil {
		return c
	}
	var hash *ports.HashRefusal
	unsupported := errors.As(err, &hash) && hash.Unsupported
	return candidate{outcome: ports.ImportedRow{
		Line: row.Line, Fate: ports.ImportRefused, Reason: refusalReason(err), UnsupportedHash: unsupported,
	}}
}

// rowProblem is the reason for the refusal of a row: a sentence for people.
type rowProblem string

// Error returns the sentence.
func (p rowProblem) Error() string { return string(p) }

// refusalReason returns the sentence of a refusal.
func refusalReason(err error) string {
	var refusal *domain.Error
	if errors.As(err, &refusal) {
		return refusal.Detail
	}
	return err.Error()
}

// parse applies the rules of the domain to a row. Errors: sentences that repeat no value.
func (r *importRun) parse(row ports.ImportRow) (c candidate, err error) {
	if row.Problem != "" {
		return c, rowProblem(row.Problem)
	}
	c.outcome.Line, c.leftOut = row.Line, row.LeftOut
	if strings.TrimSpace(row.Email) == "" {
		return c, withoutAddress(row)
	}
	email, err := domain.ParseNewEmail(row.Email)
	if err != nil {
		return c, err
	}
	user := domain.AdoptedUser{Email: email}
	if c.user.LegacyID, err = parseLegacyID(row.LegacyID); err != nil {
		return c, err
	}
	if user.ID, c.given.id, err = parseImportID(row, email); err != nil {
		return c, err
	}
	if user.Hash, c.hashDropped, err = r.parseHash(row.PasswordHash); err != nil {
		return c, err
	}
	if err := c.parseAccount(row, &user); err != nil {
		return c, err
	}
	if user.CreatedAt, c.given.created, err = parseImportTime("created_at", row.CreatedAt, r.now); err != nil {
		return c, err
	}
	if user.UpdatedAt, c.given.updated, err = parseImportTime("updated_at", row.UpdatedAt, user.CreatedAt); err != nil {
		return c, err
	}
	if c.user.Metadata, err = r.parseMetadata(user.ID, row); err != nil {
		return c, err
	}
	user.Invited = r.cmd.Invite && user.Hash.IsZero() && user.Status == domain.StatusActive
	c.invited, c.user.User = user.Invited, domain.AdoptUser(user)
	return c, nil
}

// withoutAddress returns the problem of a row without an address. It names the user, because
// the line alone is hard to find in a large export.
func withoutAddress(row ports.ImportRow) error {
	for _, by := range []struct{ name, value string }{{"", row.Username}, {"id ", row.ID}, {"legacy_id ", row.LegacyID}} {
		if by.value != "" && len(by.value) <= maxLegacyIDLength {
			return rowProblem(fmt.Sprintf("The user %s%q has no e-mail address, and every account here needs one: add it, or remove the row.", by.name, by.value))
		}
	}
	return domain.ErrInvalidEmail.WithDetail("The e-mail address is missing: add it, or remove the row.")
}

// parseMetadata returns the metadata of a row; nil if it has none. Errors: sentences that
// repeat no value.
func (r *importRun) parseMetadata(id domain.UserID, row ports.ImportRow) (*domain.Metadata, error) {
	metadata := domain.NewMetadata(id)
	change, err := metadata.Apply(domain.MetadataPatch{Profile: row.Profile, App: row.App}, r.claims, r.now)
	var refusal *domain.Error
	switch {
	case errors.As(err, &refusal):
		return nil, rowProblem(refusal.Field + ": " + refusal.Detail)
	case err != nil || !change.Any():
		return nil, err
	}
	return metadata, nil
}

// parseAccount reads role, status, verification and a forced change of the password. Errors: sentences that repeat
// no value.
func (c *candidate) parseAccount(row ports.ImportRow, user *domain.AdoptedUser) (err error) {
	user.Role, user.Status = domain.RoleUser, domain.StatusActive
	if c.given.role = row.Role != ""; c.given.role {
		if user.Role, err = domain.ParseRole(row.Role); err != nil {
			return err
		}
	}
	if c.given.status = row.Status != ""; c.given.status {
		if user.Status, err = domain.ParseStatus(row.Status); err != nil {
			return err
		}
	}
	if c.given.verified = row.EmailVerified != ""; c.given.verified {
		if user.EmailVerified, err = strconv.ParseBool(row.EmailVerified); err != nil {
			return rowProblem("email_verified must be true or false.")
		}
	}
	if c.given.change = row.PasswordChangeRequired != ""; c.given.change {
		if user.PasswordChangeRequired, err = strconv.ParseBool(row.PasswordChangeRequired); err != nil {
			return rowProblem("password_change_required must be true or false.")
		}
	}
	return nil
}

// parseHash returns the hash to store. It is zero for an account without a
// password, which Django and others write as "!" and any text. dropped reports
// that the import leaves the row's hash out. If only this process lacks the memory
// for a hash, the hash is never dropped, because the service may have that memory.
// Errors: *ports.HashRefusal.
func (r *importRun) parseHash(encoded string) (hash domain.PasswordHash, dropped bool, err error) {
	if encoded == "" || strings.HasPrefix(encoded, "!") {
		return domain.PasswordHash{}, false, nil
	}
	if len(encoded) > maxPasswordHashLength || !storableText(encoded) {
		err = &ports.HashRefusal{Unsupported: true, Detail: "The password hash is too long, or no text."}
	} else {
		hash = domain.NewPasswordHash(encoded)
		err = r.p.Hasher.CanVerify(hash)
	}
	var refusal *ports.HashRefusal
	if r.cmd.DropUnsupportedHashes && errors.As(err, &refusal) && refusal.Unsupported {
		return domain.PasswordHash{}, true, nil
	}
	return hash, false, err
}

func parseLegacyID(s string) (string, error) {
	if len(s) > maxLegacyIDLength || !storableText(s) {
		return "", rowProblem("The legacy_id must be text of at most 255 bytes without control characters.")
	}
	return s, nil
}

// storableText reports whether s is text that every database takes.
func storableText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// importTimes are the layouts of RFC 3339 and of PostgreSQL for a time with a zone.
var importTimes = []string{time.RFC3339Nano, "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999Z07"}

// parseImportTime returns a time in UTC and whole microseconds, or the default for an
// empty text.
func parseImportTime(name, s string, byDefault time.Time) (at time.Time, given bool, err error) {
	if s == "" {
		return byDefault, false, nil
	}
	for _, layout := range importTimes {
		if t, err := time.Parse(layout, s); err == nil {
			at = t.UTC().Truncate(time.Microsecond)
			break
		}
	}
	if at.IsZero() || at.Year() < 1 || at.Year() > 9999 {
		return at, true, rowProblem(fmt.Sprintf("%s must be a time with a time zone, such as 2026-01-31T12:00:00Z.", name))
	}
	return at, true, nil
}
