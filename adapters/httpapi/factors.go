package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"rsc.io/qr"

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
	Code        string `json:"code" example:"287082" doc:"The code. Blanks do not count; in a recovery code dashes and case do not, either."`
	DeviceToken string `json:"device_token,omitempty" example:"AZiA9ew8.c2ln" doc:"As at the login."`
}

// ProofMembers are the proof that a change takes again.
type ProofMembers struct {
	Password string `json:"password" example:"correct horse battery staple"`
	Code     string `json:"code,omitempty" example:"287082" doc:"A code of a second factor, or a recovery code. Accounts that have a second factor need it (422 code_required)."`
}

func (r ProofMembers) confirmation() ports.Confirmation {
	return ports.Confirmation{Password: domain.NewSecret(r.Password), Code: domain.NewSecret(r.Code)}
}

type addTOTPInput struct{ Body addTOTPRequest }

type addTOTPRequest struct {
	ProofMembers
	Name string `json:"name,omitempty" example:"My telephone" doc:"What the user calls the device, up to 64 characters."`
}

type addTOTPOutput struct{ Body addTOTPBody }

type addTOTPBody struct {
	ID        string    `json:"id" format:"uuid" example:"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e13"`
	Name      string    `json:"name" example:"My telephone"`
	Secret    string    `json:"secret" example:"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" doc:"The secret in base32, for users who type it. No other answer shows it."`
	URI       string    `json:"uri" example:"otpauth://totp/Example:ada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example" doc:"The otpauth URI, which a link opens in an authenticator application on the same device."`
	QRCode    string    `json:"qr_code" example:"<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>" doc:"The URI as a QR code: an SVG image with a white background."`
	ExpiresAt time.Time `json:"expires_at" example:"2026-01-15T09:40:00Z" doc:"Until when its first code confirms it."`
}

// FactorPath names a second factor in a path.
type FactorPath struct {
	FactorID string `path:"factor_id" example:"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e13"`
}

type confirmTOTPInput struct {
	FactorPath
	Body confirmTOTPRequest
}

type confirmTOTPRequest struct {
	Code string `json:"code" example:"287082" doc:"A code that the authenticator application shows now."`
}

type confirmTOTPOutput struct{ Body confirmTOTPBody }

type confirmTOTPBody struct {
	FactorMembers
	RecoveryCodes []string `json:"recovery_codes,omitempty" example:"[\"7Q2ZK-93VWB\"]" doc:"Only with the first second factor of the account: ten codes, each of which replaces a code once. No other answer shows them."`
}

// FactorMembers are what an answer says of a second factor.
type FactorMembers struct {
	ID         string     `json:"id" format:"uuid" example:"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e13"`
	Type       string     `json:"type" example:"totp" doc:"The kind of factor. Further kinds may follow."`
	Name       string     `json:"name" example:"My telephone"`
	CreatedAt  time.Time  `json:"created_at" example:"2026-01-15T09:30:00Z"`
	LastUsedAt *time.Time `json:"last_used_at,omitempty" example:"2026-01-16T09:30:00Z" doc:"When a code of it was last used; absent if none was."`
}

func factorOf(f *domain.Factor) FactorMembers {
	body := FactorMembers{ID: f.ID().String(), Type: "totp", Name: f.Name(), CreatedAt: f.CreatedAt().UTC()}
	if at := f.LastUsedAt(); !at.IsZero() {
		at = at.UTC()
		body.LastUsedAt = &at
	}
	return body
}

type factorsOutput struct{ Body factorsBody }

type factorsBody struct {
	Factors           []FactorMembers `json:"factors" nullable:"false" doc:"The oldest first."`
	RecoveryCodesLeft int             `json:"recovery_codes_left" example:"10" doc:"How many recovery codes are not used yet."`
}

func factorsOutputOf(result ports.FactorsResult) *factorsOutput {
	body := factorsBody{Factors: []FactorMembers{}, RecoveryCodesLeft: result.RecoveryCodesLeft}
	for _, factor := range result.Factors {
		body.Factors = append(body.Factors, factorOf(factor))
	}
	return &factorsOutput{Body: body}
}

type removeFactorInput struct {
	FactorPath
	Body ProofMembers
}

type renewRecoveryCodesInput struct{ Body ProofMembers }

type recoveryCodesOutput struct{ Body recoveryCodesBody }

type recoveryCodesBody struct {
	RecoveryCodes []string `json:"recovery_codes" nullable:"false" example:"[\"7Q2ZK-93VWB\"]" doc:"Ten codes. No other answer shows them, and the former ones no longer work."`
}

type recoveryCodesLeftOutput struct{ Body recoveryCodesLeftBody }

type recoveryCodesLeftBody struct {
	RecoveryCodesLeft int `json:"recovery_codes_left" example:"10" doc:"How many recovery codes are not used yet."`
}

type userFactorInput struct {
	UserID   string `path:"user_id" example:"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e10"`
	FactorID string `path:"factor_id" example:"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e13"`
}

func (s *Server) factorRoutes() {
	public(s, endpoint{
		operation: ports.OpContinueLogin, method: http.MethodPost, path: "/login/continue", tag: tagSignIn,
		summary: "Continue a login with a second factor",
		description: "For a login that 403 `second_factor_required` refused. The `challenge` of that answer works for 5 minutes, also after a wrong code. A code is accepted once. " +
			"The answer is that of a login, or a further 403 with a new `challenge`. After 30 wrong codes in a row the account's codes are refused (429), but for recovery codes, until one is used or the password is reset.",
		parameters: []*huma.Param{deviceCookieParam()},
	}, s.continueLogin)
	protected(s, endpoint{
		operation: ports.OpListFactors, method: http.MethodGet, path: "/me/factors", tag: tagFactors,
		summary: "List the second factors", description: "Without those that wait for their first code.",
	}, s.listFactors)
	protected(s, endpoint{
		operation: ports.OpAddTOTP, method: http.MethodPost, path: "/me/factors/totp", tag: tagFactors, status: http.StatusCreated,
		summary:     "Add an authenticator application",
		description: "Show the QR code or the secret, then confirm with the first code. Until then, and after 10 minutes without it, nothing changes.",
	}, s.addTOTP)
	protected(s, endpoint{
		operation: ports.OpConfirmTOTP, method: http.MethodPost, path: "/me/factors/totp/{factor_id}/confirm", tag: tagFactors,
		summary:     "Confirm an authenticator application",
		description: "From now on logins need a code. With the first factor come the recovery codes: have the user keep them before you go on.",
	}, s.confirmTOTP)
	const removing = "Takes the password and a code. The last factor takes the recovery codes with it. "
	protected(s, endpoint{
		operation: ports.OpRemoveFactor, method: http.MethodDelete, path: "/me/factors/{factor_id}", tag: tagFactors,
		summary: "Remove a second factor", description: removing + "If a client or proxy drops the body of a DELETE, use `POST /me/factors/{factor_id}/remove`.",
	}, s.removeFactor)
	protected(s, endpoint{
		operation: ports.OpRemoveFactor, id: "removeFactorByPost", method: http.MethodPost, path: "/me/factors/{factor_id}/remove", tag: tagFactors,
		summary: "Remove a second factor, for clients whose DELETE has no body", description: removing,
	}, s.removeFactor)
	protected(s, endpoint{
		operation: ports.OpListFactors, id: "countRecoveryCodes", method: http.MethodGet, path: "/me/recovery-codes", tag: tagFactors,
		summary: "Count the recovery codes", description: "How many are left. The codes themselves were shown when they were made.",
	}, s.countRecoveryCodes)
	protected(s, endpoint{
		operation: ports.OpRenewRecoveryCodes, method: http.MethodPost, path: "/me/recovery-codes", tag: tagFactors,
		summary: "Make new recovery codes", description: "The former ones stop working.",
	}, s.renewRecoveryCodes)
	protected(s, endpoint{
		operation: ports.OpListUserFactors, method: http.MethodGet, path: "/admin/users/{user_id}/factors", tag: tagAdministration,
		summary: "List a user's second factors", description: "As the user sees them.",
	}, s.listUserFactors)
	protected(s, endpoint{
		operation: ports.OpRemoveUserFactors, method: http.MethodDelete, path: "/admin/users/{user_id}/factors/{factor_id}", tag: tagAdministration,
		summary:     "Remove a second factor of a user",
		description: "For users who lost it. Ends all sessions, and mails the user. The last factor takes the recovery codes with it.",
	}, s.removeUserFactor)
	protected(s, endpoint{
		operation: ports.OpRemoveUserFactors, id: "removeAllUserFactors", method: http.MethodDelete, path: "/admin/users/{user_id}/factors", tag: tagAdministration,
		summary: "Remove all second factors of a user", description: "Ends all sessions, and mails the user. The next login takes the password alone.",
	}, s.removeUserFactors)
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

func (s *Server) listFactors(ctx context.Context, p domain.Principal, _ *none) (*factorsOutput, error) {
	result, err := s.useCases.ListFactors.Execute(ctx, ports.ListFactorsCommand{Principal: p})
	if err != nil {
		return nil, err
	}
	return factorsOutputOf(result), nil
}

func (s *Server) countRecoveryCodes(ctx context.Context, p domain.Principal, _ *none) (*recoveryCodesLeftOutput, error) {
	result, err := s.useCases.ListFactors.Execute(ctx, ports.ListFactorsCommand{Principal: p})
	if err != nil {
		return nil, err
	}
	return &recoveryCodesLeftOutput{Body: recoveryCodesLeftBody{result.RecoveryCodesLeft}}, nil
}

func (s *Server) addTOTP(ctx context.Context, p domain.Principal, in *addTOTPInput) (*addTOTPOutput, error) {
	result, err := s.useCases.AddTOTP.Execute(ctx, ports.AddTOTPCommand{
		Principal: p, Name: in.Body.Name, Confirmation: in.Body.confirmation(), Origin: originOf(ctx),
	})
	if err != nil {
		return nil, err
	}
	image, err := qrCode(result.URI.Reveal())
	if err != nil {
		return nil, err
	}
	return &addTOTPOutput{Body: addTOTPBody{
		ID: result.Factor.ID().String(), Name: result.Factor.Name(), Secret: result.Secret.Reveal(), URI: result.URI.Reveal(),
		QRCode: image, ExpiresAt: result.Factor.CreatedAt().Add(domain.FactorPendingLife).UTC(),
	}}, nil
}

// qrCode returns a text as a QR code in SVG, with the quiet zone of four modules that readers
// need (ISO/IEC 18004). Errors: internal ones only.
func qrCode(text string) (string, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return "", fmt.Errorf("httpapi: drawing a QR code: %w", err)
	}
	const quiet = 4
	var path strings.Builder
	for y := range code.Size {
		for x := range code.Size {
			if code.Black(x, y) {
				fmt.Fprintf(&path, "M%d %dh1v1h-1z", x+quiet, y+quiet)
			}
		}
	}
	size := code.Size + 2*quiet
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path d="%s"/></svg>`,
		size, size, size, size, path.String()), nil
}

func (s *Server) confirmTOTP(ctx context.Context, p domain.Principal, in *confirmTOTPInput) (*confirmTOTPOutput, error) {
	result, err := s.useCases.ConfirmTOTP.Execute(ctx, ports.ConfirmTOTPCommand{
		Principal: p, FactorID: in.FactorID, Code: domain.NewSecret(in.Body.Code), Origin: originOf(ctx),
	})
	if err != nil {
		return nil, err
	}
	return &confirmTOTPOutput{Body: confirmTOTPBody{factorOf(result.Factor), revealed(result.RecoveryCodes)}}, nil
}

func revealed(secrets []domain.Secret) []string {
	texts := make([]string, len(secrets))
	for i, secret := range secrets {
		texts[i] = secret.Reveal()
	}
	return texts
}

func (s *Server) removeFactor(ctx context.Context, p domain.Principal, in *removeFactorInput) (*none, error) {
	_, err := s.useCases.RemoveFactor.Execute(ctx, ports.RemoveFactorCommand{
		Principal: p, FactorID: in.FactorID, Confirmation: in.Body.confirmation(), Origin: originOf(ctx),
	})
	return nil, err
}

func (s *Server) renewRecoveryCodes(ctx context.Context, p domain.Principal, in *renewRecoveryCodesInput) (*recoveryCodesOutput, error) {
	result, err := s.useCases.RenewRecoveryCodes.Execute(ctx, ports.RenewRecoveryCodesCommand{
		Principal: p, Confirmation: in.Body.confirmation(), Origin: originOf(ctx),
	})
	if err != nil {
		return nil, err
	}
	return &recoveryCodesOutput{Body: recoveryCodesBody{revealed(result.Codes)}}, nil
}

func (s *Server) listUserFactors(ctx context.Context, p domain.Principal, in *userIDInput) (*factorsOutput, error) {
	result, err := s.useCases.ListUserFactors.Execute(ctx, ports.ListUserFactorsCommand{Principal: p, UserID: in.UserID})
	if err != nil {
		return nil, err
	}
	return factorsOutputOf(result), nil
}

func (s *Server) removeUserFactor(ctx context.Context, p domain.Principal, in *userFactorInput) (*none, error) {
	_, err := s.useCases.RemoveUserFactors.Execute(ctx, ports.RemoveUserFactorsCommand{
		Principal: p, UserID: in.UserID, FactorID: in.FactorID, Origin: originOf(ctx),
	})
	return nil, err
}

func (s *Server) removeUserFactors(ctx context.Context, p domain.Principal, in *userIDInput) (*none, error) {
	_, err := s.useCases.RemoveUserFactors.Execute(ctx, ports.RemoveUserFactorsCommand{Principal: p, UserID: in.UserID, Origin: originOf(ctx)})
	return nil, err
}
