package httpapi

import (
	"context"
	"net/http"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// staffUserBody is a user as staff see it in lists: with what the user does not see.
type staffUserBody struct {
	UserMembers
	StaffMembers
}

// StaffMembers are what staff see of a user and the user does not.
type StaffMembers struct {
	PasswordChangeRequired bool   `json:"password_change_required" example:"false" doc:"Whether the next login must replace the password."`
	DisabledReason         string `json:"disabled_reason,omitempty" example:"Sent spam; see case 4711." doc:"Why staff disabled the account; absent without a reason. Only staff see it."`
}

func staffUserOf(u *domain.User) staffUserBody {
	return staffUserBody{userOf(u), StaffMembers{PasswordChangeRequired: u.PasswordChangeRequired(), DisabledReason: u.DisabledReason()}}
}

// staffAccountBody is one user as staff see it, with its metadata.
type staffAccountBody struct {
	UserMembers
	StaffMembers
	MetadataMembers
}

type staffAccountOutput struct{ Body staffAccountBody }

func staffAccountOutputOf(result ports.UserResult) *staffAccountOutput {
	u := staffUserOf(result.User)
	return &staffAccountOutput{Body: staffAccountBody{u.UserMembers, u.StaffMembers, metadataOf(result.User, result.Metadata)}}
}

type userSessionInput struct {
	UserID    string `path:"user_id" example:"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e10"`
	SessionID string `path:"session_id" example:"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e11"`
}

type userMailInput struct {
	UserID string `path:"user_id" example:"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e10"`
	Body   userMailRequest
}

type userMailRequest struct {
	Mail string `json:"mail" enum:"verify_email,invitation,reset_password" example:"invitation" doc:"Which mail: the link to confirm the address, the invitation, or the link to choose a new password."`
}

func (s *Server) adminSessionRoutes() {
	protected(s, endpoint{
		operation: ports.OpListUserSessions, method: http.MethodGet, path: "/admin/users/{user_id}/sessions", tag: tagAdministration,
		summary: "List a user's live sessions", description: "The newest login first.",
	}, s.listUserSessions)
	protected(s, endpoint{
		operation: ports.OpEndUserSessions, method: http.MethodDelete, path: "/admin/users/{user_id}/sessions", tag: tagAdministration,
		summary: "End all sessions of a user", description: forSupport,
	}, s.endUserSessions)
	protected(s, endpoint{
		operation: ports.OpEndUserSession, method: http.MethodDelete, path: "/admin/users/{user_id}/sessions/{session_id}", tag: tagAdministration,
		summary:     "End one session of a user",
		description: "The answer is 404 `session_not_found` for a session that is unknown, already over, or another user's. " + forSupport,
	}, s.endUserSession)
	protected(s, endpoint{
		operation: ports.OpSendUserMail, method: http.MethodPost, path: "/admin/users/{user_id}/mails", tag: tagAdministration, status: http.StatusAccepted,
		summary:     "Send a user a mail again",
		description: "The mail has a new link; the links of earlier mails still work. 409 `mail_not_due` says why the mail does not fit the account. The mail counts towards the limit on mails to the address. " + forSupport,
	}, s.sendUserMail)
}

// forSupport describes operations that support may use for users of the role user.
const forSupport = "The role support may do this for users of the role user."

func (s *Server) listUserSessions(ctx context.Context, p domain.Principal, in *userIDInput) (*sessionsOutput, error) {
	result, err := s.useCases.ListUserSessions.Execute(ctx, ports.ListUserSessionsCommand{Principal: p, UserID: in.UserID, Origin: originOf(ctx)})
	if err != nil {
		return nil, err
	}
	return sessionsOf(result), nil
}

func (s *Server) endUserSessions(ctx context.Context, p domain.Principal, in *userIDInput) (*none, error) {
	_, err := s.useCases.EndUserSessions.Execute(ctx, ports.EndUserSessionsCommand{Principal: p, UserID: in.UserID, Origin: originOf(ctx)})
	return nil, err
}

func (s *Server) endUserSession(ctx context.Context, p domain.Principal, in *userSessionInput) (*none, error) {
	_, err := s.useCases.EndUserSession.Execute(ctx, ports.EndUserSessionCommand{
		Principal: p, UserID: in.UserID, SessionID: in.SessionID, Origin: originOf(ctx),
	})
	return nil, err
}

func (s *Server) sendUserMail(ctx context.Context, p domain.Principal, in *userMailInput) (*messageOutput, error) {
	_, err := s.useCases.SendUserMail.Execute(ctx, ports.SendUserMailCommand{
		Principal: p, UserID: in.UserID, Mail: in.Body.Mail, Origin: originOf(ctx),
	})
	if err != nil {
		return nil, err
	}
	return message("The mail is on its way."), nil
}
