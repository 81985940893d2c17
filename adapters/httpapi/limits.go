package httpapi

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

type limitsInput struct {
	UserID  string `query:"user_id" doc:"A user: its limits and those of its address." example:"01980f5e-3c4a-7b1e-9d55-2f6a7c8b9e10"`
	Email   string `query:"email" doc:"An address, with or without an account; not together with user_id. A blank counts as a plus sign." example:"ada@example.com"`
	Network string `query:"network" doc:"An IP address; IPv6 counts by the first 64 bits. With user_id or email, the limit on logins to the account from this network is included." example:"203.0.113.7"`
}

type limitsOutput struct{ Body limitsBody }

type limitsBody struct {
	Limits []limitBody `json:"limits" doc:"The limits that are partly or fully used."`
}

type limitBody struct {
	Limit      string `json:"limit" example:"login_account" doc:"The name of the limit, as in the header RateLimit-Policy; login_failures is the lock by wrong passwords in a row, code_failures the refusal of one-time codes after wrong ones in a row."`
	Of         string `json:"of" enum:"user,address,network,address_and_network" example:"address" doc:"What counts together."`
	Mail       string `json:"mail,omitempty" example:"reset_password" doc:"The purpose of the mails that count, for the limit mail_recipient; else absent."`
	Events     int    `json:"events" example:"60" doc:"How many events the limit admits at once."`
	PerSeconds int64  `json:"per_seconds" example:"3600" doc:"In how many seconds all of them come back. For login_failures, how long a lock lasts; 0 is a lock without end."`
	Remaining  int    `json:"remaining" example:"0" doc:"How many events the limit admits now."`
	RetryAfter int64  `json:"retry_after" example:"60" doc:"For how many more seconds the limit refuses; 0 if it admits an event now."`
}

func limitsOf(r ports.LimitsResult) *limitsOutput {
	limits := make([]limitBody, 0, len(r.Limits))
	for _, l := range r.Limits {
		limits = append(limits, limitBody{
			Limit:      l.Limit,
			Of:         l.Of,
			Mail:       string(l.For),
			Events:     l.Quota.Events,
			PerSeconds: int64(l.Quota.Per / time.Second),
			Remaining:  l.Remaining,
			RetryAfter: int64((l.RetryAfter + time.Second - 1) / time.Second),
		})
	}
	return &limitsOutput{Body: limitsBody{limits}}
}

func (s *Server) limitRoutes() {
	protected(s, endpoint{
		operation: ports.OpListLimits, method: http.MethodGet, path: "/admin/limits", tag: tagAdministration,
		summary: "Show the limits of a user, an address or a network",
		description: "Give `user_id`, `email` or `network`. The service stores limits under hashes of these, so it cannot list all limits. " +
			"Refreshes are not shown: each replica counts them for itself.",
		refusals: []*domain.Error{domain.ErrValidationFailed},
	}, s.listLimits)
	protected(s, endpoint{
		operation: ports.OpLiftLimits, method: http.MethodDelete, path: "/admin/limits", tag: tagAdministration, status: http.StatusOK,
		summary: "Lift the limits of a user, an address or a network",
		description: "Resets the limits, and ends a lock by wrong passwords or by wrong codes in a row. All replicas apply this within seconds. Returns the limits as they were. " +
			"The role support may do this for users of the role user, for addresses without an account, and for networks.",
		refusals: []*domain.Error{domain.ErrValidationFailed},
	}, s.liftLimits)
}

func (in *limitsInput) of() ports.LimitsOf {
	return ports.LimitsOf{UserID: in.UserID, Email: unescapedPlus(in.Email), Network: in.Network}
}

func (s *Server) listLimits(ctx context.Context, p domain.Principal, in *limitsInput) (*limitsOutput, error) {
	result, err := s.useCases.ListLimits.Execute(ctx, ports.ListLimitsCommand{Principal: p, Of: in.of()})
	if err != nil {
		return nil, err
	}
	return limitsOf(result), nil
}

func (s *Server) liftLimits(ctx context.Context, p domain.Principal, in *limitsInput) (*limitsOutput, error) {
	result, err := s.useCases.LiftLimits.Execute(ctx, ports.LiftLimitsCommand{Principal: p, Of: in.of(), Origin: originOf(ctx)})
	if err != nil {
		return nil, err
	}
	return limitsOf(result), nil
}

// unescapedPlus returns an address of the query with plus signs for blanks: an unescaped plus
// sign means a blank there, and no address holds one.
func unescapedPlus(address string) string { return strings.ReplaceAll(address, " ", "+") }
