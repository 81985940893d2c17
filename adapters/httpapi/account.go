package httpapi

import (
	"context"
	"net/http"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

type deleteAccountInput struct{ Body deleteAccountRequest }

type deleteAccountRequest struct{ ProofMembers }

func (s *Server) accountRoutes() {
	protected(s, endpoint{
		operation: ports.OpCurrentUser, method: http.MethodGet, path: "/me", tag: tagAccount, metadata: true,
		summary: "Show the account", description: "The user as stored now, whatever the access token says.",
	}, s.currentUser)
	s.profileRoutes()
	const deleting = "Needs the password, and a code if the account has a second factor. Ends everything: the account, its sessions and its tokens. The last active administrator cannot do this. "
	protected(s, endpoint{
		operation: ports.OpDeleteAccount, method: http.MethodDelete, path: "/me", tag: tagAccount,
		summary:     "Delete the account",
		description: deleting + "If a client or proxy drops the body of a DELETE, use `POST /me/delete`.",
	}, s.deleteAccount)
	protected(s, endpoint{
		operation: ports.OpDeleteAccount, id: "deleteAccountByPost", method: http.MethodPost, path: "/me/delete", tag: tagAccount,
		summary:     "Delete the account, for clients whose DELETE has no body",
		description: deleting + "The same as `DELETE /me`.",
	}, s.deleteAccount)
}

func (s *Server) currentUser(ctx context.Context, p domain.Principal, _ *none) (*accountOutput, error) {
	result, err := s.useCases.CurrentUser.Execute(ctx, ports.CurrentUserCommand{Principal: p, Metadata: callOf(ctx).metadata})
	if err != nil {
		return nil, err
	}
	return accountOutputOf(result), nil
}

func (s *Server) deleteAccount(ctx context.Context, p domain.Principal, in *deleteAccountInput) (*none, error) {
	_, err := s.useCases.DeleteAccount.Execute(ctx, ports.DeleteAccountCommand{
		Principal:    p,
		Confirmation: in.Body.confirmation(),
		Origin:       originOf(ctx),
	})
	return nil, err
}
