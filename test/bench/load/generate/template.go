package generate

import (
	"fmt"
	"strings"
)

// template is a text cut at its variables: text, name, text, name and so on.
type template []string

func parseTemplate(text string) (template, error) {
	var t template
	for {
		before, rest, found := strings.Cut(text, "{{")
		t = append(t, before)
		if !found {
			return t, nil
		}
		name, after, closed := strings.Cut(rest, "}}")
		if !closed {
			return nil, fmt.Errorf("a variable is not closed in %q", rest)
		}
		t = append(t, name)
		text = after
	}
}

// fill appends the text with the variables of a user. Errors: a variable that the user
// lacks.
func (t template) fill(to []byte, user User) ([]byte, error) {
	for i, part := range t {
		if i%2 == 1 {
			value, ok := user[part]
			if !ok {
				return nil, fmt.Errorf("the user has no variable %q", part)
			}
			part = value
		}
		to = append(to, part...)
	}
	return to, nil
}
