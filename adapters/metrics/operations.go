package metrics

import (
	"context"
	"errors"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

const (
	labelOperation = "operation"
	labelOutcome   = "outcome"
)

// How a refresh ends. What is refused for any other reason, such as a limit or a
// session that is over, is refused; failed is no verdict at all.
const (
	refreshRotated  = "rotated"
	refreshReplayed = "replayed"
	refreshReused   = "reused"
	refreshExpired  = "expired"
	refreshRefused  = "refused"
	refreshFailed   = "failed"
)

// Operations counts how use cases end. It is safe for concurrent use.
type Operations struct {
	operations *prometheus.CounterVec
	refreshes  *prometheus.CounterVec
}

var _ prometheus.Collector = (*Operations)(nil)

// NewOperations returns counters that stand at zero.
func NewOperations() *Operations {
	return &Operations{
		operations: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "auth_operations_total",
			Help: "Operations done or refused, by operation and outcome: success, the code of the refusal, or internal.",
		}, []string{labelOperation, labelOutcome}),
		refreshes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "auth_refreshes_total",
			Help: "Refreshes, by what became of the token: rotated, replayed within the grace, reused, expired, refused or failed.",
		}, []string{labelOutcome}),
	}
}

// Describe implements prometheus.Collector.
func (o *Operations) Describe(ch chan<- *prometheus.Desc) {
	o.operations.Describe(ch)
	o.refreshes.Describe(ch)
}

// Collect implements prometheus.Collector.
func (o *Operations) Collect(ch chan<- prometheus.Metric) {
	o.operations.Collect(ch)
	o.refreshes.Collect(ch)
}

// Count returns use cases that do the same as those given and are counted. Those
// of background work are left alone: the queue counts how they end.
func (o *Operations) Count(u ports.UseCases) ports.UseCases {
	session := refusals{domain.ErrUnauthenticated, domain.ErrSessionEnded}
	admin := refusals{domain.ErrUnauthenticated, domain.ErrForbidden}
	limited := refusals{domain.ErrRateLimited}
	hashing := refusals{domain.ErrRateLimited, domain.ErrOverloaded}
	rules := refusals{
		domain.ErrPasswordTooShort, domain.ErrPasswordTooLong, domain.ErrPasswordUnreadable,
		domain.ErrPasswordCommon, domain.ErrPasswordFromContext,
	}

	u.Register = count(o, ports.NameRegister, u.Register, hashing, rules, refusals{domain.ErrInvalidEmail, domain.ErrEmailTaken})
	u.VerifyEmail = count(o, ports.NameVerifyEmail, u.VerifyEmail, limited, refusals{domain.ErrInvalidToken})
	u.RequestVerification = count(o, ports.NameRequestVerification, u.RequestVerification, limited, refusals{domain.ErrInvalidEmail})
	u.ChangeEmail = count(o, ports.NameChangeEmail, u.ChangeEmail, session, hashing, refusals{domain.ErrInvalidEmail, domain.ErrWrongPassword})
	u.CurrentUser = count(o, ports.NameCurrentUser, u.CurrentUser)
	u.DeleteAccount = count(o, ports.NameDeleteAccount, u.DeleteAccount, session, hashing, refusals{domain.ErrWrongPassword, domain.ErrLastAdmin})
	u.ListActivity = count(o, ports.NameListActivity, u.ListActivity)
	u.ExportAccount = count(o, ports.NameExportAccount, u.ExportAccount)

	u.RequestPasswordReset = count(o, ports.NameRequestPasswordReset, u.RequestPasswordReset, limited, refusals{domain.ErrInvalidEmail})
	u.ConfirmPasswordReset = count(o, ports.NameConfirmPasswordReset, u.ConfirmPasswordReset, hashing, rules, refusals{domain.ErrInvalidToken})
	u.ChangePassword = count(o, ports.NameChangePassword, u.ChangePassword, session, hashing, rules, refusals{domain.ErrWrongPassword})

	u.Login = count(o, ports.NameLogin, u.Login, hashing, refusals{domain.ErrInvalidEmail, domain.ErrInvalidCredentials,
		domain.ErrEmailNotVerified, domain.ErrAccountDisabled})
	u.Refresh = o.refresh(count(o, ports.NameRefresh, u.Refresh, limited, refusals{domain.ErrInvalidRefreshToken, domain.ErrTokenExpired,
		domain.ErrSessionEnded, domain.ErrRefreshTokenReused}))
	u.Authenticate = count(o, ports.NameAuthenticate, u.Authenticate, session, refusals{domain.ErrTokenExpired})
	u.Logout = count(o, ports.NameLogout, u.Logout, refusals{domain.ErrUnauthenticated})
	u.LogoutEverywhere = count(o, ports.NameLogoutEverywhere, u.LogoutEverywhere, session)
	u.ListSessions = count(o, ports.NameListSessions, u.ListSessions)
	u.RevokeSession = count(o, ports.NameRevokeSession, u.RevokeSession, refusals{domain.ErrSessionNotFound})

	u.ListUsers = count(o, ports.NameListUsers, u.ListUsers, admin)
	u.GetUser = count(o, ports.NameGetUser, u.GetUser, admin, refusals{domain.ErrUserNotFound})
	u.CreateUser = count(o, ports.NameCreateUser, u.CreateUser, admin, hashing, refusals{domain.ErrEmailTaken})
	u.ChangeUser = count(o, ports.NameChangeUser, u.ChangeUser, admin, limited, refusals{domain.ErrUserNotFound, domain.ErrLastAdmin})
	u.DeleteUser = count(o, ports.NameDeleteUser, u.DeleteUser, admin, limited, refusals{domain.ErrUserNotFound, domain.ErrLastAdmin})
	u.ListUserSessions = count(o, ports.NameListUserSessions, u.ListUserSessions, admin, refusals{domain.ErrUserNotFound})
	u.EndUserSessions = count(o, ports.NameEndUserSessions, u.EndUserSessions, admin, limited, refusals{domain.ErrUserNotFound})
	u.ListAudit = count(o, ports.NameListAudit, u.ListAudit, admin)
	return u
}

// refusals are errors that a use case is expected to end with.
type refusals = []*domain.Error

// counted is a use case whose ends are counted.
type counted[C, R any] struct {
	next ports.UseCase[C, R]
	outcomes
}

// count counts a use case. Its expected refusals stand at zero from the start;
// any other makes a series when it comes first.
func count[C, R any](o *Operations, name string, next ports.UseCase[C, R], expected ...refusals) ports.UseCase[C, R] {
	return counted[C, R]{next, newOutcomes(name, o.operations, slices.Concat(expected...))}
}

// Execute implements ports.UseCase.
func (c counted[C, R]) Execute(ctx context.Context, cmd C) (R, error) {
	result, err := c.next.Execute(ctx, cmd)
	c.outcomes.count(err)
	return result, err
}

// refreshing counts refreshes by what became of the token.
type refreshing struct {
	next ports.UseCase[ports.RefreshCommand, ports.RefreshResult]
	ends map[string]prometheus.Counter
}

func (o *Operations) refresh(next ports.UseCase[ports.RefreshCommand, ports.RefreshResult]) ports.UseCase[ports.RefreshCommand, ports.RefreshResult] {
	r := refreshing{next, map[string]prometheus.Counter{}}
	for _, end := range []string{refreshRotated, refreshReplayed, refreshReused, refreshExpired, refreshRefused, refreshFailed} {
		r.ends[end] = o.refreshes.WithLabelValues(end)
	}
	return r
}

// Execute implements ports.UseCase.
func (r refreshing) Execute(ctx context.Context, cmd ports.RefreshCommand) (ports.RefreshResult, error) {
	result, err := r.next.Execute(ctx, cmd)
	r.ends[refreshEnd(result, err)].Inc()
	return result, err
}

func refreshEnd(result ports.RefreshResult, err error) string {
	var refusal *domain.Error
	switch {
	case err == nil && result.Replayed:
		return refreshReplayed
	case err == nil:
		return refreshRotated
	case errors.Is(err, domain.ErrRefreshTokenReused):
		return refreshReused
	case errors.Is(err, domain.ErrTokenExpired):
		return refreshExpired
	case errors.As(err, &refusal) && refusal.Kind != domain.KindUnavailable:
		return refreshRefused
	}
	return refreshFailed
}
