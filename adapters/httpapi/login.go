package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

type loginInput struct {
	fromClient
	Body loginRequest
}

type loginRequest struct {
	Email    string `json:"email" example:"ada@example.com"`
	Password string `json:"password" example:"correct horse battery staple"`
}

// fromClient lets a handler know where its request came from.
type fromClient struct{ client domain.Client }

// Resolve is how huma lets an input look at the request.
func (f *fromClient) Resolve(hctx huma.Context) []error {
	f.client = clientOf(humafiber.Unwrap(hctx).Context())
	return nil
}

// withBearer lets a handler see the Authorization header where a token is not
// proof of who asks but what is asked about.
type withBearer struct {
	token domain.Secret
	err   error
}

// Resolve is how huma lets an input look at the request.
func (b *withBearer) Resolve(hctx huma.Context) []error {
	b.token, b.err = bearer(humafiber.Unwrap(hctx).Context())
	return nil
}

type refreshInput struct {
	withBearer
	Body *refreshRequest
}

type refreshRequest struct {
	RefreshToken string `json:"refresh_token" example:"eyJhbGciOiJIUzI1NiIsInR5cCI6InJ0K2p3dCJ9.e30.c2ln"`
}

type logoutInput struct{ withBearer }

type logoutEverywhereOutput struct{ Body revokedBody }

type revokedBody struct {
	Revoked int `json:"revoked" example:"3" doc:"How many live sessions ended, this one included."`
}

func (s *Server) loginRoutes() {
	public(s, endpoint{
		id: "login", method: http.MethodPost, path: "/login", tag: tagSignIn,
		summary: "Sign in",
		description: "One answer, 401 `invalid_credentials`, for an unknown address and a wrong password. Only after the right password does a 403 say that the address is " +
			"not confirmed or the account disabled.",
		refusals: []error{domain.ErrInvalidEmail, domain.ErrInvalidCredentials, domain.ErrEmailNotVerified, domain.ErrAccountDisabled, domain.ErrOverloaded},
	}, s.login)
	public(s, endpoint{
		id: "refresh", method: http.MethodPost, path: "/refresh", tag: tagSignIn,
		summary: "Exchange a refresh token for a new pair",
		description: "Send the refresh token in the body, or as `Authorization: Bearer …` without a body. Each is good once; asking again within a few seconds gives the same " +
			"answer again. Used later than that, it ends the session.",
		refusals: []error{domain.ErrInvalidRefreshToken, domain.ErrTokenExpired, domain.ErrSessionEnded, domain.ErrRefreshTokenReused, errTokenMismatch},
		security: []map[string][]string{{}, {bearerScheme: {}}},
	}, s.refresh)
	public(s, endpoint{
		id: "logout", method: http.MethodPost, path: "/logout", tag: tagSignIn,
		summary: "Sign out",
		description: "Ends the session of the access or refresh token sent as `Authorization: Bearer …`, which may have expired. Signing out of a session that is over answers 204 " +
			"again. A session is ended for certain once this answers 204.",
		refusals: []error{domain.ErrUnauthenticated},
		security: []map[string][]string{{bearerScheme: {}}},
	}, s.logout)
	protected(s, domain.RoleUser, endpoint{
		id: "logoutEverywhere", method: http.MethodPost, path: "/logout-all", tag: tagSignIn,
		summary: "Sign out everywhere", description: "Ends all sessions of the user, this one included.",
	}, s.logoutEverywhere)
}

func (s *Server) login(ctx context.Context, in *loginInput) (*tokensOutput, error) {
	result, err := s.useCases.Login.Execute(ctx, ports.LoginCommand{
		Email:    in.Body.Email,
		Password: domain.NewSecret(in.Body.Password),
		Client:   in.client,
	})
	if err != nil {
		return nil, err
	}
	return tokensOf(result), nil
}

func (s *Server) refresh(ctx context.Context, in *refreshInput) (*tokensOutput, error) {
	token, err := in.refreshToken()
	if err != nil {
		return nil, err
	}
	exchangeOf(ctx).bearer = !token.IsEmpty()
	result, err := s.useCases.Refresh.Execute(ctx, ports.RefreshCommand{RefreshToken: token})
	if err != nil {
		return nil, err
	}
	return tokensOf(result), nil
}

// refreshToken returns the one token that was sent, in either place or the same
// in both.
func (in *refreshInput) refreshToken() (domain.Secret, error) {
	if in.err != nil {
		return domain.Secret{}, domain.ErrInvalidRefreshToken
	}
	if in.Body == nil {
		return in.token, nil
	}
	token := domain.NewSecret(in.Body.RefreshToken)
	if !in.token.IsEmpty() && !token.Equal(in.token) {
		return domain.Secret{}, errTokenMismatch
	}
	return token, nil
}

func (s *Server) logout(ctx context.Context, in *logoutInput) (*none, error) {
	if in.err != nil || in.token.IsEmpty() {
		return nil, domain.ErrUnauthenticated
	}
	_, err := s.useCases.Logout.Execute(ctx, ports.LogoutCommand{Token: in.token})
	return nil, err
}

func (s *Server) logoutEverywhere(ctx context.Context, p domain.Principal, _ *none) (*logoutEverywhereOutput, error) {
	result, err := s.useCases.LogoutEverywhere.Execute(ctx, ports.LogoutEverywhereCommand{Principal: p})
	if err != nil {
		return nil, err
	}
	return &logoutEverywhereOutput{Body: revokedBody{Revoked: result.Revoked}}, nil
}
