package ports

import "context"

// requestIDKey marks the context that carries the id of a request.
type requestIDKey struct{}

// WithRequestID returns a context for work that the request with that id caused, in
// the request or in a later job. Log lines carry the id. It returns ctx unchanged
// if id is empty.
func WithRequestID(ctx context.Context, id string) context.Context {
	if id == "" {
		return ctx
	}
	return context.WithValue(ctx, requestIDKey{}, id)
}

// RequestID returns the id of the request that caused the work of ctx. It is empty
// for work without such a request.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}
