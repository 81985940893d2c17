package httpapi

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/valyala/fasthttp"

	"github.com/seed543b3b27/auth-service/domain"
)

// Bounds of what a 422 says, since clients choose the names of unknown members.
const (
	maxFieldErrors   = 20
	maxPointerLength = 64
)

// strictJSON reads and writes JSON so that two readers of a text can't
// understand it differently: no duplicate names, no invalid UTF-8, no second
// value behind the first, names compared exactly (RFC 8259 sections 4 and 8).
var strictJSON = huma.Format{
	Marshal: func(w io.Writer, v any) error { return json.MarshalWrite(w, v) },
	Unmarshal: func(data []byte, v any) error {
		if err := json.Unmarshal(data, v); err != nil {
			return &jsonError{reason: reasonOf(err)}
		}
		return nil
	},
}

// jsonError says why a text was refused, in words that repeat nothing of it.
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

func (s *Server) encode(fctx *fasthttp.RequestCtx, v any) {
	if err := json.MarshalWrite(fctx, v); err != nil {
		panic(fmt.Errorf("encoding an answer: %w", err))
	}
}

// setHumaGlobals replaces what huma keeps in package variables, once: its
// errors by ours, which never repeat what was sent, and its habit of matching
// names whatever their case.
var setHumaGlobals = sync.OnceFunc(func() {
	huma.ValidateStrictCasing = true
	huma.DefaultArrayNullable = false
	huma.NewError = func(status int, _ string, errs ...error) huma.StatusError {
		return framework(status, errs)
	}
	huma.NewErrorWithContext = func(ctx huma.Context, status int, _ string, errs ...error) huma.StatusError {
		return framework(status, errs).forRequest(exchangeOf(ctx.Context()))
	}
})

// framework turns a refusal by huma into ours.
func framework(status int, errs []error) *problem {
	switch status {
	case errInvalidJSON.Status:
		if len(errs) == 0 {
			return errBodyMissing
		}
		return invalidJSON(errs)
	case errValidation.Status:
		return invalid(errs)
	case errMediaType.Status:
		return errMediaType
	}
	return errInternal
}

func invalidJSON(errs []error) *problem {
	p := *errInvalidJSON
	var detail *huma.ErrorDetail
	if errors.As(errs[0], &detail) {
		p.Detail = detail.Message // a jsonError's reason
	}
	return &p
}

// invalid lists what the schema does not allow.
func invalid(errs []error) *problem {
	p := *errValidation
	for _, err := range errs[:min(len(errs), maxFieldErrors)] {
		var detail *huma.ErrorDetail
		if !errors.As(err, &detail) {
			continue
		}
		field := locate(detail)
		if refusal := namedChoice(field.Pointer, detail.Message); refusal != nil && len(errs) == 1 {
			return fromDomain(refusal)
		}
		p.Errors = append(p.Errors, field)
	}
	return &p
}

// namedChoice returns the domain's own error for a value outside of a choice
// that the schema repeats for readers of the OpenAPI document.
func namedChoice(pointer, message string) *domain.Error {
	prefix, _, _ := strings.Cut(validation.MsgExpectedOneOf, "%")
	if !strings.HasPrefix(message, prefix) {
		return nil
	}
	switch pointer {
	case pointerTo(domain.ErrInvalidRole.Field):
		return domain.ErrInvalidRole
	case pointerTo(domain.ErrInvalidStatus.Field):
		return domain.ErrInvalidStatus
	}
	return nil
}

// locate turns huma's "body.name" or "query.name" into a JSON pointer. Bodies
// are flat, so everything behind the first dot is one name.
func locate(detail *huma.ErrorDetail) fieldError {
	_, name, _ := strings.Cut(detail.Location, ".")
	before, after, _ := strings.Cut(validation.MsgExpectedRequiredProperty, "%s")
	if rest, ok := strings.CutPrefix(detail.Message, before); ok {
		if missing, ok := strings.CutSuffix(rest, after); ok {
			return fieldError{Pointer: pointerTo(missing), Detail: "This is required."}
		}
	}
	return fieldError{Pointer: pointerTo(name), Detail: sentence(detail.Message)}
}

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
