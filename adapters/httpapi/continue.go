package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

type continueLoginInput struct {
	withDevice
	Body continueLoginRequest
}

type continueLoginRequest struct {
	Challenge   string `json:"challenge" example:"AZiA9ew8.c2ln" doc:"The challenge of the login that was refused."`
	Method      string `json:"method" example:"otp" doc:"One of the methods of that answer: otp for a code of an authenticator application, recovery_code for a recovery code."`
	Code        string `json:"code" example:"287082" doc:"The code. Blanks are ignored, and in a recovery code also dashes and case."`
	DeviceToken string `json:"device_token,omitempty" example:"AZiA9ew8.c2ln" doc:"As at the login."`
}

func (s *Server) continueLoginRoute() {
	public(s, endpoint{
		operation: ports.OpContinueLogin, method: http.MethodPost, path: "/login/continue", tag: tagSignIn,
		summary: "Continue a login with a second factor",
		description: "For a login that 403 `second_factor_required` refused. The `challenge` of that answer works for 5 minutes, also after a wrong code. Each code works once. " +
			"The answer is that of a login, or another 403 with a new `challenge`. After 30 wrong codes in a row, the service refuses one-time codes of the account with 429 and the limit `code_failures`, and still accepts recovery codes. The refusal ends when a recovery code is used, the password is reset, or staff lift the limit. Each request also counts as a login.",
		parameters: []*huma.Param{deviceCookieParam()},
	}, s.continueLogin)
}

func (s *Server) continueLogin(ctx context.Context, in *continueLoginInput) (*loginOutput, error) {
	return s.signedIn(s.useCases.ContinueLogin.Execute(ctx, ports.ContinueLoginCommand{
		Challenge:   domain.NewSecret(in.Body.Challenge),
		Method:      in.Body.Method,
		Code:        domain.NewSecret(in.Body.Code),
		DeviceToken: in.deviceToken(in.Body.DeviceToken),
		Origin:      originOf(ctx),
	}))
}
