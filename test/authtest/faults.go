package authtest

import (
	"context"
	"sync"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Faults makes the stores of a service fail, as a database does that is down or
// read-only. The zero value lets everything through.
type Faults struct {
	mu            sync.Mutex
	reads, writes error
}

// FailAll makes every call of a store fail; without an error of your own, with
// domain.ErrUnavailable.
func (f *Faults) FailAll(err ...error) { f.set(oneOf(err), oneOf(err)) }

// FailWrites makes only writing fail, as on a read-only database.
func (f *Faults) FailWrites(err ...error) { f.set(nil, oneOf(err)) }

// Heal lets everything through again.
func (f *Faults) Heal() { f.set(nil, nil) }

func oneOf(err []error) error {
	if len(err) > 0 {
		return err[0]
	}
	return domain.ErrUnavailable
}

func (f *Faults) set(reads, writes error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reads, f.writes = reads, writes
}

func (f *Faults) read() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reads
}

func (f *Faults) write() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.writes
}

// check is the readiness check of the stores.
func (f *Faults) check(context.Context) error { return f.read() }

func (f *Faults) repositories(r ports.Repositories) ports.Repositories {
	return ports.Repositories{
		Users:    faultyUsers{r.Users, f},
		Sessions: faultySessions{r.Sessions, f},
		Tokens:   faultyTokens{r.Tokens, f},
		Audit:    faultyAudit{r.Audit, f},
		Jobs:     faultyJobs{r.Jobs, f},
		Transfer: faultyTransfer{r.Transfer, f},
	}
}

func (f *Faults) unitOfWork(work ports.UnitOfWork) ports.UnitOfWork { return faultyWork{work, f} }

type faultyWork struct {
	inner ports.UnitOfWork
	f     *Faults
}

func (w faultyWork) Do(ctx context.Context, fn func(context.Context, ports.Repositories) error) error {
	return w.run(ctx, fn, w.inner.Do)
}

func (w faultyWork) DoSerializable(ctx context.Context, fn func(context.Context, ports.Repositories) error) error {
	return w.run(ctx, fn, w.inner.DoSerializable)
}

func (w faultyWork) run(ctx context.Context, fn func(context.Context, ports.Repositories) error,
	do func(context.Context, func(context.Context, ports.Repositories) error) error,
) error {
	if err := w.f.read(); err != nil {
		return err
	}
	return do(ctx, func(ctx context.Context, r ports.Repositories) error {
		return fn(ctx, w.f.repositories(r))
	})
}

type faultyUsers struct {
	inner ports.UserRepository
	f     *Faults
}

func (r faultyUsers) ByID(ctx context.Context, id domain.UserID) (*domain.User, error) {
	if err := r.f.read(); err != nil {
		return nil, err
	}
	return r.inner.ByID(ctx, id)
}

func (r faultyUsers) ByEmail(ctx context.Context, email domain.Email) (*domain.User, error) {
	if err := r.f.read(); err != nil {
		return nil, err
	}
	return r.inner.ByEmail(ctx, email)
}

func (r faultyUsers) Add(ctx context.Context, user *domain.User) error {
	if err := r.f.write(); err != nil {
		return err
	}
	return r.inner.Add(ctx, user)
}

func (r faultyUsers) Save(ctx context.Context, user *domain.User) error {
	if err := r.f.write(); err != nil {
		return err
	}
	return r.inner.Save(ctx, user)
}

func (r faultyUsers) Delete(ctx context.Context, user *domain.User) error {
	if err := r.f.write(); err != nil {
		return err
	}
	return r.inner.Delete(ctx, user)
}

func (r faultyUsers) List(ctx context.Context, q ports.UserQuery) ([]*domain.User, error) {
	if err := r.f.read(); err != nil {
		return nil, err
	}
	return r.inner.List(ctx, q)
}

func (r faultyUsers) HasOtherActiveAdmin(ctx context.Context, id domain.UserID) (bool, error) {
	if err := r.f.read(); err != nil {
		return false, err
	}
	return r.inner.HasOtherActiveAdmin(ctx, id)
}

type faultySessions struct {
	inner ports.SessionRepository
	f     *Faults
}

func (r faultySessions) WithUser(ctx context.Context, id domain.SessionID) (*domain.Session, *domain.User, error) {
	if err := r.f.read(); err != nil {
		return nil, nil, err
	}
	return r.inner.WithUser(ctx, id)
}

func (r faultySessions) LiveByUser(ctx context.Context, id domain.UserID, epoch int64, now time.Time) ([]*domain.Session, error) {
	if err := r.f.read(); err != nil {
		return nil, err
	}
	return r.inner.LiveByUser(ctx, id, epoch, now)
}

func (r faultySessions) ByUser(ctx context.Context, id domain.UserID) ([]*domain.Session, error) {
	if err := r.f.read(); err != nil {
		return nil, err
	}
	return r.inner.ByUser(ctx, id)
}

func (r faultySessions) Add(ctx context.Context, session *domain.Session) error {
	if err := r.f.write(); err != nil {
		return err
	}
	return r.inner.Add(ctx, session)
}

func (r faultySessions) Save(ctx context.Context, session *domain.Session) error {
	if err := r.f.write(); err != nil {
		return err
	}
	return r.inner.Save(ctx, session)
}

func (r faultySessions) DeleteEnded(ctx context.Context, t time.Time, limit int) (int, error) {
	if err := r.f.write(); err != nil {
		return 0, err
	}
	return r.inner.DeleteEnded(ctx, t, limit)
}

type faultyTokens struct {
	inner ports.TokenRepository
	f     *Faults
}

func (r faultyTokens) ByID(ctx context.Context, use domain.TokenUse, id domain.TokenID) (*domain.Token, error) {
	if err := r.f.read(); err != nil {
		return nil, err
	}
	return r.inner.ByID(ctx, use, id)
}

func (r faultyTokens) BySecretHash(ctx context.Context, use domain.TokenUse, hash [32]byte) (*domain.Token, error) {
	if err := r.f.read(); err != nil {
		return nil, err
	}
	return r.inner.BySecretHash(ctx, use, hash)
}

func (r faultyTokens) ByUser(ctx context.Context, use domain.TokenUse, id domain.UserID) ([]*domain.Token, error) {
	if err := r.f.read(); err != nil {
		return nil, err
	}
	return r.inner.ByUser(ctx, use, id)
}

func (r faultyTokens) Add(ctx context.Context, token *domain.Token) error {
	if err := r.f.write(); err != nil {
		return err
	}
	return r.inner.Add(ctx, token)
}

func (r faultyTokens) Save(ctx context.Context, token *domain.Token) error {
	if err := r.f.write(); err != nil {
		return err
	}
	return r.inner.Save(ctx, token)
}

func (r faultyTokens) DeleteByUser(ctx context.Context, use domain.TokenUse, id domain.UserID) error {
	if err := r.f.write(); err != nil {
		return err
	}
	return r.inner.DeleteByUser(ctx, use, id)
}

func (r faultyTokens) DeleteEnded(ctx context.Context, t time.Time, limit int) (int, error) {
	if err := r.f.write(); err != nil {
		return 0, err
	}
	return r.inner.DeleteEnded(ctx, t, limit)
}

type faultyAudit struct {
	inner ports.AuditLog
	f     *Faults
}

func (a faultyAudit) Append(ctx context.Context, event domain.Event) error {
	if err := a.f.write(); err != nil {
		return err
	}
	return a.inner.Append(ctx, event)
}

func (a faultyAudit) List(ctx context.Context, q ports.AuditQuery) ([]domain.Event, error) {
	if err := a.f.read(); err != nil {
		return nil, err
	}
	return a.inner.List(ctx, q)
}

func (a faultyAudit) EraseClient(ctx context.Context, id domain.UserID) error {
	if err := a.f.write(); err != nil {
		return err
	}
	return a.inner.EraseClient(ctx, id)
}

func (a faultyAudit) DeleteBefore(ctx context.Context, t time.Time, limit int) (int, error) {
	if err := a.f.write(); err != nil {
		return 0, err
	}
	return a.inner.DeleteBefore(ctx, t, limit)
}

type faultyJobs struct {
	inner ports.Jobs
	f     *Faults
}

func (j faultyJobs) Enqueue(ctx context.Context, job ports.MailJob) error {
	if err := j.f.write(); err != nil {
		return err
	}
	return j.inner.Enqueue(ctx, job)
}
