package httpapi

import (
	"context"
	"net/http"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

type listUsersInput struct {
	IDs           []string `query:"id,explode" maxItems:"100" doc:"The users with these ids, at most 100: repeat the parameter. The answer has those that exist, in this order. It cannot be combined with other parameters."`
	Limit         int      `query:"limit" minimum:"1" maximum:"200" doc:"How many users at most; 50 if left out."`
	Cursor        string   `query:"cursor" doc:"The next_cursor of the page before, with the same filters and order."`
	EmailPrefix   string   `query:"q" doc:"The beginning of the address, taken literally. A blank counts as a plus sign, because no address contains a blank, and an unescaped + in a query means a blank."`
	EmailDomain   string   `query:"domain" doc:"The part of the address after the @, in full." example:"example.com"`
	EmailPart     string   `query:"contains" minLength:"3" doc:"A part of the address, taken literally; at least 3 characters. A blank counts as a plus sign."`
	Role          string   `query:"role" enum:"user,support,admin"`
	Status        string   `query:"status" enum:"active,disabled"`
	Verified      string   `query:"verified" doc:"Whether the address is confirmed."`
	CreatedAfter  string   `query:"created_after" doc:"RFC 3339 time, inclusive, such as 2026-01-01T00:00:00Z. A + of an offset need not be escaped."`
	CreatedBefore string   `query:"created_before" doc:"RFC 3339 time, exclusive, such as 2026-02-01T00:00:00Z. A + of an offset need not be escaped."`
	Sort          string   `query:"sort" enum:"created_at,-created_at,email,-email" doc:"The order; -created_at if left out."`
}

type usersOutput struct{ Body usersBody }

type usersBody struct {
	Users      []staffUserBody `json:"users"`
	NextCursor string          `json:"next_cursor,omitempty" doc:"Send it as cursor to get the next page; absent on the last page." example:"eyJrIjoiMjAyNi0wMS0xNSJ9"`
}

type userIDInput struct {
	UserID string `path:"user_id" example:"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e10"`
}

type createUserInput struct{ Body createUserRequest }

type createUserRequest struct {
	Email    string `json:"email" example:"grace@example.com"`
	Role     string `json:"role,omitempty" enum:"user,support,admin" doc:"user if left out." example:"user"`
	Password string `json:"password,omitempty" minLength:"1" doc:"If left out, the user gets an invitation by mail to choose one. A role above user without email_verified always leads to an invitation, and this password is then not used." example:"correct horse battery staple"`
	Verified bool   `json:"email_verified,omitempty" doc:"Confirm the address without a mail; only with a password." example:"true"`

	Profile objectJSON `json:"profile,omitzero" doc:"The user's first profile, which the user may change. If an account is taken over, its former profile is deleted."`
	App     objectJSON `json:"app,omitzero" doc:"The first app object, which the user can only read."`
}

type changeUserInput struct {
	UserID string `path:"user_id" example:"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e10"`
	Body   changeUserRequest
}

type changeUserRequest struct {
	Role   *string `json:"role,omitempty" enum:"user,support,admin" doc:"If the address is not confirmed, a role above user comes with an invitation by mail, and the account loses password and sessions." example:"admin"`
	Status *string `json:"status,omitempty" enum:"active,disabled" doc:"A disabled user's sessions end at once." example:"active"`
	// Each of the following is a merge patch.
	Profile patchJSON `json:"profile,omitzero" doc:"What changes in the profile, as a JSON Merge Patch (RFC 7396): members that are null are deleted. null empties it."`
	App     patchJSON `json:"app,omitzero" doc:"What changes in the app object, as a JSON Merge Patch (RFC 7396): members that are null are deleted. null empties it."`
	Version *int64    `json:"version,omitempty" minimum:"0" example:"3" doc:"The version of profile and app that the change was made for. If it is not the current one, the answer is 409 version_conflict. If left out, the change applies to the current version."`

	Reason string  `json:"reason,omitempty" maxLength:"500" doc:"Why the account is disabled, only together with the status disabled. Staff see it with the user and in the audit log. The user does not see it, and no mail contains it." example:"Sent spam; see case 4711."`
	Email  *string `json:"email,omitempty" doc:"A new address. Without email_verified it is not confirmed, and the service sends a mail to confirm it. Sessions and links in mails end; the former address, if it was confirmed, can undo the change for 72 hours." example:"ada.lovelace@example.org"`

	EmailVerified          bool  `json:"email_verified,omitempty" doc:"Confirm without a mail: the new address, or the present one if email is left out. The audit log records the administrator. If the same request gives a role above user and the address was not confirmed before, the account loses its password, and the user gets a mail to choose one." example:"true"`
	PasswordChangeRequired *bool `json:"password_change_required,omitempty" doc:"true ends all sessions, and the next login must replace the password; false withdraws this. Only for an account with a password." example:"true"`
}

func (s *Server) adminUserRoutes() {
	protected(s, endpoint{
		operation: ports.OpListUsers, method: http.MethodGet, path: "/admin/users", tag: tagAdministration,
		summary: "List users",
		description: "Lists users without `profile` and `app`, which `GET /admin/users/{user_id}` shows, in pages: repeat the request with the answer's `next_cursor` until it is absent. A page before the last may be short or empty. " +
			"A list is always answered if it is sorted by creation time and has at most one of `verified` and `status` besides times, or if it is sorted by address and has no filter but `q`. " +
			"So is a list with a filter, apart from `role=user`, that selects at most 10,000 users. " +
			"For any other list the service reads at most 10,000 users in the requested order. If the first page is not full then, the answer is 422 `too_broad`: " +
			"give a shorter time range, a longer `q`, or fewer filters, or sort by creation time. A later page is short instead, and its `next_cursor` continues from there.",
		refusals: []*domain.Error{domain.ErrValidationFailed},
	}, s.listUsers)
	protected(s, endpoint{
		operation: ports.OpCreateUser, method: http.MethodPost, path: "/admin/users", tag: tagAdministration, status: http.StatusCreated,
		summary: "Create a user",
		description: "A role above user needs a confirmed address: without `email_verified` the answer has the role in `invited_role`, and the user gets it by accepting the invitation. " +
			"An active account whose address is not confirmed is taken over: its password, sessions and links in mails end.",
	}, s.createUser)
	protected(s, endpoint{
		operation: ports.OpGetUser, method: http.MethodGet, path: "/admin/users/{user_id}", tag: tagAdministration,
		summary: "Show a user", description: "The user as stored now.",
	}, s.getUser)
	protected(s, endpoint{
		operation: ports.OpChangeUser, method: http.MethodPatch, path: "/admin/users/{user_id}", tag: tagAdministration,
		summary: "Change a user's role, status, address, profile or app object, or require a new password",
		description: "The change counts from the user's next request on, and the user gets a mail about it. The last administrator who can sign in cannot be demoted, disabled or moved to another address. " +
			"A role above user for an address that is not confirmed becomes an invitation: the answer has it in `invited_role`, and the user gets it by accepting the invitation within 72 hours. " +
			"If the account has such a role and moves to a new address that is not confirmed, the new address gets the invitation.",
	}, s.changeUser)
	protected(s, endpoint{
		operation: ports.OpDeleteUser, method: http.MethodDelete, path: "/admin/users/{user_id}", tag: tagAdministration,
		summary: "Delete a user with sessions and tokens", description: "Ends the account, its sessions and its tokens at once. The last active administrator cannot be deleted.",
	}, s.deleteUser)
}

func (s *Server) listUsers(ctx context.Context, p domain.Principal, in *listUsersInput) (*usersOutput, error) {
	result, err := s.useCases.ListUsers.Execute(ctx, ports.ListUsersCommand{
		Principal:     p,
		IDs:           in.IDs,
		Limit:         in.Limit,
		Cursor:        in.Cursor,
		EmailPrefix:   in.EmailPrefix,
		EmailDomain:   in.EmailDomain,
		EmailPart:     in.EmailPart,
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
	users := make([]staffUserBody, 0, len(result.Users))
	for _, u := range result.Users {
		users = append(users, staffUserOf(u))
	}
	return &usersOutput{Body: usersBody{Users: users, NextCursor: result.NextCursor}}, nil
}

func (s *Server) createUser(ctx context.Context, p domain.Principal, in *createUserInput) (*staffAccountOutput, error) {
	result, err := s.useCases.CreateUser.Execute(ctx, ports.CreateUserCommand{
		Principal: p,
		Email:     in.Body.Email,
		Role:      in.Body.Role,
		Password:  domain.NewSecret(in.Body.Password),
		Verified:  in.Body.Verified,
		Profile:   string(in.Body.Profile),
		App:       string(in.Body.App),
		Origin:    originOf(ctx),
	})
	if err != nil {
		return nil, err
	}
	return staffAccountOutputOf(result), nil
}

func (s *Server) getUser(ctx context.Context, p domain.Principal, in *userIDInput) (*staffAccountOutput, error) {
	result, err := s.useCases.GetUser.Execute(ctx, ports.GetUserCommand{Principal: p, UserID: in.UserID})
	if err != nil {
		return nil, err
	}
	return staffAccountOutputOf(result), nil
}

func (s *Server) changeUser(ctx context.Context, p domain.Principal, in *changeUserInput) (*staffAccountOutput, error) {
	result, err := s.useCases.ChangeUser.Execute(ctx, ports.ChangeUserCommand{
		Principal: p,
		UserID:    in.UserID,
		Role:      in.Body.Role,
		Status:    in.Body.Status,
		Reason:    in.Body.Reason,
		Email:     in.Body.Email,
		Metadata:  domain.MetadataPatch{Profile: string(in.Body.Profile), App: string(in.Body.App), Version: in.Body.Version},
		Origin:    originOf(ctx),

		EmailVerified:          in.Body.EmailVerified,
		PasswordChangeRequired: in.Body.PasswordChangeRequired,
	})
	if err != nil {
		return nil, err
	}
	return staffAccountOutputOf(result), nil
}

func (s *Server) deleteUser(ctx context.Context, p domain.Principal, in *userIDInput) (*none, error) {
	_, err := s.useCases.DeleteUser.Execute(ctx, ports.DeleteUserCommand{Principal: p, UserID: in.UserID, Origin: originOf(ctx)})
	return nil, err
}
