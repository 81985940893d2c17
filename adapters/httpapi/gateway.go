package httpapi

import (
	"context"
	"net/http"

	"github.com/seed543b3b27/auth-service/domain"
)

type forwardAuthInput struct {
	Role string `query:"role" enum:"user,admin" doc:"The role that is needed; user if left out. An admin has both."`
}

type forwardAuthOutput struct {
	UserID    string `header:"X-Auth-User-Id" doc:"Who acts."`
	Email     string `header:"X-Auth-User-Email" doc:"The address of the user, if it is confirmed; absent otherwise."`
	Role      string `header:"X-Auth-Role" doc:"The role of who acts, which may be more than was needed."`
	SessionID string `header:"X-Auth-Session-Id" doc:"The session acted through."`
}

func (s *Server) gatewayRoutes() {
	public(s, endpoint{
		id: "testPublic", method: http.MethodGet, path: "/test/public", tag: tagGateway,
		summary: "Try a request without a token",
	}, func(context.Context, *none) (*messageOutput, error) {
		return message("Anybody may see this."), nil
	})
	protected(s, endpoint{
		id: "testProtected", method: http.MethodGet, path: "/test/protected", tag: tagGateway,
		summary: "Try a request with a token",
	}, func(context.Context, domain.Principal, *none) (*messageOutput, error) {
		return message("You are signed in."), nil
	})
	protected(s, endpoint{
		id: "forwardAuth", method: http.MethodGet, path: "/forward-auth", tag: tagGateway,
		summary: "Let a gateway ask who acts",
		description: "For nginx `auth_request`, Caddy and Traefik `forward_auth`: 204 with `X-Auth-…` headers to pass on, else 401 or 403 to hand to the client. " +
			"Whatever the client sent under those names must be dropped by the gateway. An address that is not confirmed is not named.",
		refusals: []*domain.Error{domain.ErrForbidden, domain.ErrInvalidRole, domain.ErrValidationFailed},
	}, s.forwardAuth)
}

func (s *Server) forwardAuth(_ context.Context, p domain.Principal, in *forwardAuthInput) (*forwardAuthOutput, error) {
	needed := domain.RoleUser
	if in.Role != "" {
		role, err := domain.ParseRole(in.Role)
		if err != nil {
			return nil, err
		}
		needed = role
	}
	user, session, err := p.SignedIn()
	if err != nil {
		return nil, err
	}
	if !user.Role().Includes(needed) {
		return nil, domain.ErrForbidden
	}
	out := &forwardAuthOutput{UserID: user.ID().String(), Role: user.Role().String(), SessionID: session.ID().String()}
	if user.EmailVerified() { // applications take the address for the user's own
		out.Email = user.Email().String()
	}
	return out, nil
}
