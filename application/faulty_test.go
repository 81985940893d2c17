package application_test

import (
	"context"
	"errors"
	"time"

	"github.com/seed543b3b27/auth-service/application"
	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

var errFault = errors.New("the disk is on fire")

// faults makes the n-th call of a driven port fail, counted from 1; it never
// does while failAt is zero.
type faults struct{ calls, failAt int }

func (f *faults) next() error {
	f.calls++
	if f.calls == f.failAt {
		return errFault
	}
	return nil
}

// try runs fn unless this call is to fail.
func try[T any](f *faults, fn func() (T, error)) (T, error) {
	if err := f.next(); err != nil {
		var none T
		return none, err
	}
	return fn()
}

func (f *faults) repositories(r ports.Repositories) ports.Repositories {
	return ports.Repositories{
		Users: faultyUsers{r.Users, f}, Sessions: faultySessions{r.Sessions, f}, Tokens: faultyTokens{r.Tokens, f}, Jobs: faultyJobs{r.Jobs, f},
		Audit: faultyAudit{r.Audit, f}, Transfer: faultyTransfer{r.Transfer, f},
	}
}

type faultyUsers struct {
	ports.UserRepository
	f *faults
}

func (r faultyUsers) ByID(ctx context.Context, id domain.UserID) (*domain.User, error) {
	return try(r.f, func() (*domain.User, error) { return r.UserRepository.ByID(ctx, id) })
}

func (r faultyUsers) ByEmail(ctx context.Context, e domain.Email) (*domain.User, error) {
	return try(r.f, func() (*domain.User, error) { return r.UserRepository.ByEmail(ctx, e) })
}

func (r faultyUsers) Add(ctx context.Context, u *domain.User) error {
	return errors.Join(r.f.next(), r.UserRepository.Add(ctx, u)) // done, but the answer is lost
}

func (r faultyUsers) Save(ctx context.Context, u *domain.User) error {
	return errors.Join(r.f.next(), r.UserRepository.Save(ctx, u))
}

func (r faultyUsers) Delete(ctx context.Context, u *domain.User) error {
	return errors.Join(r.f.next(), r.UserRepository.Delete(ctx, u))
}

func (r faultyUsers) List(ctx context.Context, q ports.UserQuery) ([]*domain.User, error) {
	return try(r.f, func() ([]*domain.User, error) { return r.UserRepository.List(ctx, q) })
}

func (r faultyUsers) HasOtherActiveAdmin(ctx context.Context, id domain.UserID) (bool, error) {
	return try(r.f, func() (bool, error) { return r.UserRepository.HasOtherActiveAdmin(ctx, id) })
}

type faultySessions struct {
	ports.SessionRepository
	f *faults
}

func (r faultySessions) WithUser(ctx context.Context, id domain.SessionID) (*domain.Session, *domain.User, error) {
	if err := r.f.next(); err != nil {
		return nil, nil, err
	}
	return r.SessionRepository.WithUser(ctx, id)
}

func (r faultySessions) LiveByUser(ctx context.Context, id domain.UserID, epoch int64, now time.Time) ([]*domain.Session, error) {
	return try(r.f, func() ([]*domain.Session, error) { return r.SessionRepository.LiveByUser(ctx, id, epoch, now) })
}

func (r faultySessions) ByUser(ctx context.Context, id domain.UserID) ([]*domain.Session, error) {
	return try(r.f, func() ([]*domain.Session, error) { return r.SessionRepository.ByUser(ctx, id) })
}

func (r faultySessions) Add(ctx context.Context, s *domain.Session) error {
	return errors.Join(r.f.next(), r.SessionRepository.Add(ctx, s))
}

func (r faultySessions) Save(ctx context.Context, s *domain.Session) error {
	if err := r.f.next(); err != nil {
		return err // a refresh saves outside of a unit: what fails there is not stored
	}
	return r.SessionRepository.Save(ctx, s)
}

type faultyTokens struct {
	ports.TokenRepository
	f *faults
}

func (r faultyTokens) ByID(ctx context.Context, use domain.TokenUse, id domain.TokenID) (*domain.Token, error) {
	return try(r.f, func() (*domain.Token, error) { return r.TokenRepository.ByID(ctx, use, id) })
}

func (r faultyTokens) BySecretHash(ctx context.Context, use domain.TokenUse, hash [32]byte) (*domain.Token, error) {
	return try(r.f, func() (*domain.Token, error) { return r.TokenRepository.BySecretHash(ctx, use, hash) })
}

func (r faultyTokens) ByUser(ctx context.Context, use domain.TokenUse, id domain.UserID) ([]*domain.Token, error) {
	return try(r.f, func() ([]*domain.Token, error) { return r.TokenRepository.ByUser(ctx, use, id) })
}

func (r faultyTokens) Add(ctx context.Context, t *domain.Token) error {
	return errors.Join(r.f.next(), r.TokenRepository.Add(ctx, t))
}

func (r faultyTokens) Save(ctx context.Context, t *domain.Token) error {
	return errors.Join(r.f.next(), r.TokenRepository.Save(ctx, t))
}

func (r faultyTokens) DeleteByUser(ctx context.Context, use domain.TokenUse, id domain.UserID) error {
	return errors.Join(r.f.next(), r.TokenRepository.DeleteByUser(ctx, use, id))
}

type faultyTransfer struct {
	ports.UserTransfer
	f *faults
}

func (r faultyTransfer) Matching(ctx context.Context, keys ports.TransferKeys) ([]ports.TransferUser, error) {
	return try(r.f, func() ([]ports.TransferUser, error) { return r.UserTransfer.Matching(ctx, keys) })
}

func (r faultyTransfer) LastEvents(ctx context.Context, kind domain.EventType, ids []domain.UserID) (map[domain.UserID]time.Time, error) {
	return try(r.f, func() (map[domain.UserID]time.Time, error) { return r.UserTransfer.LastEvents(ctx, kind, ids) })
}

func (r faultyTransfer) AddAll(ctx context.Context, users []ports.TransferUser) error {
	return errors.Join(r.f.next(), r.UserTransfer.AddAll(ctx, users))
}

func (r faultyTransfer) RecordAll(ctx context.Context, events []domain.Event) error {
	return errors.Join(r.f.next(), r.UserTransfer.RecordAll(ctx, events))
}

func (r faultyTransfer) Page(ctx context.Context, after domain.UserID, limit int) ([]ports.TransferUser, error) {
	return try(r.f, func() ([]ports.TransferUser, error) { return r.UserTransfer.Page(ctx, after, limit) })
}

type faultyAudit struct {
	ports.AuditLog
	f *faults
}

func (a faultyAudit) Append(ctx context.Context, event domain.Event) error {
	if err := a.f.next(); err != nil {
		return err // a refusal is recorded outside of a unit: what fails there is not stored
	}
	return a.AuditLog.Append(ctx, event)
}

func (a faultyAudit) List(ctx context.Context, q ports.AuditQuery) ([]domain.Event, error) {
	return try(a.f, func() ([]domain.Event, error) { return a.AuditLog.List(ctx, q) })
}

func (a faultyAudit) EraseClient(ctx context.Context, id domain.UserID) error {
	return errors.Join(a.f.next(), a.AuditLog.EraseClient(ctx, id))
}

type faultyJobs struct {
	ports.Jobs
	f *faults
}

func (j faultyJobs) Enqueue(ctx context.Context, job ports.MailJob) error {
	if err := j.f.next(); err != nil {
		return err
	}
	return j.Jobs.Enqueue(ctx, job)
}

// faultyWork hands out faulty repositories; its commit may fail, too.
type faultyWork struct {
	ports.UnitOfWork
	f *faults
}

func (w faultyWork) wrap(fn func(context.Context, ports.Repositories) error) func(context.Context, ports.Repositories) error {
	return func(ctx context.Context, r ports.Repositories) error {
		if err := fn(ctx, w.f.repositories(r)); err != nil {
			return err
		}
		return w.f.next()
	}
}

func (w faultyWork) Do(ctx context.Context, fn func(context.Context, ports.Repositories) error) error {
	return w.UnitOfWork.Do(ctx, w.wrap(fn))
}

func (w faultyWork) DoSerializable(ctx context.Context, fn func(context.Context, ports.Repositories) error) error {
	return w.UnitOfWork.DoSerializable(ctx, w.wrap(fn))
}

type faultyHasher struct {
	ports.PasswordHasher
	f *faults
}

func (h faultyHasher) Hash(ctx context.Context, p domain.Secret) (domain.PasswordHash, error) {
	return try(h.f, func() (domain.PasswordHash, error) { return h.PasswordHasher.Hash(ctx, p) })
}

func (h faultyHasher) Verify(ctx context.Context, hash domain.PasswordHash, p domain.Secret) (ports.PasswordMatch, error) {
	return try(h.f, func() (ports.PasswordMatch, error) { return h.PasswordHasher.Verify(ctx, hash, p) })
}

// withFaults makes the bundle's use cases run into faults.
func (b *bundle) withFaults() *faults {
	f := &faults{}
	d := b.deps
	d.Stores, d.Work, d.Hasher = f.repositories(d.Stores), faultyWork{d.Work, f}, faultyHasher{d.Hasher, f}
	b.UseCases = application.NewUseCases(d)
	return f
}
