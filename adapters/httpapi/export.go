package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

type exportOutput struct {
	ContentDisposition string `header:"Content-Disposition" doc:"Makes browsers store the answer as a file."`
	Body               exportBody
}

// exportBody holds all that is stored about a user, without secrets and hashes.
type exportBody struct {
	User            accountBody           `json:"user"`
	Sessions        []exportedSessionBody `json:"sessions" doc:"Live sessions, and ended ones that are still stored."`
	Tokens          []exportedTokenBody   `json:"tokens" doc:"The links mailed to the user, without their tokens."`
	Factors         []factorBody          `json:"factors" nullable:"false" doc:"The second factors, without their secrets."`
	RecoveryCodes   int                   `json:"recovery_codes_left" example:"10" doc:"How many recovery codes are not used yet."`
	Events          []eventBody           `json:"events" doc:"The events of the account, and what its user did to others, the newest first, at most 10,000 of each."`
	EventsTruncated bool                  `json:"events_truncated" example:"false" doc:"Whether there are older events; /me/activity shows them page by page."`
}

type exportedSessionBody struct {
	ID                string          `json:"id" format:"uuid" example:"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e11"`
	CreatedAt         time.Time       `json:"created_at" example:"2026-01-15T09:30:00Z" doc:"When the login was."`
	AuthenticatedAt   time.Time       `json:"authenticated_at" example:"2026-01-15T09:30:00Z" doc:"When the user last proved who they are (auth_time)."`
	Methods           []domain.Method `json:"methods" example:"[\"pwd\"]" doc:"How they proved it (amr, RFC 8176)."`
	LastSeenAt        time.Time       `json:"last_seen_at" example:"2026-01-15T10:00:00Z" doc:"When the last login or refresh was; for the current session, now."`
	ExpiresAt         time.Time       `json:"expires_at" example:"2026-01-22T10:00:00Z" doc:"When the session ends unless it is refreshed before; for the current session, as if refreshed now."`
	AbsoluteExpiresAt time.Time       `json:"absolute_expires_at" example:"2026-02-14T09:30:00Z" doc:"When the session ends in any case."`
	RevokedAt         *time.Time      `json:"revoked_at,omitempty" example:"2026-01-16T08:00:00Z" doc:"When the session was ended early; absent if it was not."`
	RevokeReason      string          `json:"revoke_reason,omitempty" example:"logout" doc:"Why it was ended early."`
	IP                string          `json:"ip" example:"203.0.113.7" doc:"Where the last login or refresh came from; for the current session, this request. Empty if unknown."`
	UserAgent         string          `json:"user_agent" example:"Mozilla/5.0" doc:"The client's User-Agent then; may be empty."`
}

type exportedTokenBody struct {
	Purpose   string     `json:"purpose" enum:"verify_email,change_email,reset_password,invitation,undo_email" example:"change_email" doc:"What the link may do."`
	Email     string     `json:"email" example:"ada@example.com" doc:"The address the account had then."`
	NewEmail  string     `json:"new_email,omitempty" example:"ada.lovelace@example.org" doc:"For change_email, the address that the account will move to; for undo_email, the one that it moved to."`
	CreatedAt time.Time  `json:"created_at" example:"2026-01-15T09:30:00Z"`
	ExpiresAt time.Time  `json:"expires_at" example:"2026-01-16T09:30:00Z"`
	UsedAt    *time.Time `json:"used_at,omitempty" example:"2026-01-15T09:45:00Z" doc:"When the link was used; absent if it was not."`
}

func (s *Server) exportRoutes() {
	protected(s, endpoint{
		operation: ports.OpExportAccount, method: http.MethodGet, path: "/me/export", tag: tagAccount,
		summary: "Get all that is stored about the account",
		description: "Returns one JSON document, as data protection laws ask. It leaves out secrets and their hashes. The audit log records each export before the answer, " +
			"so the answer is 503 while the database is read-only.",
	}, s.exportAccount)
}

func (s *Server) exportAccount(ctx context.Context, p domain.Principal, _ *none) (*exportOutput, error) {
	result, err := s.useCases.ExportAccount.Execute(ctx, ports.ExportAccountCommand{Principal: p, Origin: originOf(ctx)})
	if err != nil {
		return nil, err
	}
	return &exportOutput{
		ContentDisposition: `attachment; filename="account.json"`,
		Body: exportBody{
			User:     accountOf(result.User, result.Metadata),
			Sessions: exportedSessions(result.Sessions),
			Tokens:   exportedTokens(result.Tokens),
			Factors:  factorsOf(result.Factors.Factors),
			Events:   eventsOf(result.Events),

			RecoveryCodes:   result.Factors.RecoveryCodesLeft,
			EventsTruncated: result.EventsTruncated,
		},
	}, nil
}

func exportedSessions(sessions []*domain.Session) []exportedSessionBody {
	bodies := make([]exportedSessionBody, 0, len(sessions))
	for _, session := range sessions {
		stored := session.Snapshot()
		bodies = append(bodies, exportedSessionBody{
			ID:                stored.ID.String(),
			CreatedAt:         stored.CreatedAt.UTC(),
			AuthenticatedAt:   stored.AuthenticatedAt.UTC(),
			Methods:           session.Methods(),
			LastSeenAt:        stored.LastSeenAt.UTC(),
			ExpiresAt:         stored.ExpiresAt.UTC(),
			AbsoluteExpiresAt: stored.AbsoluteExpiresAt.UTC(),
			RevokedAt:         optionalTime(stored.RevokedAt),
			RevokeReason:      stored.RevokeReason,
			IP:                stored.ClientIP,
			UserAgent:         stored.UserAgent,
		})
	}
	return bodies
}

func exportedTokens(tokens []*domain.Token) []exportedTokenBody {
	bodies := make([]exportedTokenBody, 0, len(tokens))
	for _, token := range tokens {
		stored := token.Snapshot()
		bodies = append(bodies, exportedTokenBody{
			Purpose:   stored.Purpose,
			Email:     stored.Email,
			NewEmail:  stored.NewEmail,
			CreatedAt: stored.CreatedAt.UTC(),
			ExpiresAt: stored.ExpiresAt.UTC(),
			UsedAt:    optionalTime(stored.UsedAt),
		})
	}
	return bodies
}

// optionalTime returns nil for the zero time, which JSON leaves out.
func optionalTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
