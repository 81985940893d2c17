package httpapi

import (
	"context"
	"net/http"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

type revokeSessionInput struct {
	SessionID string `path:"session_id" example:"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e11"`
}

func (s *Server) sessionRoutes() {
	protected(s, endpoint{
		operation: ports.OpListSessions, method: http.MethodGet, path: "/sessions", tag: tagSessions,
		summary: "List the live sessions", description: "The newest login first. `current` marks the session of this request.",
	}, s.listSessions)
	protected(s, endpoint{
		operation: ports.OpRevokeSession, method: http.MethodDelete, path: "/sessions/{session_id}", tag: tagSessions,
		summary:     "End a session",
		description: "The answer is 404 for a session that is unknown, already over, or another user's.",
	}, s.revokeSession)
}

func (s *Server) listSessions(ctx context.Context, p domain.Principal, _ *none) (*sessionsOutput, error) {
	result, err := s.useCases.ListSessions.Execute(ctx, ports.ListSessionsCommand{Principal: p, Origin: originOf(ctx)})
	if err != nil {
		return nil, err
	}
	return sessionsOf(result), nil
}

func (s *Server) revokeSession(ctx context.Context, p domain.Principal, in *revokeSessionInput) (*none, error) {
	_, err := s.useCases.RevokeSession.Execute(ctx, ports.RevokeSessionCommand{Principal: p, SessionID: in.SessionID, Origin: originOf(ctx)})
	return nil, err
}
