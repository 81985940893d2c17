package tracing

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// The attributes of our own.
const (
	attributeOutcome = attribute.Key("auth.outcome")
	attributeMail    = attribute.Key("auth.mail")
	attributeError   = attribute.Key("error.type")
)

// UseCases returns use cases that do the same as those given, each in a span.
func (t *Tracing) UseCases(u ports.UseCases) ports.UseCases {
	if t == nil {
		return u
	}
	u.Register = traced(t, ports.NameRegister, u.Register)
	u.VerifyEmail = traced(t, ports.NameVerifyEmail, u.VerifyEmail)
	u.RequestVerification = traced(t, ports.NameRequestVerification, u.RequestVerification)
	u.ChangeEmail = traced(t, ports.NameChangeEmail, u.ChangeEmail)
	u.CurrentUser = traced(t, ports.NameCurrentUser, u.CurrentUser)
	u.DeleteAccount = traced(t, ports.NameDeleteAccount, u.DeleteAccount)
	u.ListActivity = traced(t, ports.NameListActivity, u.ListActivity)
	u.ExportAccount = traced(t, ports.NameExportAccount, u.ExportAccount)

	u.RequestPasswordReset = traced(t, ports.NameRequestPasswordReset, u.RequestPasswordReset)
	u.ConfirmPasswordReset = traced(t, ports.NameConfirmPasswordReset, u.ConfirmPasswordReset)
	u.ChangePassword = traced(t, ports.NameChangePassword, u.ChangePassword)

	u.Login = traced(t, ports.NameLogin, u.Login)
	u.Refresh = traced(t, ports.NameRefresh, u.Refresh)
	u.Authenticate = traced(t, ports.NameAuthenticate, u.Authenticate)
	u.Logout = traced(t, ports.NameLogout, u.Logout)
	u.LogoutEverywhere = traced(t, ports.NameLogoutEverywhere, u.LogoutEverywhere)
	u.ListSessions = traced(t, ports.NameListSessions, u.ListSessions)
	u.RevokeSession = traced(t, ports.NameRevokeSession, u.RevokeSession)

	u.ListUsers = traced(t, ports.NameListUsers, u.ListUsers)
	u.GetUser = traced(t, ports.NameGetUser, u.GetUser)
	u.CreateUser = traced(t, ports.NameCreateUser, u.CreateUser)
	u.ChangeUser = traced(t, ports.NameChangeUser, u.ChangeUser)
	u.DeleteUser = traced(t, ports.NameDeleteUser, u.DeleteUser)
	u.ListUserSessions = traced(t, ports.NameListUserSessions, u.ListUserSessions)
	u.EndUserSessions = traced(t, ports.NameEndUserSessions, u.EndUserSessions)
	u.ListAudit = traced(t, ports.NameListAudit, u.ListAudit)

	u.DeliverMail = traced(t, ports.NameDeliverMail, u.DeliverMail)
	u.CleanUp = traced(t, ports.NameCleanUp, u.CleanUp)
	return u
}

// useCase is a use case in a span.
type useCase[C, R any] struct {
	next   ports.UseCase[C, R]
	name   string
	tracer trace.Tracer
}

func traced[C, R any](t *Tracing, name string, next ports.UseCase[C, R]) ports.UseCase[C, R] {
	return useCase[C, R]{next, name, t.tracer}
}

// Execute implements ports.UseCase.
func (u useCase[C, R]) Execute(ctx context.Context, cmd C) (R, error) {
	ctx, span := u.tracer.Start(ctx, u.name)
	defer span.End()
	result, err := u.next.Execute(ctx, cmd)
	end(span, err)
	return result, err
}

// end says how something ended. A refusal is no error of the service, unless it is
// for lack of a resource or of time; and an error's text may quote anything.
func end(span trace.Span, err error) {
	outcome := domain.CodeOf(err)
	span.SetAttributes(attributeOutcome.String(outcome))
	if err == nil {
		return
	}
	var refusal *domain.Error
	if !errors.As(err, &refusal) || refusal.Kind == domain.KindUnavailable {
		fail(span, outcome)
	}
}

func fail(span trace.Span, kind string) {
	span.SetAttributes(attributeError.String(kind))
	span.SetStatus(codes.Error, "")
}
