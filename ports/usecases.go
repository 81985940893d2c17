package ports

import "context"

// UseCase is one thing that the service does. C is the command and R the result.
// A command carries input as it arrived. The use case parses it, so that every
// caller gets the same checks.
type UseCase[C, R any] interface {
	// Execute runs the use case. Errors: a *domain.Error that its Operation
	// lists, domain.ErrUnavailable, or an internal error.
	Execute(ctx context.Context, cmd C) (R, error)
}

// None is the result of a use case that returns only an error.
type None struct{}

// Observer is called when a use case begins. It returns the context for the use
// case, and a function that is called once, with the error of the use case.
type Observer func(ctx context.Context) (context.Context, func(err error))

// Observed returns the use cases with observers around them. It calls by once for
// each operation. A nil Observer leaves that use case as it is.
func (u UseCases) Observed(by func(Operation) Observer) UseCases {
	u.visit(by)
	return u
}

// Operations returns the operation of every use case, in the order of UseCases.
func Operations() []Operation {
	var all []Operation
	var none UseCases
	none.visit(func(op Operation) Observer {
		all = append(all, op)
		return nil
	})
	return all
}

// observed is a use case with an observer.
type observed[C, R any] struct {
	next  UseCase[C, R]
	begin Observer
}

// Execute implements UseCase.
func (o observed[C, R]) Execute(ctx context.Context, cmd C) (R, error) {
	ctx, end := o.begin(ctx)
	result, err := o.next.Execute(ctx, cmd)
	end(err)
	return result, err
}

// observe puts the observer of an operation, if there is one, around a use case.
func observe[C, R any](by func(Operation) Observer, op Operation, useCase UseCase[C, R]) UseCase[C, R] {
	if begin := by(op); begin != nil {
		return observed[C, R]{useCase, begin}
	}
	return useCase
}
