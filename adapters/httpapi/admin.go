package httpapi

import (
	"context"
	"net/http"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

type listUsersInput struct {
	Limit         int    `query:"limit" minimum:"1" maximum:"200" doc:"How many users at most; 50 if left out."`
	Cursor        string `query:"cursor" doc:"The next_cursor of the page before, with the same filters and order."`
	EmailPrefix   string `query:"q" doc:"How the address begins, taken literally. A blank counts as a plus sign: no address holds a blank, and an unescaped + in a query means one."`
	Role          string `query:"role" enum:"user,admin"`
	Status        string `query:"status" enum:"active,disabled"`
	Verified      string `query:"verified" enum:"true,false" doc:"Whether the address is confirmed."`
	CreatedAfter  string `query:"created_after" doc:"RFC 3339 time, inclusive, such as 2026-01-01T00:00:00Z. A + of an offset need not be escaped."`
	CreatedBefore string `query:"created_before" doc:"RFC 3339 time, exclusive, such as 2026-02-01T00:00:00Z. A + of an offset need not be escaped."`
	Sort          string `query:"sort" enum:"created_at,-created_at,email,-email" doc:"The order; -created_at if left out."`
}

type usersOutput struct{ Body usersBody }

type usersBody struct {
	Users      []userBody `json:"users"`
	NextCursor string     `json:"next_cursor,omitempty" doc:"Asks for the next page; absent on the last one." example:"eyJrIjoiMjAyNi0wMS0xNSJ9"`
}

type userIDInput struct {
	UserID string `path:"user_id" example:"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e10"`
}

type createUserInput struct{ Body createUserRequest }

type createUserRequest struct {
	Email    string `json:"email" example:"grace@example.com"`
	Role     string `json:"role,omitempty" enum:"user,admin" doc:"user if left out." example:"user"`
	Password string `json:"password,omitempty" minLength:"1" doc:"Left out, the user is invited by mail to choose one. A role above user without email_verified always invites, and this password is then not used." example:"correct horse battery staple"`
	Verified bool   `json:"email_verified,omitempty" doc:"Confirm the address without a mail; only with a password." example:"true"`
}

type changeUserInput struct {
	UserID string `path:"user_id" example:"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e10"`
	Body   changeUserRequest
}

type changeUserRequest struct {
	Role   *string `json:"role,omitempty" enum:"user,admin" doc:"If the address is not confirmed, a role above user comes with an invitation by mail, and the account loses password and sessions." example:"admin"`
	Status *string `json:"status,omitempty" enum:"active,disabled" doc:"A disabled user's sessions end at once." example:"active"`
	Email  *string `json:"email,omitempty" doc:"A new address, which is not confirmed: a mail to it follows. Sessions and links in mails end; the former address, if it was confirmed, can undo the change for 72 hours." example:"ada.lovelace@example.org"`
}

func (s *Server) adminUserRoutes() {
	protected(s, endpoint{
		operation: ports.OpListUsers, method: http.MethodGet, path: "/admin/users", tag: tagAdministration,
		summary:     "List users",
		description: "In pages: ask again with the answer's `next_cursor` until there is none.",
		refusals:    []*domain.Error{domain.ErrValidationFailed},
	}, s.listUsers)
	protected(s, endpoint{
		operation: ports.OpCreateUser, method: http.MethodPost, path: "/admin/users", tag: tagAdministration, status: http.StatusCreated,
		summary: "Create a user",
		description: "Roles above user are for confirmed addresses: without `email_verified` the answer has the role in `invited_role`, and accepting the invitation gives it. " +
			"An active account whose address is not confirmed is taken over: its password, sessions and links in mails end.",
	}, s.createUser)
	protected(s, endpoint{
		operation: ports.OpGetUser, method: http.MethodGet, path: "/admin/users/{user_id}", tag: tagAdministration,
		summary: "Show a user",
	}, s.getUser)
	protected(s, endpoint{
		operation: ports.OpChangeUser, method: http.MethodPatch, path: "/admin/users/{user_id}", tag: tagAdministration,
		summary: "Change a user's role, status or address",
		description: "Holds from the user's next request on, and the user gets a mail about it. The last administrator who can sign in can't be demoted, disabled or moved to another address. " +
			"A role above user for an address that is not confirmed is an invitation: the answer has it in `invited_role`, and accepting the mail within 72 hours gives it. " +
			"That holds for a new address, too: a role above user that the account has comes with an invitation to it.",
	}, s.changeUser)
	protected(s, endpoint{
		operation: ports.OpDeleteUser, method: http.MethodDelete, path: "/admin/users/{user_id}", tag: tagAdministration,
		summary: "Delete a user with sessions and tokens",
	}, s.deleteUser)
}

func (s *Server) adminSessionRoutes() {
	protected(s, endpoint{
		operation: ports.OpListUserSessions, method: http.MethodGet, path: "/admin/users/{user_id}/sessions", tag: tagAdministration,
		summary: "List a user's live sessions",
	}, s.listUserSessions)
	protected(s, endpoint{
		operation: ports.OpEndUserSessions, method: http.MethodDelete, path: "/admin/users/{user_id}/sessions", tag: tagAdministration,
		summary: "End all sessions of a user",
	}, s.endUserSessions)
}

func (s *Server) listUsers(ctx context.Context, p domain.Principal, in *listUsersInput) (*usersOutput, error) {
	result, err := s.useCases.ListUsers.Execute(ctx, ports.ListUsersCommand{
		Principal:     p,
		Limit:         in.Limit,
		Cursor:        in.Cursor,
		EmailPrefix:   in.EmailPrefix,
		Role:          in.Role,
		Status:        in.Status,
		Verified:      in.Verified,
		CreatedAfter:  in.CreatedAfter,
		CreatedBefore: in.CreatedBefore,
		Sort:          in.Sort,
	})
	if err != nil {
		return nil, err
	}
	users := make([]userBody, 0, len(result.Users))
	for _, u := range result.Users {
		users = append(users, userOf(u))
	}
	return &usersOutput{Body: usersBody{Users: users, NextCursor: result.NextCursor}}, nil
}

func (s *Server) createUser(ctx context.Context, p domain.Principal, in *createUserInput) (*userOutput, error) {
	result, err := s.useCases.CreateUser.Execute(ctx, ports.CreateUserCommand{
		Principal: p,
		Email:     in.Body.Email,
		Role:      in.Body.Role,
		Password:  domain.NewSecret(in.Body.Password),
		Verified:  in.Body.Verified,
		Origin:    originOf(ctx),
	})
	if err != nil {
		return nil, err
	}
	return userOutputOf(result), nil
}

func (s *Server) getUser(ctx context.Context, p domain.Principal, in *userIDInput) (*userOutput, error) {
	result, err := s.useCases.GetUser.Execute(ctx, ports.GetUserCommand{Principal: p, UserID: in.UserID})
	if err != nil {
		return nil, err
	}
	return userOutputOf(result), nil
}

func (s *Server) changeUser(ctx context.Context, p domain.Principal, in *changeUserInput) (*userOutput, error) {
	result, err := s.useCases.ChangeUser.Execute(ctx, ports.ChangeUserCommand{
		Principal: p,
		UserID:    in.UserID,
		Role:      in.Body.Role,
		Status:    in.Body.Status,
		Email:     in.Body.Email,
		Origin:    originOf(ctx),
	})
	if err != nil {
		return nil, err
	}
	return userOutputOf(result), nil
}

func (s *Server) deleteUser(ctx context.Context, p domain.Principal, in *userIDInput) (*none, error) {
	_, err := s.useCases.DeleteUser.Execute(ctx, ports.DeleteUserCommand{Principal: p, UserID: in.UserID, Origin: originOf(ctx)})
	return nil, err
}

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
