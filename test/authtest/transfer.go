package authtest

import (
	"context"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

type faultyTransfer struct {
	inner ports.UserTransfer
	f     *Faults
}

func (r faultyTransfer) Matching(ctx context.Context, keys ports.TransferKeys) ([]ports.TransferUser, error) {
	if err := r.f.read(); err != nil {
		return nil, err
	}
	return r.inner.Matching(ctx, keys)
}

func (r faultyTransfer) LastEvents(ctx context.Context, kind domain.EventType, ids []domain.UserID) (map[domain.UserID]time.Time, error) {
	if err := r.f.read(); err != nil {
		return nil, err
	}
	return r.inner.LastEvents(ctx, kind, ids)
}

func (r faultyTransfer) AddAll(ctx context.Context, users []ports.TransferUser) error {
	if err := r.f.write(); err != nil {
		return err
	}
	return r.inner.AddAll(ctx, users)
}

func (r faultyTransfer) RecordAll(ctx context.Context, events []domain.Event) error {
	if err := r.f.write(); err != nil {
		return err
	}
	return r.inner.RecordAll(ctx, events)
}

func (r faultyTransfer) Page(ctx context.Context, after domain.UserID, limit int) ([]ports.TransferUser, error) {
	if err := r.f.read(); err != nil {
		return nil, err
	}
	return r.inner.Page(ctx, after, limit)
}
