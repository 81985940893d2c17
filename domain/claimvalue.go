package domain

import (
	"fmt"
	"maps"
	"strings"
	"unicode"
)

// Bounds of the values of mapped claims, in bytes of their texts.
const (
	MaxClaimSize  = 256
	MaxClaimsSize = 1 << 10 // of all claims together
)

// claimSize returns the size of a claim's value; ok is false for a value that no claim
// may have: claims are texts without control characters, numbers, booleans, and lists of texts.
func claimSize(value any) (size int, ok bool) {
	switch value := value.(type) {
	case string:
		return len(value), len(value) <= MaxClaimSize && isClaimText(value)
	case number:
		return len(value), len(value) <= MaxClaimSize
	case bool:
		return len("false"), true
	case []any:
		for _, element := range value {
			text, isText := element.(string)
			if !isText || !isClaimText(text) {
				return 0, false
			}
			size += len(text) + 1 // with a separator
		}
		return size, size <= MaxClaimSize
	}
	return 0, false
}

// isClaimText reports whether a text can be a claim. It has no control character, and no U+FFFD,
// which stands for letters that were lost: verifiers refuse a token that holds one.
func isClaimText(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) || r == unicode.ReplacementChar })
}

// Values returns the further claims of a user: a string, a json.Number, a bool or a []string
// by the name of the claim. A claim is left out if its source is missing, if the address is not confirmed, or
// if its value breaks the rules, as values may that were written before the setting. If the values
// exceed MaxClaimsSize, those of profile are left out first, because users write them. metadata may
// be nil if ReadsMetadata is false.
func (m ClaimMap) Values(user *User, metadata *Metadata) map[string]any {
	if len(m.claims) == 0 {
		return nil
	}
	values := map[string]any{}
	left := MaxClaimsSize
	for _, c := range m.claims {
		if c.from == sourceEmail {
			left -= len(user.Email().String())
			if user.EmailVerified() {
				values[c.name] = user.Email().String()
			}
		}
	}
	if metadata == nil {
		return values
	}
	for _, part := range []struct{ from, text string }{{fieldApp, metadata.s.App}, {fieldProfile, metadata.s.Profile}} {
		for name, value := range m.sources(part.from, part.text) {
			if size, ok := claimSize(value); ok && size <= left {
				left -= size
				values[name] = claimOf(value)
			}
		}
	}
	return values
}

// claimOf returns a value with a list as []string.
func claimOf(value any) any {
	list, isList := value.([]any)
	if !isList {
		return value
	}
	texts := make([]string, 0, len(list))
	for _, element := range list {
		text, _ := element.(string) // claimSize has seen it
		texts = append(texts, text)
	}
	return texts
}

// sources returns the values in an object that claims come from, by the claims' names, in the order of the
// setting.
func (m ClaimMap) sources(from, text string) func(yield func(string, any) bool) {
	return func(yield func(string, any) bool) {
		var object any
		for _, c := range m.claims {
			if c.from != from {
				continue
			}
			if object == nil {
				object, _ = parseJSON(text) // what is stored is an object
			}
			if value := memberAt(object, c.path); value != nil && !yield(c.name, value) {
				return
			}
		}
	}
}

// memberAt returns the value that path leads to; nil if there is none.
func memberAt(value any, path []string) any {
	for _, name := range path {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

// check holds the values that a change brings to the rules of claims. The values of app do not
// depend on profile, so that no user can hinder an administrator. Errors: ErrInvalidMetadata at
// profile or app.
func (m ClaimMap) check(before, next MetadataSnapshot) error {
	total := 0
	for _, c := range m.claims {
		if c.from == sourceEmail {
			total += MaxEmailLength
		}
	}
	for _, part := range []struct{ field, before, next string }{{fieldApp, before.App, next.App}, {fieldProfile, before.Profile, next.Profile}} {
		size, changed, err := m.checkPart(part.field, part.before, part.next)
		if err != nil {
			return err
		}
		if total += size; changed && total > MaxClaimsSize {
			return ErrInvalidMetadata.WithField(part.field).
				WithDetail("The members that access tokens carry are larger than 1 KiB together.")
		}
	}
	return nil
}

// checkPart returns the size of the claims from one part, and whether one of them changed.
func (m ClaimMap) checkPart(field, before, next string) (size int, changed bool, err error) {
	if before == next && field == fieldProfile {
		return 0, false, nil
	}
	former := maps.Collect(m.sources(field, before))
	for name, value := range m.sources(field, next) {
		bytes, ok := claimSize(value)
		same := sameJSON(former[name], value)
		switch {
		case ok:
			size += bytes
		case !same:
			return 0, false, ErrInvalidMetadata.WithField(field).WithDetail(fmt.Sprintf(
				"The member that access tokens carry as %s must be a text without control characters, a number, a boolean or a list of texts, of at most %d bytes.", name, MaxClaimSize))
		}
		changed = changed || !same
	}
	return size, changed, nil
}
