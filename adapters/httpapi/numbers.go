package httpapi

import (
	"regexp"
	"strconv"
	"time"

	"github.com/seed543b3b27/auth-service/domain"
)

// Numbers are the numbers that a detail names, as members of their own: a front end can
// say them in its own language. Each is absent where the detail does not name it. The type is
// exported because huma ignores the members of others.
type Numbers struct {
	MinLength      int   `json:"min_length,omitzero" example:"8" doc:"The least length of the text, in code points."`
	MaxLength      int   `json:"max_length,omitzero" example:"256" doc:"The greatest length of the text, in code points."`
	MaxLocalLength int   `json:"max_local_length,omitzero" example:"64" doc:"The greatest length of the part of an e-mail address before the @, in characters."`
	MaxLabelLength int   `json:"max_label_length,omitzero" example:"63" doc:"The greatest length of a label of an e-mail address's domain, in characters."`
	Minimum        *int  `json:"minimum,omitzero" nullable:"false" example:"1" doc:"The least value of the number."`
	Maximum        *int  `json:"maximum,omitzero" nullable:"false" example:"200" doc:"The greatest value of the number."`
	MaxBytes       int   `json:"max_bytes,omitzero" example:"65536" doc:"The greatest size of that part of the request, in bytes."`
	Offset         *int  `json:"offset,omitzero" nullable:"false" example:"17" doc:"The byte of the body where the JSON stops being valid."`
	UndoPeriod     int64 `json:"undo_period,omitzero" example:"259200" doc:"Seconds for which a change of address can be undone."`
}

// numbersOf returns the numbers of a domain refusal.
func numbersOf(b domain.Bounds) Numbers {
	n := Numbers{
		MinLength: b.MinLength, MaxLength: b.MaxLength, MaxLocalLength: b.MaxLocalLength, MaxLabelLength: b.MaxLabelLength,
		MaxBytes: b.MaxBytes, UndoPeriod: int64(b.UndoPeriod / time.Second),
	}
	if b.Minimum != 0 || b.Maximum != 0 {
		n.Minimum, n.Maximum = &b.Minimum, &b.Maximum
	}
	return n
}

// bound matches the messages of huma about numbers and lengths, and offset the reason of a
// jsonError.
var (
	bound  = regexp.MustCompile(`^expected (number|length) (>=|<=) (\d+)$`)
	offset = regexp.MustCompile(`at byte (\d+)\.$`)
)

// numbersIn returns the numbers of a message about the form of a request.
func numbersIn(message string) (n Numbers) {
	if m := bound.FindStringSubmatch(message); m != nil {
		value, _ := strconv.Atoi(m[3]) // 0 if it is too large
		switch m[1] + m[2] {
		case "number>=":
			n.Minimum = &value
		case "number<=":
			n.Maximum = &value
		case "length>=":
			n.MinLength = value
		case "length<=":
			n.MaxLength = value
		}
	}
	if m := offset.FindStringSubmatch(message); m != nil {
		value, _ := strconv.Atoi(m[1])
		n.Offset = &value
	}
	return n
}
