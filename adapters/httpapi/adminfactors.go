package httpapi

import (
	"context"
	"net/http"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

type userFactorInput struct {
	UserID   string `path:"user_id" example:"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e10"`
	FactorID string `path:"factor_id" example:"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e13"`
}

func (s *Server) adminFactorRoutes() {
	protected(s, endpoint{
		operation: ports.OpListUserFactors, method: http.MethodGet, path: "/admin/users/{user_id}/factors", tag: tagAdministration,
		summary: "List a user's second factors", description: "Lists what `GET /me/factors` shows to the user: the confirmed second factors, and how many recovery codes are left.",
	}, s.listUserFactors)
	protected(s, endpoint{
		operation: ports.OpRemoveUserFactors, method: http.MethodDelete, path: "/admin/users/{user_id}/factors/{factor_id}", tag: tagAdministration,
		summary:     "Remove a second factor of a user",
		description: "Helps users who lost it. Ends all sessions of the user, and mails the user. Removing the last factor removes the recovery codes as well.",
	}, s.removeUserFactor)
	protected(s, endpoint{
		operation: ports.OpRemoveUserFactors, id: "removeAllUserFactors", method: http.MethodDelete, path: "/admin/users/{user_id}/factors", tag: tagAdministration,
		summary: "Remove all second factors of a user", description: "Removes the recovery codes as well, ends all sessions of the user, and mails the user. The next login takes the password alone.",
	}, s.removeUserFactors)
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
