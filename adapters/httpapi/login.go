package httpapi

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

type loginInput struct {
	withDevice
	Body loginRequest
}

type loginRequest struct {
	Email       string `json:"email" example:"ada@example.com"`
	Password    string `json:"password" example:"correct horse battery staple"`
	DeviceToken string `json:"device_token,omitempty" example:"AZiA9ew8.c2ln" doc:"The device_token of an earlier login, instead of the cookie auth_device, which pages of other origins do not have. An unusable one is ignored."`
}

type replacePasswordInput struct {
	withDevice
	Body replacePasswordRequest
}

type replacePasswordRequest struct {
	Challenge   string `json:"challenge" example:"AZiA9ew8.c2ln" doc:"The challenge of the login that was refused."`
	NewPassword string `json:"new_password" example:"seven ravens under the bridge" doc:"It must differ from the current one."`
	DeviceToken string `json:"device_token,omitempty" example:"AZiA9ew8.c2ln" doc:"As at the login."`
}

type loginOutput struct {
	SetCookie string `header:"Set-Cookie" doc:"The cookie auth_device with the device_token, for browsers."`
	Body      loginAnswerBody
}

// loginAnswerBody is the answer to a login: the members of tokensBody and a device
// token.
type loginAnswerBody struct {
	AccessToken      string `json:"access_token" example:"eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2ln"`
	RefreshToken     string `json:"refresh_token" example:"eyJhbGciOiJIUzI1NiIsInR5cCI6InJ0K2p3dCJ9.e30.c2ln"`
	TokenType        string `json:"token_type" enum:"Bearer" example:"Bearer"`
	ExpiresIn        int64  `json:"expires_in" example:"1800" doc:"Seconds that the access token lives."`
	RefreshExpiresIn int64  `json:"refresh_expires_in" example:"604800" doc:"Seconds that the refresh token lives."`
	SessionID        string `json:"session_id" format:"uuid" example:"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e11"`
	DeviceToken      string `json:"device_token" example:"AZiA9ew8.c2ln" doc:"Send it with later logins to this account, for 180 days. It does not sign a user in, but failed logins from other devices cannot slow down logins with it."`
}

// withBearer gives a handler the token of the Authorization header, for operations
// that work on the token instead of being protected by it.
type withBearer struct {
	token domain.Secret
	err   error
}

// Resolve implements huma.Resolver.
func (b *withBearer) Resolve(hctx huma.Context) []error {
	b.token, b.err = callOf(hctx.Context()).bearerToken()
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
		operation: ports.OpLogin, method: http.MethodPost, path: "/login", tag: tagSignIn,
		summary: "Sign in",
		description: "An unknown address and a wrong password get the same answer, 401 `invalid_credentials`. Only after the right password a 403 says that the address is " +
			"not confirmed, that the account is disabled, or that a second factor or a new password is required. The last two carry a `challenge` for `POST /login/continue` or `POST /login/password`. Failed logins are slowed down. Devices that have signed in to the account before share a separate allowance if they send " +
			"`device_token` or the cookie. By default, 100 wrong passwords in a row lock an address for 24 hours, with or without an account: the service then refuses all passwords from other devices, " +
			"right or wrong, with 429 and the limit `login_failures`. Do not repeat them; offer a reset of the password, which ends the lock.",
		parameters: []*huma.Param{deviceCookieParam()},
	}, s.login)
	public(s, endpoint{
		operation: ports.OpReplacePassword, method: http.MethodPost, path: "/login/password", tag: tagSignIn,
		summary: "Choose a new password and sign in",
		description: "For a login that 403 `password_change_required` refused. The `challenge` of that answer works for 5 minutes, in place of the old password. " +
			"It stays usable if the new password is refused. All links mailed to the user end. The answer is that of a login, or a 403 with a new `challenge`.",
		parameters: []*huma.Param{deviceCookieParam()},
	}, s.replacePassword)
	public(s, endpoint{
		operation: ports.OpRefresh, method: http.MethodPost, path: "/refresh", tag: tagSignIn,
		summary: "Exchange a refresh token for a new pair",
		description: "Send the refresh token in the body; then any `Authorization` is ignored. A request without a body may send it as " +
			"`Authorization: Bearer …`. Each token works once. A client that lost the answer sends it again: within a few seconds it gets the same " +
			"pair (claims of `ACCESS_TOKEN_CLAIMS` may be newer). Later, for an hour by default, it gets another pair if no token of the first was used. Any other use of an old token ends the session, and so " +
			"does a repetition from another network with another user agent.",
		security: []map[string][]string{}, // a documentation page that sent its token would send the access token
	}, s.refresh)
	public(s, endpoint{
		operation: ports.OpLogout, method: http.MethodPost, path: "/logout", tag: tagSignIn,
		summary: "Sign out",
		description: "Ends the session of the access or refresh token sent as `Authorization: Bearer …`, which may have expired. For a session that is over, the answer is 204 " +
			"again. After a 204 the session has certainly ended.",
		security: []map[string][]string{{bearerScheme: {}}},
	}, s.logout)
	protected(s, endpoint{
		operation: ports.OpLogoutEverywhere, method: http.MethodPost, path: "/logout-all", tag: tagSignIn,
		summary: "Sign out everywhere", description: "Ends all sessions of the user, this one included.",
	}, s.logoutEverywhere)
}

// errNextStep is an internal error: a use case returned a next step without its refusal.
var errNextStep = errors.New("httpapi: the sign-in needs another proof")

func (s *Server) login(ctx context.Context, in *loginInput) (*loginOutput, error) {
	return s.signedIn(s.useCases.Login.Execute(ctx, ports.LoginCommand{
		Email:       in.Body.Email,
		Password:    domain.NewSecret(in.Body.Password),
		DeviceToken: in.deviceToken(in.Body.DeviceToken),
		Origin:      originOf(ctx),
	}))
}

func (s *Server) replacePassword(ctx context.Context, in *replacePasswordInput) (*loginOutput, error) {
	return s.signedIn(s.useCases.ReplacePassword.Execute(ctx, ports.ReplacePasswordCommand{
		Challenge:   domain.NewSecret(in.Body.Challenge),
		NewPassword: domain.NewSecret(in.Body.NewPassword),
		DeviceToken: in.deviceToken(in.Body.DeviceToken),
		Origin:      originOf(ctx),
	}))
}

// signedIn returns the answer to a step of a sign-in: what opens a session, or a refusal, which
// carries the next step if there is one.
func (s *Server) signedIn(result ports.LoginResult, err error) (*loginOutput, error) {
	switch {
	case err != nil && result.Next != nil:
		p := problemOf(err)
		p.Challenge, p.ExpiresIn = result.Next.Challenge.Reveal(), int64(result.Next.ExpiresIn/time.Second)
		for _, method := range result.Next.Methods {
			p.Methods = append(p.Methods, string(method))
		}
		return nil, p
	case err != nil:
		return nil, err
	case result.Next != nil:
		return nil, errNextStep
	}
	return &loginOutput{
		SetCookie: s.deviceCookie(result.DeviceToken),
		Body:      loginAnswerOf(result),
	}, nil
}

func loginAnswerOf(r ports.LoginResult) loginAnswerBody {
	tokens := tokensOf(r.TokensResult)
	return loginAnswerBody{
		AccessToken:      tokens.AccessToken,
		RefreshToken:     tokens.RefreshToken,
		TokenType:        tokens.TokenType,
		ExpiresIn:        tokens.ExpiresIn,
		RefreshExpiresIn: tokens.RefreshExpiresIn,
		SessionID:        tokens.SessionID,
		DeviceToken:      r.DeviceToken.Reveal(),
	}
}

func (s *Server) refresh(ctx context.Context, in *refreshInput) (*tokensOutput, error) {
	token, err := in.refreshToken()
	if err != nil {
		return nil, err
	}
	callOf(ctx).bearer = !token.IsEmpty()
	result, err := s.useCases.Refresh.Execute(ctx, ports.RefreshCommand{RefreshToken: token, Origin: originOf(ctx)})
	if err != nil {
		return nil, err
	}
	return &tokensOutput{Body: tokensOf(result.TokensResult)}, nil
}

// refreshToken returns the token of the body. Without a body it returns that of the
// header. With a body the header decides nothing (RFC 6749 section 6), because many
// clients send their access token with every request.
func (in *refreshInput) refreshToken() (domain.Secret, error) {
	switch {
	case in.Body != nil:
		return domain.NewSecret(in.Body.RefreshToken), nil
	case in.err != nil:
		return domain.Secret{}, domain.ErrInvalidRefreshToken
	}
	return in.token, nil
}

func (s *Server) logout(ctx context.Context, in *logoutInput) (*none, error) {
	if in.err != nil || in.token.IsEmpty() {
		return nil, domain.ErrUnauthenticated
	}
	_, err := s.useCases.Logout.Execute(ctx, ports.LogoutCommand{BearerToken: in.token, Origin: originOf(ctx)})
	return nil, err
}

func (s *Server) logoutEverywhere(ctx context.Context, p domain.Principal, _ *none) (*logoutEverywhereOutput, error) {
	result, err := s.useCases.LogoutEverywhere.Execute(ctx, ports.LogoutEverywhereCommand{Principal: p, Origin: originOf(ctx)})
	if err != nil {
		return nil, err
	}
	return &logoutEverywhereOutput{Body: revokedBody{Revoked: result.Revoked}}, nil
}
