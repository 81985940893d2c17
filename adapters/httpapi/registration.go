package httpapi

import (
	"context"
	"errors"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

type registerInput struct{ Body registerRequest }

type registerRequest struct {
	Email    string `json:"email" example:"ada@example.com" doc:"An address of the form local@domain, ASCII, at most 254 characters."`
	Password string `json:"password" example:"correct horse battery staple" doc:"8 to 256 characters by default, of any kind, but no common password."`

	Profile objectJSON `json:"profile,omitzero" doc:"The user's first profile: a JSON object of any members, at most 8 KiB. It is deleted with the password if another person claims the address, or if a confirmation without a proof drops the password."`
}

// registerOutput has one of two bodies, by the configuration.
type registerOutput struct {
	Status    int
	SetCookie string `header:"Set-Cookie" doc:"The cookie auth_registration (with https: __Host-auth_registration), for browsers, for 24 hours. To /email/verify it proves that this browser chose the present password, and nothing else. If the address was taken, it proves nothing."`
	Body      any
}

// The results of a registration, which tell its answers apart.
const (
	resultRegistered       = "registered"
	resultVerificationSent = "verification_sent"
)

// registeredBody is the answer where confirming the address is optional.
type registeredBody struct {
	Result string `json:"result" enum:"registered" example:"registered" doc:"The account exists, and the user can sign in."`
	UserMembers
	MetadataMembers
}

// UserMembers are the members of a user in another answer. The name is exported because
// huma leaves out embedded types whose names are not.
type UserMembers = userBody

// verificationSentBody is the answer where addresses must be confirmed.
type verificationSentBody struct {
	Result  string `json:"result" enum:"verification_sent" example:"verification_sent" doc:"The user must follow the link in a mail. The answer is the same for a taken address."`
	Message string `json:"message" example:"A mail is on its way to this address. Follow its link to confirm the address." doc:"What happens next, for a person."`
}

type tokenInput struct{ Body tokenRequest }

type tokenRequest struct {
	Token string `json:"token" example:"q3Zl0cXv1f8mVtO5wYp7eHk2sRbNdJgA9uTi6xLyC4o" doc:"The token from the mail's link."`
}

type verifyInput struct{ Body verifyRequest }

type verifyRequest struct {
	Token        string  `json:"token" example:"q3Zl0cXv1f8mVtO5wYp7eHk2sRbNdJgA9uTi6xLyC4o" doc:"The token from the mail's link."`
	Password     *string `json:"password,omitempty" example:"correct horse battery staple" doc:"The account's password, as a proof. A change of address needs it, or the account's access token as Bearer. A wrong password is refused, and the token stays usable."`
	DropPassword bool    `json:"drop_password,omitempty" example:"false" doc:"The user does not know the password: the account loses it with all sessions, and the user gets a mail to choose another. Not together with password, and not for a change of address."`
	RequireProof bool    `json:"require_proof,omitempty" example:"false" doc:"Refuse with proof_required, instead of confirming, if the account has a password and nothing proves that the client chose it. The shipped page asks for this."`
}

type emailInput struct{ Body emailRequest }

type emailRequest struct {
	Email string `json:"email" example:"ada@example.com"`
}

type changeEmailInput struct{ Body changeEmailRequest }

type changeEmailRequest struct {
	NewEmail        string `json:"new_email" example:"ada.lovelace@example.org"`
	CurrentPassword string `json:"current_password" example:"correct horse battery staple"`
	Code            string `json:"code,omitempty" example:"287082" doc:"A code of a second factor, or a recovery code. Accounts that have a second factor need it (422 code_required)."`
}

const (
	messageRegistered = "A mail is on its way to this address. Follow its link to confirm the address."
	messageRequested  = "If there is an account for this address, a mail is on its way to it."
	messageChanging   = "A mail is on its way to the new address. Follow its link to make the change."
)

func (s *Server) registrationRoutes() {
	public(s, endpoint{
		operation: ports.OpRegister, method: http.MethodPost, path: "/email/register", tag: tagRegistration, status: http.StatusAccepted,
		summary: "Register an account",
		description: "If addresses must be confirmed, the answer is 202. It is the same for a taken address, whose owner gets a mail instead. " +
			"If confirming is optional, the answer is 201 with the user, and 409 for a taken address. The member `result` distinguishes 201 and 202. " +
			"The number of mails to an address is limited. Beyond the limit the answer stays the same, and the links mailed before still work.",
		responses: map[string]*huma.Response{
			"201": s.setsCookie("Registered; confirming the address is optional.", reflect.TypeFor[registeredBody]()),
			"202": s.setsCookie("Accepted; a mail is on its way.", reflect.TypeFor[verificationSentBody]()),
		},
	}, s.register)
	public(s, endpoint{
		operation: ports.OpVerifyEmail, method: http.MethodPost, path: "/email/verify", tag: tagRegistration,
		summary: "Confirm an address",
		description: "Redeems the token of a verification mail, or of the mail to a new address. A token works once, for 24 hours. If it is sent again within 10 seconds of its use, the answer is the same, without effect.\n\n" +
			"The password may come from a stranger who does not own the address. A confirmation is *proven* by the password, by an access token of the account, or by the cookie that the " +
			"registration set. For an unproven one, `EMAIL_VERIFY_UNPROVEN` decides: `keep` keeps the password; `drop` drops it with all sessions, and the user gets a mail to choose another. " +
			"An account without a password needs no proof and gets that mail.\n\n" +
			"Only the account that asked for a change of address can confirm it: with its `password`, or with its access token. " +
			"With neither, the answer is 403 `confirmation_required`. After this and after a wrong password the token stays usable.",
		parameters: []*huma.Param{browserCookieParam()},
		refusals:   []*domain.Error{domain.ErrUnauthenticated, domain.ErrTokenExpired},
		security:   []map[string][]string{{}, {bearerScheme: {}}},
	}, s.verifyEmail)
	public(s, endpoint{
		operation: ports.OpRequestVerification, method: http.MethodPost, path: "/email/verify/request", tag: tagRegistration, status: http.StatusAccepted,
		summary:     "Send the verification mail again",
		description: "The answer is the same whether or not the address has an account.",
	}, s.requestVerification)
	protected(s, endpoint{
		operation: ports.OpChangeEmail, method: http.MethodPost, path: "/email/change", tag: tagAccount, status: http.StatusAccepted,
		summary: "Change the address",
		description: "Sends a link to the new address, which confirms the change at `/email/verify`, and a notice to the old one. " +
			"The answer is the same for a taken address, but then no link can confirm the change.",
	}, s.changeEmail)
	public(s, endpoint{
		operation: ports.OpUndoEmailChange, method: http.MethodPost, path: "/email/change/undo", tag: tagAccount,
		summary: "Undo a change of address",
		description: "Redeems the token of the mail that the former address got after the change. A token works once, for 72 hours. " +
			"The account gets its former address back and loses its password and all sessions; the user gets a mail to choose a password. " +
			"Until the token is used or its time is over, the former address counts as taken, and the account cannot be deleted.",
	}, s.undoEmailChange)
}

func (s *Server) register(ctx context.Context, in *registerInput) (*registerOutput, error) {
	result, err := s.useCases.Register.Execute(ctx, ports.RegisterCommand{
		Email:    in.Body.Email,
		Password: domain.NewSecret(in.Body.Password),
		Profile:  string(in.Body.Profile),
		Origin:   originOf(ctx),
	})
	if err != nil {
		return nil, err
	}
	out := &registerOutput{Status: http.StatusAccepted, SetCookie: s.browserCookie(result.BrowserSecret)}
	out.Body = verificationSentBody{Result: resultVerificationSent, Message: messageRegistered}
	if result.User != nil {
		out.Status, out.Body = http.StatusCreated, registeredBody{Result: resultRegistered, UserMembers: userOf(result.User), MetadataMembers: metadataOf(result.User, result.Metadata)}
	}
	return out, nil
}

// setsCookie describes an answer to a registration.
func (s *Server) setsCookie(description string, body reflect.Type) *huma.Response {
	r := s.jsonResponse(description, body)
	field, _ := reflect.TypeFor[registerOutput]().FieldByName("SetCookie")
	r.Headers = map[string]*huma.Param{"Set-Cookie": {Schema: &huma.Schema{Type: huma.TypeString, Description: field.Tag.Get("doc")}}}
	return r
}

func (s *Server) verifyEmail(ctx context.Context, in *verifyInput) (*userOutput, error) {
	principal, tokenErr := s.optionalPrincipal(ctx)
	if refusal := ports.RefusalOf(tokenErr); tokenErr != nil && (refusal == nil || refusal.Kind != domain.KindUnauthenticated) {
		return nil, tokenErr // a store that fails is no missing proof
	}
	cmd := ports.VerifyEmailCommand{
		TokenSecret:   domain.NewSecret(in.Body.Token),
		Principal:     principal,
		BrowserSecret: s.browserSecret(ctx),
		DropPassword:  in.Body.DropPassword,
		RequireProof:  in.Body.RequireProof,
		Origin:        originOf(ctx),
	}
	if in.Body.Password != nil {
		cmd.Confirmation = &ports.Confirmation{Password: domain.NewSecret(*in.Body.Password)}
	}
	result, err := s.useCases.VerifyEmail.Execute(ctx, cmd)
	switch {
	case errors.Is(err, domain.ErrConfirmationRequired) && tokenErr != nil:
		return nil, tokenErr // the client meant to prove itself, and learns why that failed
	case err != nil:
		return nil, err
	}
	return userOutputOf(result), nil
}

func (s *Server) undoEmailChange(ctx context.Context, in *tokenInput) (*userOutput, error) {
	result, err := s.useCases.UndoEmailChange.Execute(ctx, ports.UndoEmailChangeCommand{TokenSecret: domain.NewSecret(in.Body.Token), Origin: originOf(ctx)})
	if err != nil {
		return nil, err
	}
	return userOutputOf(result), nil
}

func (s *Server) requestVerification(ctx context.Context, in *emailInput) (*messageOutput, error) {
	_, err := s.useCases.RequestVerification.Execute(ctx, ports.RequestVerificationCommand{Email: in.Body.Email, Origin: originOf(ctx)})
	if err != nil {
		return nil, err
	}
	return message(messageRequested), nil
}

func (s *Server) changeEmail(ctx context.Context, p domain.Principal, in *changeEmailInput) (*messageOutput, error) {
	_, err := s.useCases.ChangeEmail.Execute(ctx, ports.ChangeEmailCommand{
		Principal:    p,
		NewEmail:     in.Body.NewEmail,
		Confirmation: ports.Confirmation{Password: domain.NewSecret(in.Body.CurrentPassword), Code: domain.NewSecret(in.Body.Code)},
		Origin:       originOf(ctx),
	})
	if err != nil {
		return nil, err
	}
	return message(messageChanging), nil
}
