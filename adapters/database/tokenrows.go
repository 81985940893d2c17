package database

import (
	"errors"
	"fmt"

	"github.com/seed543b3b27/auth-service/domain"
)

// errStoredID reports a stored identifier that is not a UUID in lower case.
var errStoredID = errors.New("database: a stored identifier is malformed")

// tokenTable describes a table of one-time tokens.
type tokenTable struct {
	name string
	// newEmail reports whether tokens hold a second address.
	newEmail bool
	// former reports whether tokens hold the state that a move of the account ended.
	former bool
}

var (
	confirmationTable = tokenTable{name: "email_verification_tokens", newEmail: true}
	passwordTable     = tokenTable{name: "password_reset_tokens"}
	undoTable         = tokenTable{name: "email_undo_tokens", newEmail: true, former: true}
)

// tokenTables are all tables of one-time tokens.
func tokenTables() []tokenTable { return []tokenTable{confirmationTable, passwordTable, undoTable} }

// tokenTableOf returns the table for a use. Errors: an unknown use.
func tokenTableOf(use domain.TokenUse) (tokenTable, error) {
	switch use {
	case domain.UseConfirmEmail:
		return confirmationTable, nil
	case domain.UseSetPassword:
		return passwordTable, nil
	case domain.UseUndoEmail:
		return undoTable, nil
	}
	return tokenTable{}, fmt.Errorf("database: unknown use of a token %q", use)
}

// tokenRow is a row of any of the tables.
type tokenRow struct {
	ID             string
	UserID         string
	Purpose        string
	Email          string
	NewEmail       string
	FormerRole     string
	FormerVerified bool
	SecretHash     secretHash
	CreatedAt      timestamp `gorm:"autoCreateTime:false"`
	ExpiresAt      timestamp
	UsedAt         timestamp
	Version        int64
}

// columns returns the columns of the table that a tokenRow holds.
func (t tokenTable) columns() []string {
	all := []string{"id", "user_id", "purpose", "email", "secret_hash", "created_at", "expires_at", "used_at", "version"}
	if t.newEmail {
		all = append(all, "new_email")
	}
	if t.former {
		all = append(all, "former_role", "former_verified")
	}
	return all
}

func newTokenRow(token *domain.Token) tokenRow {
	s := token.Snapshot()
	return tokenRow{
		ID:             s.ID.String(),
		UserID:         s.UserID.String(),
		Purpose:        s.Purpose,
		Email:          s.Email,
		NewEmail:       s.NewEmail,
		FormerRole:     s.FormerRole,
		FormerVerified: s.FormerVerified,
		SecretHash:     s.SecretHash,
		CreatedAt:      timestamp{s.CreatedAt},
		ExpiresAt:      timestamp{s.ExpiresAt},
		UsedAt:         timestamp{s.UsedAt},
		Version:        s.Version,
	}
}

// changes returns the columns that a save writes.
func (r tokenRow) changes() map[string]any {
	return map[string]any{
		"secret_hash": r.SecretHash,
		"used_at":     r.UsedAt,
		"version":     r.Version + 1,
	}
}

func (r tokenRow) token() (*domain.Token, error) {
	id, err := domain.ParseTokenID(r.ID)
	if err != nil {
		return nil, errStoredID
	}
	userID, err := domain.ParseUserID(r.UserID)
	if err != nil {
		return nil, errStoredID
	}
	return domain.RestoreToken(domain.TokenSnapshot{
		ID:             id,
		UserID:         userID,
		Purpose:        r.Purpose,
		Email:          r.Email,
		NewEmail:       r.NewEmail,
		FormerRole:     r.FormerRole,
		FormerVerified: r.FormerVerified,
		SecretHash:     r.SecretHash,
		CreatedAt:      r.CreatedAt.time,
		ExpiresAt:      r.ExpiresAt.time,
		UsedAt:         r.UsedAt.time,
		Version:        r.Version,
	})
}
