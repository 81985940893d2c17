package tracing

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

// Hasher returns a hasher that does the same as next. Each hash has a span, which
// includes the wait for a free thread.
func (t *Tracing) Hasher(next ports.PasswordHasher) ports.PasswordHasher {
	if t == nil {
		return next
	}
	return hasher{next, t.tracer}
}

type hasher struct {
	ports.PasswordHasher
	tracer trace.Tracer
}

// Reserve implements ports.PasswordHasher.
func (h hasher) Reserve(ctx context.Context, r ports.Reservation) (ports.HashPlace, error) {
	place, err := h.PasswordHasher.Reserve(ctx, r)
	if err != nil {
		return nil, err
	}
	return hashPlace{place, h.tracer}, nil
}

type hashPlace struct {
	ports.HashPlace
	tracer trace.Tracer
}

// Hash implements ports.HashPlace.
func (p hashPlace) Hash(ctx context.Context, password domain.Secret) (domain.PasswordHash, error) {
	ctx, span := p.tracer.Start(ctx, "hash password")
	defer span.End()
	hash, err := p.HashPlace.Hash(ctx, password)
	end(span, err)
	return hash, err
}

// Verify implements ports.HashPlace.
func (p hashPlace) Verify(ctx context.Context, hash domain.PasswordHash, password domain.Secret) (ports.PasswordMatch, error) {
	ctx, span := p.tracer.Start(ctx, "verify password")
	defer span.End()
	match, err := p.HashPlace.Verify(ctx, hash, password)
	end(span, err)
	return match, err
}

// Mailer returns a mailer that does the same as next. Each mail has a span. host
// and port are those of the mail server; host is empty if mails are caught.
func (t *Tracing) Mailer(next ports.Mailer, host string, port int) ports.Mailer {
	if t == nil {
		return next
	}
	m := mailer{Mailer: next, tracer: t.tracer}
	if host != "" {
		m.server = []attribute.KeyValue{
			attribute.String("server.address", host),
			attribute.Int("server.port", port),
			attribute.String("network.protocol.name", "smtp"),
		}
	}
	return m
}

type mailer struct {
	ports.Mailer
	tracer trace.Tracer
	server []attribute.KeyValue
}

// Send implements ports.Mailer.
func (m mailer) Send(ctx context.Context, mail ports.Mail) (string, error) {
	ctx, span := m.tracer.Start(ctx, "send mail", trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(m.server...), trace.WithAttributes(attributeMail.String(string(mail.Kind))))
	defer span.End()
	answer, err := m.Mailer.Send(ctx, mail)
	switch {
	case errors.Is(err, ports.ErrMailRejected):
		span.SetAttributes(attributeOutcome.String("rejected"))
		fail(span, "rejected")
	default:
		end(span, err)
	}
	return answer, err
}
