package badinput

import (
	"net/http"
	"strings"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/test/kit/api"
)

// answers sends each text by hand and expects one of the statuses. After a refusal
// by the HTTP engine the connection must end.
func (p probe) answers(head string, cases map[string][]int) {
	p.Helper()
	for lines, statuses := range cases {
		r, a := p.exchange("header", head+lines+"\r\n")
		a.Is(statuses...)
		if a.Code == "malformed_request" || a.Code == "headers_too_large" {
			r.Ends(a.What)
		}
	}
}

// T-06: headers have room for the fields that gateways add.
func headers(p probe) {
	p.answers(rawGet, map[string][]int{
		"X-Note: " + strings.Repeat("a", 4000) + "\r\n": {200}, "X-Note: " + strings.Repeat("a", 8000) + "\r\n": {200},
		strings.Repeat("X-Note: "+strings.Repeat("a", 1000)+"\r\n", 16): {200}, "X-Note: " + strings.Repeat("a", 64<<10) + "\r\n": {431},
		strings.Repeat("X-Note: a\r\n", 10000): {431}, strings.Repeat("a", 10<<10) + ": a\r\n": {200, 400, 431}, strings.Repeat("a", 30<<10) + ": a\r\n": {431},
		": a\r\n": {400}, "X-Note : a\r\n": {400}, "X Note: a\r\n": {400}, "X-Note\r\n": {400}, "X-Note: a\r\n b\r\n": {400}, "X-Note: a\rb\r\n": {400}, "X-Note: a\x00b\r\n": {400}, "X-\xff: a\r\n": {400},
		"Host: auth.example.com\r\n": {400}, "Host: evil.example\r\n": {400}, "(: a\r\n": {400}, "X-Note: \x01\r\n": {200, 400},
	})
	protected := "GET " + api.Prefix + "/me HTTP/1.1\r\n" + hostLine
	p.answers(protected, map[string][]int{
		bearer(p.user.access) + bearer(p.user.access): {401}, bearer(p.user.access) + bearer(p.admin.access): {401}, bearer(p.user.access) + "authorization: x\r\n": {401},
	})
	body := `{"token":"` + secret + `"}`
	_, a := p.exchange("two types", "POST "+api.Prefix+"/email/verify HTTP/1.1\r\n"+hostLine+"Content-Type: application/json\r\nContent-Type: text/plain\r\nContent-Length: 25\r\n\r\n"+body)
	a.Is(http.StatusUnsupportedMediaType, http.StatusBadRequest)
	// Forms that are unusual and unambiguous are served (T-06).
	for _, text := range []string{
		"\r\n" + rawGet + "\r\n", "GET " + api.Prefix + "/test/public HTTP/1.0\r\n\r\n", rawGet + "Content-Length: 2\r\n\r\n{}",
		rawGet + "Cookie: " + strings.Repeat("__Host-a=b; ", 200) + "\r\n\r\n",
	} {
		r := p.dial()
		r.Send(text)
		r.Receive(http.MethodGet, text).Is(http.StatusOK)
	}
	_, a = p.exchange("chunks", "POST "+api.Prefix+"/email/verify HTTP/1.1\r\n"+hostLine+"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n19\r\n"+body+"\r\n0\r\n\r\n")
	a.Refused(http.StatusBadRequest, "invalid_or_expired_token")
	_, a = p.exchange("no host", "GET "+api.Prefix+"/test/public HTTP/1.1\r\n\r\n")
	a.Is(http.StatusBadRequest)
}

func cookies(p probe) {
	p.answers("GET "+api.Prefix+"/me HTTP/1.1\r\n"+hostLine, map[string][]int{
		"Cookie: " + strings.Repeat("a=b; ", 200) + "\r\n": {401}, strings.Repeat("Cookie: a=b\r\n", 200): {401}, "Cookie: " + strings.Repeat("a=b; ", 13000) + "\r\n": {431},
		"Cookie: __Host-session=" + p.user.access + "; access_token=" + p.user.access + "; sid=" + p.user.sessionID + "\r\n": {401}, "Cookie: a=\x00\r\n": {400}, "Cookie: \r\n": {401}, "Cookie: =;;;,\"\r\n": {401}, "Cookie: a=\xff\xfe\r\n": {401, 400},
	})
}

// B-35, S-30, V-34: one header, one scheme, one token.
func authorization(p probe) {
	token := p.user.access
	protected := "GET " + api.Prefix + "/me HTTP/1.1\r\n" + hostLine
	for value, good := range map[string]bool{
		"Bearer " + token: true, "bearer " + token: true, "BEARER " + token: true,
		"": false, "Bearer": false, "Bearer ": false, "Basic dXNlcjpwYXNz": false, "Bearer " + token + " " + token: false, "Bearer  " + token: false, "Bearer," + token: false,
		"Bearer " + token + ",Bearer " + token: false, "Bearer\t" + token: false, "Token " + token: false, "Bearer " + token + "\xc3\xbc": false, token: false, `Bearer "` + token + `"`: false,
		"Bearer " + token + ";": false, "Bearer " + token + "%20": false, "Bearer: " + token: false, "Bearer " + strings.Repeat(".", 10000): false, "Bearer " + token + ".": false, "Bearer null": false, "Bearer undefined": false,
		"DPoP " + token: false, "Digest username=\"x\"": false, "Negotiate YII=": false, "Bearer realm=\"x\"": false,
	} {
		r, a := p.exchange("Authorization", protected+"Authorization: "+value+"\r\n\r\n")
		if good {
			a.Is(http.StatusOK)
			continue
		}
		a.Refused(http.StatusUnauthorized, "unauthenticated")
		r.Send(protected + bearer(token) + "\r\n") // the connection is as good as before
		r.Receive(http.MethodGet, "the next request").Is(http.StatusOK)
	}
	_, a := p.exchange("none", protected+"\r\n")
	a.Refused(http.StatusUnauthorized, "unauthenticated")
	assert.NotContains(p, a.Header.Get("WWW-Authenticate"), "error=", "RFC 6750 section 3.1: nothing was sent, so nothing is wrong with it")
	_, a = p.exchange("1 MB", protected+bearer(strings.Repeat(".", 1<<20))+"\r\n")
	a.Refused(http.StatusRequestHeaderFieldsTooLarge, "headers_too_large")
}

func accept(p probe) {
	for _, value := range []string{"text/html", "application/xml", "*/*;q=0", "json", "a;q", ";", "a;", "application/json;q", strings.Repeat("a/b,", 2500), "<script>", "\xff", "", "application/json;q=9e9", "*"} {
		_, a := p.exchange("Accept", rawGet+"Accept: "+value+"\r\nAccept-Charset: utf-16\r\nAccept-Encoding: gzip, br\r\n\r\n")
		assert.Equal(p, "application/json", a.Is(http.StatusOK).Header.Get("Content-Type"))
		assert.Empty(p, a.Header.Get("Content-Encoding"))
		_, a = p.exchange("Accept", "GET "+api.Prefix+"/me HTTP/1.1\r\n"+hostLine+"Accept: "+value+"\r\n\r\n")
		a.Refused(http.StatusUnauthorized, "unauthenticated")
		assert.NotContains(p, string(a.Body), "<")
	}
}

func expectationsAndVersions(p probe) {
	body := `{"token":"` + secret + `"}`
	r := p.dial()
	r.Send("POST " + api.Prefix + "/email/verify HTTP/1.1\r\n" + hostLine + "Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 25\r\n\r\n")
	line, err := r.In.ReadString('\n')
	assert.NoError(p, err)
	assert.Equal(p, "HTTP/1.1 100 Continue\r\n", line)
	_, err = r.In.ReadString('\n')
	assert.NoError(p, err)
	r.Send(body)
	r.Receive(http.MethodPost, "after leave").Refused(http.StatusBadRequest, "invalid_or_expired_token")
	for text, statuses := range map[string][]int{
		rawPost + "Expect: cookies\r\nContent-Length: 2\r\n\r\n{}":   {417},
		strings.Replace(rawGet, "1.1", "9.9", 1) + "\r\n":            {505},
		strings.Replace(rawGet, "HTTP/1.1", "HTTP/1.1x", 1) + "\r\n": {400, 505},
		strings.Replace(rawGet, "HTTP/1.1", "http/1.1", 1) + "\r\n":  {400, 505},
		strings.Replace(rawGet, "HTTP/1.1", "HTTP/2.0", 1) + "\r\n":  {400, 505},
		"GET " + api.Prefix + "/test/public\r\n\r\n":                 {400},
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n":                           {400, 505},
		"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n":       {400},
		"\x00\x00\x00\x00\r\n\r\n":                                   {400},
		"SSH-2.0-OpenSSH_9.9\r\n\r\n":                                {400},
	} {
		r, a := p.exchange("version", text)
		a.Is(statuses...)
		r.Ends("version")
	}
	for _, lines := range []string{"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n", "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"} {
		_, a := p.exchange("upgrade", rawGet+lines+"\r\n")
		a.Is(http.StatusOK)
		assert.Empty(p, a.Header.Get("Upgrade"))
	}
}

func hopByHop(p probe) {
	me := "GET " + api.Prefix + "/me HTTP/1.1\r\n" + hostLine
	for _, lines := range []string{"Range: bytes=0-1\r\n", "If-None-Match: *\r\n", "If-Modified-Since: Thu, 01 Jan 2099 00:00:00 GMT\r\n", "TE: trailers\r\n", "Connection: close, Authorization\r\n", "Connection: Authorization\r\n", "If-Match: \"x\"\r\n"} {
		_, a := p.exchange("header", me+bearer(p.user.access)+lines+"\r\n")
		assert.Contains(p, string(a.Is(http.StatusOK).Body), p.user.email, lines)
		_, a = p.exchange("header", me+lines+"\r\n")
		a.Refused(http.StatusUnauthorized, "unauthenticated")
	}
	_, a := p.exchange("trailers", me+"Trailer: Authorization\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"+bearer(p.user.access)+"\r\n")
	a.Is(http.StatusBadRequest, http.StatusUnauthorized)
}
