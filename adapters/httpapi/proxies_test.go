package httpapi

import (
	"context"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
	"github.com/seed543b3b27/auth-service/ports"
)

func TestParseTrustedProxies(t *testing.T) {
	t.Parallel()
	for entry, want := range map[string]string{
		"10.0.0.0/8": "10.0.0.0/8", "10.1.2.3/8": "10.0.0.0/8", "192.0.2.7": "192.0.2.7/32", "2001:DB8::1": "2001:db8::1/128", "2001:db8::1/32": "2001:db8::/32",
		"::ffff:10.0.0.0/104": "10.0.0.0/8", "::ffff:192.0.2.7": "192.0.2.7/32", "127.0.0.1": "127.0.0.1/32", "::1": "::1/128",
		"": "", "a": "", "10.0.0.0/33": "", "10.0.0.0/-1": "", "10.0.0/8": "", "10.0.0.0/08": "", "010.0.0.1": "", "fe80::1%eth0": "", "fe80::1%eth0/64": "", "gateway": "", "*": "",
		"10.0.0.0-10.0.0.9": "", "::ffff:10.0.0.0/95": "", "0.0.0.0/0": "", "::/0": "", "::ffff:0.0.0.0/96": "", "10.0.0.0/8;11.0.0.0/8": "",
	} {
		got, err := ParseTrustedProxies([]string{"198.51.100.7", entry})
		if want == "" {
			require.ErrorContains(t, err, "number 2 ")
			require.ErrorContains(t, err, "must ")
			continue
		}
		require.NoError(t, err, entry)
		assert.Equal(t, []netip.Prefix{netip.MustParsePrefix("198.51.100.7/32"), netip.MustParsePrefix(want)}, got)
	}
	spaced, err := ParseTrustedProxies([]string{" 192.0.2.7 "}) // behind a comma in the environment
	require.NoError(t, err)
	assert.Equal(t, mustProxies("192.0.2.7"), spaced)
	none, err := ParseTrustedProxies(nil)
	require.NoError(t, err)
	assert.Empty(t, none)
	for _, wrong := range []netip.Prefix{{}, netip.MustParsePrefix("::ffff:10.0.0.0/104")} {
		config := testConfig()
		config.TrustedProxies = []netip.Prefix{wrong}
		_, err := New(config, goodUseCases())
		require.Error(t, err)
	}
}

func mustProxies(entries ...string) []netip.Prefix {
	prefixes, err := ParseTrustedProxies(entries)
	if err != nil {
		panic(err)
	}
	return prefixes
}

// recordingLogin is a server that keeps where the last login came from.
func recordingLogin(tb testing.TB, trusted ...string) (*Server, *ports.Origin) {
	tb.Helper()
	var got ports.Origin
	useCases := goodUseCases()
	good := useCases.Login
	useCases.Login = does[ports.LoginCommand, ports.LoginResult](func(ctx context.Context, cmd ports.LoginCommand) (ports.LoginResult, error) {
		got = cmd.Origin
		return good.Execute(ctx, cmd)
	})
	config := testConfig()
	config.TrustedProxies = mustProxies(trusted...)
	return silent(tb, config, useCases), &got
}

func loginWith(headers string) string {
	return fmt.Sprintf("%s%sContent-Length: %d\r\n\r\n%s", post, headers, len(loginBody), loginBody)
}

// V-20 to V-24, V-41, T-03: whose address it is, whatever the headers say.
func TestClientAddress_BehindProxies(t *testing.T) {
	t.Parallel()
	const gateway, stranger = "10.0.0.1", "198.51.100.9"
	server, got := recordingLogin(t, "10.0.0.0/8", "2001:db8:aaaa::/48", "203.0.113.250")
	for name, tc := range map[string]struct{ peer, headers, want string }{
		"V-20 stranger claims an address":       {stranger, "X-Forwarded-For: 203.0.113.7\r\n", stranger},
		"V-20 stranger claims to be a proxy":    {stranger, "X-Forwarded-For: 10.0.0.1\r\n", stranger},
		"V-20 other headers":                    {gateway, "X-Real-IP: 203.0.113.7\r\nForwarded: for=203.0.113.7\r\nCF-Connecting-IP: 203.0.113.7\r\nTrue-Client-IP: 203.0.113.7\r\nX-Client-IP: 203.0.113.7\r\n", gateway},
		"V-41 underscores":                      {gateway, "X_Forwarded_For: 203.0.113.7\r\n", gateway},
		"one hop":                               {gateway, "X-Forwarded-For: 203.0.113.7\r\n", "203.0.113.7"},
		"name in lower case":                    {gateway, "x-forwarded-for: 203.0.113.7\r\n", "203.0.113.7"},
		"V-21 appended to a claim":              {gateway, "X-Forwarded-For: 192.0.2.66, 203.0.113.7\r\n", "203.0.113.7"},
		"V-21 claim of a trusted address":       {gateway, "X-Forwarded-For: 10.9.9.9, 203.0.113.7\r\n", "203.0.113.7"},
		"V-21 two trusted hops":                 {gateway, "X-Forwarded-For: 192.0.2.66, 203.0.113.7, 203.0.113.250, 10.3.4.5\r\n", "203.0.113.7"},
		"V-21 several lines are one chain":      {gateway, "X-Forwarded-For: 192.0.2.66\r\nX-Forwarded-For: 203.0.113.7\r\nX-Forwarded-For: 10.3.4.5\r\n", "203.0.113.7"},
		"V-21 rubbish left of the client":       {gateway, "X-Forwarded-For: <script>, ,,unknown, 203.0.113.7\r\n", "203.0.113.7"},
		"V-22 IPv4 in IPv6":                     {gateway, "X-Forwarded-For: ::ffff:203.0.113.7\r\n", "203.0.113.7"},
		"V-22 IPv4 in IPv6 in hexadecimal":      {gateway, "X-Forwarded-For: ::FFFF:CB00:7107\r\n", "203.0.113.7"},
		"V-22 upper case, not shortened":        {gateway, "X-Forwarded-For: 2001:0DB8:0000:0000:0000:0000:0000:0007\r\n", "2001:db8::7"},
		"V-22 brackets and port":                {gateway, "X-Forwarded-For: [2001:db8::7]:4711\r\n", "2001:db8::7"},
		"V-22 zone":                             {gateway, "X-Forwarded-For: fe80::7%eth0\r\n", "fe80::7"},
		"V-22 trusted in IPv6 form":             {"2001:db8:aaaa::1", "X-Forwarded-For: 2001:db8::7, ::ffff:10.0.0.9\r\n", "2001:db8::7"},
		"V-22 peer as IPv4 in IPv6":             {"::ffff:10.0.0.1", "X-Forwarded-For: 203.0.113.7\r\n", "203.0.113.7"},
		"V-23 port":                             {gateway, "X-Forwarded-For: 203.0.113.7:99\r\n", "203.0.113.7"},
		"V-23 no header":                        {gateway, "", gateway},
		"V-23 empty":                            {gateway, "X-Forwarded-For: \r\n", gateway},
		"V-23 unknown":                          {gateway, "X-Forwarded-For: unknown\r\n", gateway},
		"V-23 a word":                           {gateway, "X-Forwarded-For: a\r\n", gateway},
		"V-23 rubbish right of an address":      {gateway, "X-Forwarded-For: 203.0.113.7, a\r\n", gateway},
		"V-23 trailing comma":                   {gateway, "X-Forwarded-For: 203.0.113.7,\r\n", gateway},
		"V-23 8 KB":                             {gateway, "X-Forwarded-For: " + strings.Repeat("1.2.3.4 ", 1000) + "\r\n", gateway},
		"V-23 4000 addresses":                   {gateway, "X-Forwarded-For: " + strings.Repeat("10.1.1.1,", 2000) + "10.1.1.1\r\n", gateway},
		"V-23 escaped line end":                 {gateway, "X-Forwarded-For: 203.0.113.7%0d%0a\r\n", gateway},
		"V-23 nobody's address":                 {gateway, "X-Forwarded-For: 0.0.0.0\r\n", gateway},
		"V-23 IPv4 with a zone":                 {gateway, "X-Forwarded-For: 203.0.113.7%eth0\r\n", gateway},
		"V-23 octal":                            {gateway, "X-Forwarded-For: 0203.0.113.7\r\n", gateway},
		"V-23 all trusted":                      {gateway, "X-Forwarded-For: 10.2.2.2, 10.3.3.3\r\n", gateway},
		"V-24 loopback is no exception":         {"127.0.0.1", "X-Forwarded-For: 203.0.113.7\r\n", "127.0.0.1"},
		"V-24 loopback in IPv6 is no exception": {"::1", "X-Forwarded-For: 203.0.113.7\r\n", "::1"},
		"V-24 loopback as a claim":              {gateway, "X-Forwarded-For: 127.0.0.1\r\n", "127.0.0.1"},
	} {
		a := server.from(t, tc.peer, loginWith(tc.headers))
		assert.Equal(t, 200, a.StatusCode, "%s: %s", name, a.body)
		assert.Equal(t, tc.want, got.Client.IP, name)
	}
}

// V-20, V-24, T-03: without configuration no header is believed, from nobody.
func TestClientAddress_NoHeaderIsTrustedByDefault(t *testing.T) {
	t.Parallel()
	server, got := recordingLogin(t)
	for _, peer := range []string{"127.0.0.1", "10.0.0.1", "192.168.0.1", "::1", "fd00::1", "198.51.100.9"} {
		server.from(t, peer, loginWith("X-Forwarded-For: 203.0.113.7\r\n"))
		assert.Equal(t, peer, got.Client.IP)
	}
}

// S-47, B-16: what a client says of itself is one line of text at most, wherever
// it goes.
func TestClientAddress_IsTheSameEverywhere(t *testing.T) {
	t.Parallel()
	var got ports.Origin
	useCases := goodUseCases()
	useCases.CurrentUser = does[ports.CurrentUserCommand, ports.UserResult](func(ctx context.Context, _ ports.CurrentUserCommand) (ports.UserResult, error) {
		got = originOf(ctx)
		return ports.UserResult{User: testUser(domain.RoleUser)}, nil
	})
	config := testConfig()
	config.TrustedProxies = mustProxies("127.0.0.1")
	b := start(t, config, useCases)
	r := dial(t, b.address())
	r.send("GET /api/auth/me HTTP/1.1\r\n" + host + "Authorization: Bearer " + userToken + "\r\nX-Request-ID: the-request\r\n" +
		"X-Forwarded-For: 203.0.113.7\r\nUser-Agent: a\u2028b\xff{\"level\":\"info\"}" + strings.Repeat("c", 8000) + "\r\n\r\n")
	require.Equal(t, 200, r.receive().StatusCode)
	assert.Equal(t, "203.0.113.7", got.Client.IP)
	assert.Equal(t, "the-request", got.RequestID)
	assert.True(t, strings.HasPrefix(got.Client.UserAgent, `ab{"level":"info"}ccc`), got.Client.UserAgent)
	assert.Len(t, got.Client.UserAgent, domain.MaxUserAgentLength)
	assert.Eventually(t, func() bool {
		return strings.Contains(b.logs.String(), `"client_ip":"203.0.113.7"`)
	}, 10*time.Second, time.Millisecond)
	assert.NotContains(t, b.logs.String(), "ccc")
}

// spied keeps the origin of the commands that reach a use case.
func spied[C, R any](good ports.UseCase[C, R], seen map[reflect.Type]ports.Origin) ports.UseCase[C, R] {
	return does[C, R](func(ctx context.Context, cmd C) (R, error) {
		if origin, ok := reflect.ValueOf(cmd).FieldByName("Origin").Interface().(ports.Origin); ok {
			seen[reflect.TypeFor[C]()] = origin
		}
		return good.Execute(ctx, cmd)
	})
}

// Limits and the audit log can count on it: every command that has an origin
// gets it from every operation.
func TestOrigin_ReachesEveryCommandThatHasOne(t *testing.T) {
	t.Parallel()
	seen := map[reflect.Type]ports.Origin{}
	u := goodUseCases()
	u.Register = spied(u.Register, seen)
	u.VerifyEmail = spied(u.VerifyEmail, seen)
	u.RequestVerification = spied(u.RequestVerification, seen)
	u.ChangeEmail = spied(u.ChangeEmail, seen)
	u.DeleteAccount = spied(u.DeleteAccount, seen)
	u.RequestPasswordReset = spied(u.RequestPasswordReset, seen)
	u.ConfirmPasswordReset = spied(u.ConfirmPasswordReset, seen)
	u.ChangePassword = spied(u.ChangePassword, seen)
	u.Login = spied(u.Login, seen)
	u.Refresh = spied(u.Refresh, seen)
	u.Logout = spied(u.Logout, seen)
	u.LogoutEverywhere = spied(u.LogoutEverywhere, seen)
	u.RevokeSession = spied(u.RevokeSession, seen)
	u.CreateUser = spied(u.CreateUser, seen)
	u.ChangeUser = spied(u.ChangeUser, seen)
	u.DeleteUser = spied(u.DeleteUser, seen)
	u.EndUserSessions = spied(u.EndUserSessions, seen)
	server := silent(t, testConfig(), u)
	for _, op := range operations() {
		r := op.request()
		text := r.method + " " + r.path + " HTTP/1.1\r\n" + host + "X-Request-ID: request\r\nUser-Agent: agent\r\n"
		token := r.token
		if token == "" {
			token = userToken // /logout and /refresh
		}
		if op.path != "/refresh" {
			text += "Authorization: Bearer " + token + "\r\n"
		}
		if r.body != "" {
			text += fmt.Sprintf("Content-Type: application/json\r\nContent-Length: %d\r\n", len(r.body))
		}
		assert.Equal(t, op.status, server.from(t, "203.0.113.7", text+"\r\n"+r.body).StatusCode, op.path)
	}
	table := reflect.TypeFor[ports.UseCases]()
	for i := range table.NumField() {
		execute, _ := table.Field(i).Type.MethodByName("Execute")
		command := execute.Type.In(1)
		if _, has := command.FieldByName("Origin"); has {
			want := ports.Origin{Client: domain.Client{IP: "203.0.113.7", UserAgent: "agent"}, RequestID: "request"}
			assert.Equal(t, want, seen[command], command.Name())
		}
	}
}
