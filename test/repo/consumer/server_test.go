package consumer

import (
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// A token signed by hand, because this module has no other dependencies.
func TestNewServer_VerifiesTokensByThePublishedKey(t *testing.T) {
	t.Parallel()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	auth := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/auth/.well-known/jwks.json" {
			t.Errorf("asked for %s", r.URL.Path)
		}
		_, _ = fmt.Fprintf(w, `{"keys":[{"kid":"1","kty":"OKP","crv":"Ed25519","alg":"EdDSA","x":"%s"}]}`, encode(public))
	}))
	defer auth.Close()

	const subject, session = "019c9a3e-5a1f-7c11-9d5e-0f6f0b6f2a41", "019c9a3e-5a1f-7c11-9d5e-0f6f0b6f2a42"
	now := time.Now().Unix()
	signed := encode([]byte(`{"alg":"EdDSA","kid":"1","typ":"at+jwt"}`)) + "." + encode(fmt.Appendf(nil,
		`{"iss":"auth-service","aud":"auth-service","sub":%q,"sid":%q,"jti":"1","role":"user","iat":%d,"nbf":%d,"exp":%d}`, subject, session, now, now, now+60))
	token := signed + "." + encode(ed25519.Sign(private, []byte(signed)))

	server := NewServer(auth.URL)
	for authorization, want := range map[string]int{"Bearer " + token: http.StatusOK, "Bearer " + token + "A": http.StatusUnauthorized, "": http.StatusUnauthorized} {
		request := httptest.NewRequest(http.MethodGet, "/orders", http.NoBody)
		request.Header.Set("Authorization", authorization)
		answer := httptest.NewRecorder()
		server.ServeHTTP(answer, request)
		if answer.Code != want {
			t.Errorf("%q: status %d, want %d", authorization, answer.Code, want)
		}
		if want == http.StatusOK && answer.Body.String() != "the orders of "+subject {
			t.Errorf("got %q", answer.Body)
		}
	}
}
