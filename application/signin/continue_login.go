package signin

import (
	"context"
	"slices"

	"github.com/seed543b3b27/auth-service/application/internal/kit"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// ContinueLogin continues a sign-in with a code of a second factor.
type ContinueLogin struct{ flow *Flow }

// NewContinueLogin returns the use case.
func NewContinueLogin(f *Flow) *ContinueLogin { return &ContinueLogin{f} }

// Execute checks the code, and opens the session if nothing is left to prove. The challenge can be
// used again within its time, with another code. Errors: domain.ErrInvalidCredentials if the
// sign-in is over, domain.ErrInvalidParameter at method for a method that the sign-in did not
// offer, domain.ErrInvalidCode, the refusals of domain.SignInPolicy, those of
// ports.LoginResult.Demand, domain.ErrRateLimited.
func (uc *ContinueLogin) Execute(ctx context.Context, cmd ports.ContinueLoginCommand) (ports.LoginResult, error) {
	f := uc.flow
	a, err := f.resume(ctx, cmd.Challenge, cmd.DeviceToken, cmd.Origin)
	if err != nil {
		return ports.LoginResult{}, err
	}
	step, err := f.next(ctx, f.p.Store.Repositories, a.user, a.proofs)
	if err != nil {
		return ports.LoginResult{}, f.recorded(ctx, a, err)
	}
	method := domain.Method(cmd.Method)
	if !slices.Contains(step.Methods, method) {
		return ports.LoginResult{}, kit.InvalidParameter("method", "method must be one of those that the sign-in offered.")
	}
	proof, err := f.factors.Prove(ctx, a.user, method, cmd.Code, cmd.Origin)
	if err != nil {
		return ports.LoginResult{}, err
	}
	a.proofs = a.proofs.With(proof)
	a.clears = append(a.clears, ports.FailuresOfCodes(a.user.ID()))
	result, err := f.proceed(ctx, a)
	if err == nil {
		err = result.Demand()
	}
	return result, f.recorded(ctx, a, err)
}
