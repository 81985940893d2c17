package smtp

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

// F-A04, F-A05, F-A30.
func TestConfig_ChecksHostAndHELO(t *testing.T) {
	t.Parallel()
	config := func(host, helo string) Config {
		return Config{Host: host, Port: 587, From: "no-reply@example.com", HELO: helo}
	}
	for _, host := range []string{"smtp.example.com", "mail", "192.0.2.1", "::1", "[::1]", "2001:db8::25", "_smtp.example.com"} {
		require.Empty(t, config(host, "").Validate(), host)
	}
	for _, host := range []string{"smtp.example.com:587", "[::1]:587", "192.0.2.1:25"} {
		problems := config(host, "").Validate()
		require.Len(t, problems, 1, host)
		require.Equal(t, "Host must not hold a port; set Port to it", problems[0].Error())
	}
	for _, host := range []string{"", "smtp://smtp.example.com", "smtp.example.com:", "smtp.example.com:smtp", "[::1", "a b", "shop@smtp.example.com", "[smtp.example.com]:x"} {
		problems := config(host, "").Validate()
		require.Len(t, problems, 1, host)
		require.Contains(t, problems[0].Error(), "without scheme or port", host)
	}
	for _, helo := range []string{"mail.example.com", "localhost", "[192.0.2.1]", "[IPv6:2001:db8::1]"} {
		require.Empty(t, config("mail", helo).Validate(), helo)
	}
	for _, helo := range []string{"mail example.com", "-mail.example.com", "mail.example.com.", "[192.0.2.1", "[2001:db8::1]", "[IPv6:192.0.2.1]", "192.0.2.1\r\nMAIL", "_mail.example.com", strings.Repeat("a.", 127) + "a"} {
		problems := config("mail", helo).Validate()
		require.Len(t, problems, 1, helo)
		require.Equal(t, "HELO", problems[0].Field)
	}
}

func TestConfig_ReportsEveryProblemByFieldAndNeverAValue(t *testing.T) {
	t.Parallel()
	bad := Config{
		Host: "smtp://value.example.com", Port: 99999, Username: "value", TLS: "value",
		CAFile: "/nowhere/value", From: "value",
	}
	problems := bad.Validate()
	require.Len(t, problems, 6)
	for i, field := range []string{"Host", "Port", "TLS", "Password", "CAFile", "From"} {
		require.Equal(t, field, problems[i].Field)
		require.True(t, strings.HasPrefix(problems[i].Error(), field+" "), problems[i])
		require.NotContains(t, problems[i].Error(), "value")
	}
	_, err := NewSender(bad, newRenderer(t, options()), nil)
	require.Error(t, err)

	good := Config{Host: "smtp.example.com", Port: 587, From: "Shop <no-reply@example.com>"}
	require.Empty(t, good.Validate())
	for _, from := range []string{"", "Shop", "a@b", `"a@evil> ORCPT=x"@example.com`, "a@example.com, b@example.com", "Shop <no-reply@exämple.com>", "a@example.com\r\nBcc: b@example.com"} {
		c := good
		c.From = from
		require.Len(t, c.Validate(), 1, from)
	}
	alone := good
	alone.Password = domain.NewSecret("value")
	require.Len(t, alone.Validate(), 1)
}
