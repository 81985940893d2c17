//go:build generated

package flow

import (
	"io"
	"net/http"
	"net/url"
	"os"
	"testing"
)

const password = "seven ravens under the bridge"

// given returns what the test gives: the address of a service, or an account. SERVICE
// wants addresses confirmed, OPTIONAL does not, LIMITED takes one login a minute, and LATER
// answers like a release that knows more members and values.
func given(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("%s is not set", name)
	}
	return value
}

// mailedToken returns the token of the newest mail to an address.
func mailedToken(t *testing.T, to string) string {
	t.Helper()
	response, err := http.Get(given(t, "MAILS") + "?to=" + url.QueryEscape(to))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	token, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(token)
}

// must returns the value of an answer that must have one.
func must[T any](t *testing.T, value *T, answer any) T {
	t.Helper()
	if value == nil {
		t.Fatalf("the answer lacks a %T: %+v", value, answer)
	}
	return *value
}
