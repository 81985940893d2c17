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

// internal is the outcome of what is no refusal.
const internal = "internal"

// UseCases returns use cases that do the same as those given, each in a span.
func (t *Tracing) UseCases(u ports.UseCases) ports.UseCases {
	if t == nil {
		return u
	}
	u.Register = traced(t, "register", u.Register)
	u.VerifyEmail = traced(t, "verify_email", u.VerifyEmail)
	u.RequestVerification = traced(t, "resend_verification", u.RequestVerification)
	u.ChangeEmail = traced(t, "change_email", u.ChangeEmail)
	u.CurrentUser = traced(t, "current_user", u.CurrentUser)
	u.DeleteAccount = traced(t, "delete_account", u.DeleteAccount)
	u.ListActivity = traced(t, "list_activity", u.ListActivity)
	u.ExportAccount = traced(t, "export_account", u.ExportAccount)

	u.RequestPasswordReset = traced(t, "request_reset", u.RequestPasswordReset)
	u.ConfirmPasswordReset = traced(t, "reset_password", u.ConfirmPasswordReset)
	u.ChangePassword = traced(t, "change_password", u.ChangePassword)

	u.Login = traced(t, "login", u.Login)
	u.Refresh = traced(t, "refresh", u.Refresh)
	u.Authenticate = traced(t, "authenticate", u.Authenticate)
	u.Logout = traced(t, "logout", u.Logout)
	u.LogoutEverywhere = traced(t, "logout_everywhere", u.LogoutEverywhere)
	u.ListSessions = traced(t, "list_sessions", u.ListSessions)
	u.RevokeSession = traced(t, "revoke_session", u.RevokeSession)

	u.ListUsers = traced(t, "list_users", u.ListUsers)
	u.GetUser = traced(t, "get_user", u.GetUser)
	u.CreateUser = traced(t, "create_user", u.CreateUser)
	u.ChangeUser = traced(t, "change_user", u.ChangeUser)
	u.DeleteUser = traced(t, "delete_user", u.DeleteUser)
	u.ListUserSessions = traced(t, "list_user_sessions", u.ListUserSessions)
	u.EndUserSessions = traced(t, "end_user_sessions", u.EndUserSessions)
	u.ListAudit = traced(t, "list_audit", u.ListAudit)

	u.DeliverMail = traced(t, "deliver_mail", u.DeliverMail)
	u.CleanUp = traced(t, "clean_up", u.CleanUp)
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

// end says how something ended: success, the code of the refusal, or internal.
// A refusal is no error of the service, and an error's text may quote anything.
func end(span trace.Span, err error) {
	var refusal *domain.Error
	switch {
	case err == nil:
		span.SetAttributes(attributeOutcome.String("success"))
	case errors.As(err, &refusal):
		span.SetAttributes(attributeOutcome.String(refusal.Code))
		if refusal.Kind == domain.KindUnavailable {
			fail(span, refusal.Code)
		}
	default:
		span.SetAttributes(attributeOutcome.String(internal))
		fail(span, internal)
	}
}

func fail(span trace.Span, kind string) {
	span.SetAttributes(attributeError.String(kind))
	span.SetStatus(codes.Error, "")
}
