package smtp

import (
	"errors"
	"fmt"
)

// Problem is a wrong value of a field of Config or Options.
type Problem struct {
	// Field is the name of the field.
	Field string
	// message says what to set, with a %s for each field in others.
	message string
	// others are fields that the message mentions.
	others []string
}

// problem returns the problem of a field. The message says what to set and never
// repeats a value; each %s in it stands for the name of another field.
func problem(field, message string, others ...string) *Problem {
	return &Problem{field, message, others}
}

// Message returns what to set, as the rest of a sentence that begins with the name of
// the setting. The function returns the name of the setting of a field.
func (p *Problem) Message(setting func(field string) string) string {
	names := make([]any, len(p.others))
	for i, field := range p.others {
		names[i] = setting(field)
	}
	return fmt.Sprintf(p.message, names...)
}

// Error returns the sentence with the names of the fields.
func (p *Problem) Error() string {
	return p.Field + " " + p.Message(func(field string) string { return field })
}

// joined joins problems to one error; nil if there are none.
func joined(problems []*Problem) error {
	var errs []error
	for _, p := range problems {
		errs = append(errs, p)
	}
	return errors.Join(errs...)
}
