package httpapi

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The forms that are checked by hand, as regular expressions.
var (
	token68Form     = regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`)
	deviceTokenForm = regexp.MustCompile(`^[A-Za-z0-9._~-]{1,512}$`)
)

// FuzzTokenForms (B-35): for any text, the checks of a bearer token and of the cookie of a device
// decide as the regular expressions do.
func FuzzTokenForms(f *testing.F) {
	for _, seed := range []string{
		"", "a", "=", "==", "a=", "a==", "=a", "a=b", "a+b/c", "a.b-c_d~e", "a b", "a\n", "\na", "a\x00", "é", "\xff", "a\u017f", "{}", "@", "[", "`", ":", "^", "*", ",",
		strings.Repeat("a", maxDeviceToken), strings.Repeat("a", maxDeviceToken+1), strings.Repeat("a", maxDeviceToken-1) + "=", strings.Repeat("é", maxDeviceToken/2),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		assert.Equal(t, token68Form.MatchString(text), isToken68([]byte(text)), "a bearer token")
		assert.Equal(t, deviceTokenForm.MatchString(text), isGoodDeviceToken([]byte(text)), "the token of a device")
	})
}
