package gateways

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed543b3b27/auth-service/test/kit/program"
)

const goodID = `^[A-Za-z0-9._-]{1,64}$`

func boundRequestIDs(t *testing.T, s scene) {
	for i, given := range []string{
		"", strings.Repeat("a", 65), strings.Repeat("a", 4000), "a b", `"><script>`, "${jndi:ldap://x}", "a\tb", "ä", "{}", "a,b", "%0d%0aX-Evil: 1",
	} {
		a := ask(t, s.g, request("GET", "/api/auth/test/public", "X-Request-ID: "+given))
		assert.Regexp(t, goodID, a.header.Get("X-Request-Id"), i)
		assert.NotEqual(t, given, a.header.Get("X-Request-Id"), i)
		got := reached(t, s.g, request("GET", "/app/public/", "X-Request-ID: "+given))
		if assert.Len(t, got.Header["X-Request-Id"], 1, "the application gets an id, too: %d", i) {
			assert.Regexp(t, goodID, got.Header.Get("X-Request-Id"), i)
		}
	}
	for _, target := range []string{"/app/public/", "/app/orders"} {
		twice := reached(t, s.g, request("GET", target, s.user.bearer(), "X-Request-ID: good", "X-Request-ID: evil <>"))
		assert.Regexp(t, goodID, strings.Join(twice.Header["X-Request-Id"], "|"))
		kept := reached(t, s.g, request("GET", target, s.user.bearer(), "X-Request-ID: Kept-1_2.3"))
		assert.Equal(t, []string{"Kept-1_2.3"}, kept.Header["X-Request-Id"])
	}
	a := ask(t, s.g, request("GET", "/api/auth/test/public", "X-Request-ID: Kept-1_2.3"))
	assert.Equal(t, "Kept-1_2.3", a.header.Get("X-Request-Id"))
}

func tellTheClientsAddress(t *testing.T, s scene) {
	for i, fields := range [][]string{
		nil,
		{"X-Forwarded-For: 203.0.113.9"},
		{"X-Forwarded-For: 203.0.113.9, 127.0.0.1", "X-Forwarded-For: 127.0.0.1"},
		{"x_forwarded_for: 203.0.113.9", "Forwarded: for=203.0.113.9", "X-Real-IP: 203.0.113.9", "True-Client-IP: 203.0.113.9"},
		{"Connection: close, X-Forwarded-For, X-Real-IP"},
	} {
		id := fmt.Sprintf("address-%s-%d", strings.ReplaceAll(s.g.Addr, ":", "-"), i)
		a := ask(t, s.g, request("GET", "/api/auth/test/public", append(fields, "X-Request-ID: "+id)...))
		assert.Equal(t, http.StatusOK, a.status)
		var line string
		program.Eventually(t, "the request is in the log", func() bool {
			_, after, found := strings.Cut(s.logs(), `"request_id":"`+id+`"`)
			line, _, _ = strings.Cut(after, "\n")
			return found && strings.Contains(line, "}")
		})
		assert.Contains(t, line, `"client_ip":"`+clientIP+`"`, "%v", fields)

		got := reached(t, s.g, request("GET", "/app/public/", fields...))
		assert.Equal(t, []string{clientIP}, got.Header["X-Forwarded-For"], "%v", fields)
		assert.Equal(t, []string{clientIP}, got.Header["X-Real-Ip"], "%v", fields)
		assert.Equal(t, []string{"https"}, got.Header["X-Forwarded-Proto"])
		assert.Equal(t, []string{"auth.example.com"}, got.Header["X-Forwarded-Host"])
		assert.Empty(t, got.Header["Forwarded"])
		assert.Empty(t, got.Header["X_forwarded_for"])
	}
}

func refuseWhatTheServiceWouldRefuse(t *testing.T, s scene) {
	const body = 64 << 10
	wrong := func(size int) string {
		head := `{"email":"nobody@example.com","password":"`
		return withBody("POST", "/api/auth/login", head+strings.Repeat("a", size-len(head)-2)+`"}`)
	}
	a := askPatiently(t, s.g, wrong(body))
	assert.Contains(t, []int{http.StatusUnauthorized, http.StatusUnprocessableEntity}, a.status, "64 KiB arrive: %.200s", a.body)
	assert.NotEmpty(t, a.header.Get("X-Request-Id"))
	a = ask(t, s.g, wrong(body+1))
	assert.Equal(t, http.StatusRequestEntityTooLarge, a.status, "more than 64 KiB: %.200s", a.body)
	chunked := request("POST", "/api/auth/login", "Content-Type: application/json", "Transfer-Encoding: chunked") +
		fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", body+1, strings.Repeat(" ", body+1))
	a = ask(t, s.g, chunked)
	assert.Equal(t, http.StatusRequestEntityTooLarge, a.status, "more than 64 KiB in chunks: %.200s", a.body)

	var lines []string
	for i := range 5 {
		lines = append(lines, fmt.Sprintf("X-Long-%d: %s", i, strings.Repeat("a", 4000)))
	}
	a = ask(t, s.g, request("GET", "/api/auth/test/public", lines...))
	assert.Equal(t, http.StatusOK, a.status, "20 KB of headers arrive: %.200s", a.body)
	a = ask(t, s.g, request("GET", "/api/auth/test/public", append(lines, lines...)...))
	assert.Contains(t, []int{http.StatusBadRequest, http.StatusRequestHeaderFieldsTooLarge}, a.status, "40 KB of headers")
	assert.Empty(t, a.header.Get("X-Request-Id"), "refused by the gateway")
	a = ask(t, s.g, request("GET", "/api/auth/test/public?"+strings.Repeat("a", 9<<10)))
	assert.Equal(t, http.StatusRequestURITooLong, a.status, "an URL of 9 KiB")
}
