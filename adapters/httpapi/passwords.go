package httpapi

import (
	"context"
	"net/http"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

type confirmResetInput struct{ Body confirmResetRequest }

type confirmResetRequest struct {
	Token       string `json:"token" example:"q3Zl0cXv1f8mVtO5wYp7eHk2sRbNdJgA9uTi6xLyC4o" doc:"The token from the mail's link."`
	NewPassword string `json:"new_password" example:"correct horse battery staple"`
}

type resetLinkOutput struct{ Body resetLinkBody }

type resetLinkBody struct {
	Email   string `json:"email" example:"ada@example.com" doc:"The address of the account."`
	Purpose string `json:"purpose" enum:"reset_password,invitation" example:"invitation" doc:"The kind of mail that the token is from. An invitation is for a new account, so a page can welcome the user."`
}

type changePasswordInput struct{ Body changePasswordRequest }

type changePasswordRequest struct {
	CurrentPassword string `json:"current_password" example:"correct horse battery staple"`
	NewPassword     string `json:"new_password" example:"seven ravens under the bridge"`
}

func (s *Server) passwordRoutes() {
	public(s, endpoint{
		operation: ports.OpRequestPasswordReset, method: http.MethodPost, path: "/password/reset/request", tag: tagPasswords, status: http.StatusAccepted,
		summary:     "Send a mail for choosing a new password",
		description: "The answer is the same whether or not the address has an account.",
	}, s.requestPasswordReset)
	public(s, endpoint{
		operation: ports.OpCheckPasswordReset, method: http.MethodPost, path: "/password/reset/check", tag: tagPasswords,
		summary: "Show the account of a reset link",
		description: "For the token of a reset mail or of an invitation, returns the address of its account, which a page can show to password managers as the user name, " +
			"and the kind of the mail. The token stays usable.",
	}, s.checkPasswordReset)
	public(s, endpoint{
		operation: ports.OpConfirmPasswordReset, method: http.MethodPost, path: "/password/reset/confirm", tag: tagPasswords,
		summary: "Choose a new password",
		description: "Redeems the token of a reset mail (it works once, for an hour) or of an invitation (72 hours). All sessions and other tokens of the " +
			"user end, and the address counts as confirmed. The token stays usable if the password is refused, such as one that must change and is given again (`same_password`). This does not sign the user in. With `device_token` or the cookie of the answer, this client can log in " +
			"at once, even if others have used up the account's allowance with wrong passwords.",
	}, s.confirmPasswordReset)
	protected(s, endpoint{
		operation: ports.OpChangePassword, method: http.MethodPost, path: "/password/change", tag: tagPasswords,
		summary: "Change the password",
		description: "All sessions of the user end, this one included. So do all links mailed to the user, also those that confirm or change the address. The answer is the same as that of a login: " +
			"a new session replaces this one. For an account with a second factor it is 403 `second_factor_required`: the password has changed, and `POST /login/continue` opens the new session.",
	}, s.changePassword)
}

func (s *Server) requestPasswordReset(ctx context.Context, in *emailInput) (*messageOutput, error) {
	_, err := s.useCases.RequestPasswordReset.Execute(ctx, ports.RequestPasswordResetCommand{Email: in.Body.Email, Origin: originOf(ctx)})
	if err != nil {
		return nil, err
	}
	return message(messageRequested), nil
}

func (s *Server) checkPasswordReset(ctx context.Context, in *tokenInput) (*resetLinkOutput, error) {
	result, err := s.useCases.CheckPasswordReset.Execute(ctx, ports.CheckPasswordResetCommand{TokenSecret: domain.NewSecret(in.Body.Token), Origin: originOf(ctx)})
	if err != nil {
		return nil, err
	}
	return &resetLinkOutput{Body: resetLinkBody{Email: result.Email.String(), Purpose: string(result.Purpose)}}, nil
}

func (s *Server) confirmPasswordReset(ctx context.Context, in *confirmResetInput) (*deviceOutput, error) {
	result, err := s.useCases.ConfirmPasswordReset.Execute(ctx, ports.ConfirmPasswordResetCommand{
		TokenSecret: domain.NewSecret(in.Body.Token),
		NewPassword: domain.NewSecret(in.Body.NewPassword),
		Origin:      originOf(ctx),
	})
	if err != nil {
		return nil, err
	}
	return &deviceOutput{SetCookie: s.deviceCookie(result.DeviceToken), Body: deviceBody{result.DeviceToken.Reveal()}}, nil
}

func (s *Server) changePassword(ctx context.Context, p domain.Principal, in *changePasswordInput) (*loginOutput, error) {
	return s.signedIn(s.useCases.ChangePassword.Execute(ctx, ports.ChangePasswordCommand{
		Principal:    p,
		Confirmation: ports.Confirmation{Password: domain.NewSecret(in.Body.CurrentPassword)},
		NewPassword:  domain.NewSecret(in.Body.NewPassword),
		Origin:       originOf(ctx),
	}))
}
