package storecalls

import (
	"context"
	"crypto/rand"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// factorCalls use factors and recovery codes of the sample's user. Most rows of the tables name
// the key "now".
func factorCalls(s Sample) []Call {
	return []Call{
		write("factor", 1, s.with(func(ctx context.Context, r ports.Repositories, _ *domain.Session, user *domain.User) error {
			factor := domain.NewFactor(newID(), user.ID(), "Phone", "now", "sealed", s.Now)
			if err := r.Factors.Add(ctx, factor); err != nil {
				return err
			}
			if err := r.Factors.Save(ctx, factor); err != nil {
				return err
			}
			all, err := r.Factors.ByUser(ctx, user.ID())
			if err != nil {
				return err
			}
			return r.Factors.Delete(ctx, all[len(all)-1])
		})),
		write("recovery codes", domain.RecoveryCodes, s.with(func(ctx context.Context, r ports.Repositories, _ *domain.Session, user *domain.User) error {
			codes := make([]ports.KeyedHash, domain.RecoveryCodes)
			for i := range codes {
				codes[i].KeyID = "now"
				_, _ = rand.Read(codes[i].Hash[:]) // never returns an error
			}
			if err := r.Recovery.Replace(ctx, user.ID(), codes, s.Now); err != nil {
				return err
			}
			if _, err := r.Recovery.Use(ctx, user.ID(), codes[:2], s.Now); err != nil {
				return err
			}
			_, err := r.Recovery.Left(ctx, user.ID())
			return err
		})),
		call("factors of other keys", page, func(ctx context.Context, r ports.Repositories) error {
			_, err := r.Factors.NotSealedBy(ctx, "now", domain.FactorID{}, page)
			return err
		}),
		call("keys of factors", 1, func(ctx context.Context, r ports.Repositories) error {
			_, err := r.Factors.KeyIDs(ctx)
			return err
		}),
	}
}
