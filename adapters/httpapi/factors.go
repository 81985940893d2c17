package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ProofMembers are the proof that a change takes again. The type is exported because huma
// ignores the members of others.
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
	Name string `json:"name,omitempty" example:"My telephone" doc:"The user's name for the device, up to 64 characters; Authenticator application if left out."`
}

type addTOTPOutput struct{ Body pendingFactorBody }

type pendingFactorBody struct {
	ID        string    `json:"id" format:"uuid" example:"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e13"`
	Name      string    `json:"name" example:"My telephone"`
	Secret    string    `json:"secret" example:"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" doc:"The secret in base32, for users who type it. No other answer shows it."`
	URI       string    `json:"uri" example:"otpauth://totp/Example:ada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example" doc:"The otpauth URI with the secret. A link to it opens an authenticator application on the same device."`
	QRCode    string    `json:"qr_code" example:"<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>" doc:"The URI as a QR code: an SVG image with a white background."`
	ExpiresAt time.Time `json:"expires_at" example:"2026-01-15T09:40:00Z" doc:"When the time for its first code ends."`
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

type confirmTOTPOutput struct{ Body confirmedFactorBody }

type confirmedFactorBody struct {
	FactorMembers
	RecoveryCodes []string `json:"recovery_codes,omitempty" example:"[\"7Q2ZK-93VWB\"]" doc:"Only for the first factor of the account: ten recovery codes. Each works once, in place of a code. No other answer shows them."`
}

// FactorMembers describe a second factor. The type is exported as ProofMembers is.
type FactorMembers struct {
	ID         string     `json:"id" format:"uuid" example:"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e13"`
	Type       string     `json:"type" enum:"totp" example:"totp" doc:"The kind of factor."`
	Name       string     `json:"name" example:"My telephone"`
	CreatedAt  time.Time  `json:"created_at" example:"2026-01-15T09:30:00Z"`
	LastUsedAt *time.Time `json:"last_used_at,omitempty" example:"2026-01-16T09:30:00Z" doc:"When a code of it was last used after the first; absent before that."`
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

type factorBody struct{ FactorMembers }

type factorsBody struct {
	Factors           []factorBody `json:"factors" nullable:"false" doc:"The oldest first."`
	RecoveryCodesLeft int          `json:"recovery_codes_left" example:"10" doc:"How many recovery codes are not used yet."`
}

func factorsOutputOf(result ports.FactorsResult) *factorsOutput {
	return &factorsOutput{Body: factorsBody{Factors: factorsOf(result.Factors), RecoveryCodesLeft: result.RecoveryCodesLeft}}
}

func factorsOf(factors []*domain.Factor) []factorBody {
	bodies := make([]factorBody, 0, len(factors))
	for _, factor := range factors {
		bodies = append(bodies, factorBody{factorOf(factor)})
	}
	return bodies
}

type removeFactorInput struct {
	FactorPath
	Body removeFactorRequest
}

type removeFactorRequest struct{ ProofMembers }

type renewRecoveryCodesInput struct{ Body renewRecoveryCodesRequest }

type renewRecoveryCodesRequest struct{ ProofMembers }

type recoveryCodesOutput struct{ Body recoveryCodesBody }

type recoveryCodesBody struct {
	RecoveryCodes []string `json:"recovery_codes" nullable:"false" example:"[\"7Q2ZK-93VWB\"]" doc:"Ten codes. Each works once. No other answer shows them."`
}

type recoveryCodesLeftOutput struct{ Body recoveryCodesLeftBody }

type recoveryCodesLeftBody struct {
	RecoveryCodesLeft int `json:"recovery_codes_left" example:"10" doc:"How many recovery codes are not used yet."`
}

func (s *Server) factorRoutes() {
	protected(s, endpoint{
		operation: ports.OpListFactors, method: http.MethodGet, path: "/me/factors", tag: tagFactors,
		summary: "List the second factors", description: "Lists the confirmed second factors, the oldest first, and how many recovery codes are left.",
	}, s.listFactors)
	protected(s, endpoint{
		operation: ports.OpAddTOTP, method: http.MethodPost, path: "/me/factors/totp", tag: tagFactors, status: http.StatusCreated,
		summary:     "Add an authenticator application",
		description: "Show the QR code or the secret to the user, and confirm with the first code within 10 minutes. Until then the application changes nothing. An account that has a second factor gives a `code` as well.",
	}, s.addTOTP)
	protected(s, endpoint{
		operation: ports.OpConfirmTOTP, method: http.MethodPost, path: "/me/factors/totp/{factor_id}/confirm", tag: tagFactors,
		summary:     "Confirm an authenticator application",
		description: "From now on logins need a code. The answer for the first factor of an account has the recovery codes: ask the user to keep them.",
	}, s.confirmTOTP)
	const removing = "Needs the password and a code. Removing the last factor removes the recovery codes as well: logins then need the password alone. "
	protected(s, endpoint{
		operation: ports.OpRemoveFactor, method: http.MethodDelete, path: "/me/factors/{factor_id}", tag: tagFactors,
		summary: "Remove a second factor", description: removing + "If a client or proxy drops the body of a DELETE, use `POST /me/factors/{factor_id}/remove`.",
	}, s.removeFactor)
	protected(s, endpoint{
		operation: ports.OpRemoveFactor, id: "removeFactorByPost", method: http.MethodPost, path: "/me/factors/{factor_id}/remove", tag: tagFactors,
		summary: "Remove a second factor, for clients whose DELETE has no body", description: removing + "The same as `DELETE /me/factors/{factor_id}`.",
	}, s.removeFactor)
	protected(s, endpoint{
		operation: ports.OpListFactors, id: "countRecoveryCodes", method: http.MethodGet, path: "/me/recovery-codes", tag: tagFactors,
		summary: "Count the recovery codes", description: "Returns how many recovery codes are left. Only the answer that made the codes contains them.",
	}, s.countRecoveryCodes)
	protected(s, endpoint{
		operation: ports.OpRenewRecoveryCodes, method: http.MethodPost, path: "/me/recovery-codes", tag: tagFactors,
		summary: "Make new recovery codes", description: "Needs the password and a code. The former recovery codes stop working.",
	}, s.renewRecoveryCodes)
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
	return &addTOTPOutput{Body: pendingFactorBody{
		ID: result.Factor.ID().String(), Name: result.Factor.Name(), Secret: result.Secret.Reveal(), URI: result.URI.Reveal(),
		QRCode: image, ExpiresAt: result.Factor.CreatedAt().Add(domain.FactorPendingLife).UTC(),
	}}, nil
}

func (s *Server) confirmTOTP(ctx context.Context, p domain.Principal, in *confirmTOTPInput) (*confirmTOTPOutput, error) {
	result, err := s.useCases.ConfirmTOTP.Execute(ctx, ports.ConfirmTOTPCommand{
		Principal: p, FactorID: in.FactorID, Code: domain.NewSecret(in.Body.Code), Origin: originOf(ctx),
	})
	if err != nil {
		return nil, err
	}
	return &confirmTOTPOutput{Body: confirmedFactorBody{factorOf(result.Factor), revealed(result.RecoveryCodes)}}, nil
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
