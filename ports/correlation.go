package ports

import "context"

// requestIDKey marks the context that carries the id of a request.
type requestIDKey struct{}

// WithRequestID returns a context of work that the request with that id caused,
// be it in the request or in a job long after it. Log lines carry the id. An
// empty id changes nothing.
func WithRequestID(ctx context.Context, id string) context.Context {
	if id == "" {
		return ctx
	}
	return context.WithValue(ctx, requestIDKey{}, id)
}

// RequestID returns the id of the request that caused the work of ctx; empty if
// none did.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}
