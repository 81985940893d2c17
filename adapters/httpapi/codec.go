package httpapi

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed543b3b27/auth-service/adapters/internal/edge"
	"github.com/seed543b3b27/auth-service/domain"
)

// Bounds of the list in a 422, because clients choose the names of unknown members.
const (
	maxFieldErrors   = 20
	maxPointerLength = 64
)

// strictJSON reads and writes JSON. It refuses texts that two readers could
// understand differently: duplicate names, invalid UTF-8 and a second value behind
// the first. It compares names exactly (RFC 8259 sections 4 and 8).
var strictJSON = huma.Format{
	Marshal: func(w io.Writer, v any) error { return json.MarshalWrite(w, v) },
	Unmarshal: func(data []byte, v any) error {
		if err := json.Unmarshal(data, v); err != nil {
			return &jsonError{reason: reasonOf(err)}
		}
		return nil
	},
}

// jsonError is the refusal of a JSON text. Its reason repeats nothing of the text.
type jsonError struct{ reason string }

// Error returns the reason.
func (e *jsonError) Error() string { return e.reason }

func reasonOf(err error) string {
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return "The body names a member twice."
	case errors.As(err, &syntactic):
		return "The body is not valid JSON at byte " + strconv.FormatInt(syntactic.ByteOffset, 10) + "."
	}
	return "A value of the body is of the wrong type."
}

func (s *Server) encode(w io.Writer, v any) {
	if err := json.MarshalWrite(w, v); err != nil {
		panic(fmt.Errorf("encoding an answer: %w", err))
	}
}

// missingMember begins the message of a missing member, before its name. huma
// reports the members of a body that are missing in messages only, so the message
// is replaced by this one.
const missingMember = "missing member: "

// setHumaGlobals replaces huma's package variables, once. Errors become problems,
// which never repeat input; names are compared with their case; and a missing member
// has a message of this package.
var setHumaGlobals = sync.OnceFunc(func() {
	huma.ValidateStrictCasing = true
	huma.DefaultArrayNullable = false
	validation.MsgExpectedRequiredProperty = missingMember + "%s"
	huma.NewError = func(status int, _ string, errs ...error) huma.StatusError {
		return framework(status, errs)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, _ string, errs ...error) huma.StatusError {
		p := framework(status, errs)
		if x, ours := edge.LookUpExchange(ctx.Context()); ours {
			return p.forRequest(x)
		}
		return p // the request of another API in this process
	}
})

// framework returns the problem for a refusal by huma.
func framework(status int, errs []error) *problem {
	switch status {
	case http.StatusBadRequest:
		if len(errs) == 0 {
			return problemOf(domain.ErrBodyMissing)
		}
		return invalidJSON(errs)
	case http.StatusUnprocessableEntity:
		return invalid(errs)
	case http.StatusUnsupportedMediaType:
		return problemOf(domain.ErrUnsupportedMediaType)
	}
	return problemOf(domain.ErrInternal)
}

func invalidJSON(errs []error) *problem {
	p := problemOf(domain.ErrInvalidJSON)
	var detail *huma.ErrorDetail
	if errors.As(errs[0], &detail) {
		p.Detail = detail.Message // the reason of a jsonError
		p.Numbers = numbersIn(detail.Message)
	}
	return p
}

// invalid lists the inputs that break the schema.
func invalid(errs []error) *problem {
	p := problemOf(domain.ErrValidationFailed)
	for _, err := range errs[:min(len(errs), maxFieldErrors)] {
		var detail *huma.ErrorDetail
		if !errors.As(err, &detail) {
			continue
		}
		// Bodies are flat, so the rest of "body.name" or "query.name" is one name.
		_, name, _ := strings.Cut(detail.Location, ".")
		if refusal := chosen(name, detail.Value); refusal != nil && len(errs) == 1 {
			return problemOf(refusal)
		}
		p.Errors = append(p.Errors, fieldErrorOf(name, detail.Message))
	}
	return p
}

// choices are the inputs for which the schema repeats a list of values of the
// domain, and the parsers that judge them.
var choices = map[string]func(string) error{
	domain.ErrInvalidRole.Field: func(s string) error {
		_, err := domain.ParseRole(s)
		return err
	},
	domain.ErrInvalidStatus.Field: func(s string) error {
		_, err := domain.ParseStatus(s)
		return err
	},
}

// chosen returns the domain's refusal of a value for the input name. It is nil if
// the input is no choice of the domain or the domain accepts the value.
func chosen(name string, value any) error {
	parse, isChoice := choices[name]
	text, isText := value.(string)
	if !isChoice || !isText {
		return nil
	}
	return parse(text)
}

// fieldErrorOf describes the input name, or the missing member that the message
// names.
func fieldErrorOf(name, message string) fieldError {
	if missing, ok := strings.CutPrefix(message, missingMember); ok {
		return fieldError{Pointer: pointerTo(missing), Detail: "This is required."}
	}
	return fieldError{Pointer: pointerTo(name), Detail: sentence(message), Numbers: numbersIn(message)}
}

// pointerTo returns the JSON pointer (RFC 6901) to a member of a body or to a query
// parameter. It is empty for names that are too long to repeat.
func pointerTo(name string) string {
	if name == "" || len(name) > maxPointerLength {
		return ""
	}
	return "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
}

func sentence(message string) string {
	if message == "" {
		return ""
	}
	return strings.ToUpper(message[:1]) + message[1:] + "."
}
