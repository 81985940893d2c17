package config

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/domain"
)

func TestParseQuota_ReadsEventsAndATime(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		quota domain.Quota
		text  string
	}{
		"off":             {domain.Quota{}, "off"},
		"10/1m":           {domain.Quota{Events: 10, Per: time.Minute}, "10/1m"},
		"1/1s":            {domain.Quota{Events: 1, Per: time.Second}, "1/1s"},
		"60/1h":           {domain.Quota{Events: 60, Per: time.Hour}, "60/1h"},
		"20/60m":          {domain.Quota{Events: 20, Per: time.Hour}, "20/1h"},
		"20/3600s":        {domain.Quota{Events: 20, Per: time.Hour}, "20/1h"},
		"5/1h30m":         {domain.Quota{Events: 5, Per: 90 * time.Minute}, "5/1h30m"},
		"5/1h0m30s":       {domain.Quota{Events: 5, Per: time.Hour + 30*time.Second}, "5/1h0m30s"},
		"5/90s":           {domain.Quota{Events: 5, Per: 90 * time.Second}, "5/1m30s"},
		"7/10m":           {domain.Quota{Events: 7, Per: 10 * time.Minute}, "7/10m"},
		"7/20s":           {domain.Quota{Events: 7, Per: 20 * time.Second}, "7/20s"},
		"7/10h":           {domain.Quota{Events: 7, Per: 10 * time.Hour}, "7/10h"},
		"7/1h10m":         {domain.Quota{Events: 7, Per: 70 * time.Minute}, "7/1h10m"},
		"7/1h10m10s":      {domain.Quota{Events: 7, Per: 70*time.Minute + 10*time.Second}, "7/1h10m10s"},
		"1/0h1m":          {domain.Quota{Events: 1, Per: time.Minute}, "1/1m"},
		"1000000/1s":      {domain.Quota{Events: 1_000_000, Per: time.Second}, "1000000/1s"},
		"1000000/168h":    {domain.Quota{Events: 1_000_000, Per: domain.MaxQuotaPer}, "1000000/168h"},
		"1/167h59m60s":    {domain.Quota{Events: 1, Per: domain.MaxQuotaPer}, "1/168h"},
		"3/167h59m59s":    {domain.Quota{Events: 3, Per: domain.MaxQuotaPer - time.Second}, "3/167h59m59s"},
		"100/0h0m000001s": {domain.Quota{Events: 100, Per: time.Second}, "100/1s"},
	} {
		got, err := parseQuota(text)
		require.NoError(t, err, text)
		assert.Equal(t, want.quota, got, text)
		assert.Equal(t, want.text, quotaText(got))
		assert.Equal(t, text == "off", got.IsOff())
	}
}

// V-35: a limit that cannot be parsed is refused and never switched off.
func TestParseQuota_RefusesEverythingElse(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "0", "10", "10/", "/1m", "/", "10/m", "10/1", "10/60", "10/1d", "10/1.5m", "10/500ms", "10/0s", "10/0h0m0s",
		"0/1m", "-1/1m", "+1/1m", "01/1m", "1e3/1m", "1_000/1m", "10/-1m", "10/1m1h", "10/1m 1s", "10/1h1h",
		" 10/1m", "10/1m ", "10 / 1m", "10/1m\n", "10/1M", "10,1m", "10/1m/1m", "OFF", "Off", "none", "false", "1１/1m",
		"1000001/1h", "9999999/1h", "10000000/1h", "99999999999999999999/1h", "1/168h1s", "1/169h", "1/10081m", "1/604801s",
		"1/99999999999999999999h", "1/" + strings.Repeat("9", 400) + "s",
	} {
		got, err := parseQuota(text)
		require.ErrorContains(t, err, "10/1m", "%q: the refusal says what is expected", text)
		assert.Contains(t, err.Error(), "1 to 1000000 events, 1s to 168h")
		assert.Equal(t, domain.Quota{}, got)
	}
}

func TestParseQuota_NamesTheWrongPart(t *testing.T) {
	t.Parallel()
	for text, part := range map[string]string{
		"10": "no slash", "10 per 1m": "no slash", "OFF": "no slash",
		"ten/1m": "number before the slash", "0/1m": "number before the slash", "1000001/1m": "number before the slash", "/1m": "number before the slash",
		"10/": "after the slash has another form", "10/1d": "after the slash has another form", "10/1.5m": "after the slash has another form",
		"10/0s": "after the slash is out of range", "10/169h": "after the slash is out of range",
	} {
		_, err := parseQuota(text)
		assert.ErrorContains(t, err, part, text)
	}
}

func FuzzParseQuota(f *testing.F) {
	for _, text := range []string{"off", "10/1m", "20/1h0m30s", "1000000/168h", "1/0h1m", "10/", "1/99999999999h"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := parseQuota(text)
		if err != nil {
			require.Equal(t, domain.Quota{}, q)
			return
		}
		again, err := parseQuota(quotaText(q))
		require.NoError(t, err)
		require.Equal(t, q, again)
		if !q.IsOff() {
			require.GreaterOrEqual(t, q.Per/time.Duration(q.Events), time.Microsecond, "stores count in microseconds")
		}
	})
}

// F-M7: LOGIN_FAILURES has the form of the other limits, and a lock may have no end.
func TestParseFailureLimit_ReadsFailuresAndTheTimeOfTheLock(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]domain.FailureLimit{
		"off":       {},
		"100/24h":   {Failures: 100, Lock: 24 * time.Hour},
		"1/1s":      {Failures: 1, Lock: time.Second},
		"100/0":     {Failures: 100},
		"1000000/0": {Failures: 1_000_000},
		"50/168h":   {Failures: 50, Lock: domain.MaxQuotaPer},
	} {
		got, err := parseFailureLimit(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, got, text)
		assert.True(t, got.IsValid(), text)
		assert.Equal(t, text, failureLimitText(got))
	}
	assert.Equal(t, domain.FailureLimit{Failures: 100, Lock: 24 * time.Hour}, Default().RateLimits.LoginFailures)
}

// V-35: a lock that cannot be parsed is refused and never switched off.
func TestParseFailureLimit_RefusesEverythingElse(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "0", "100", "/0", "0/0", "-1/0", "01/0", "off/0", "100/0s", "100/0h", "100/00", "100/0/0", "100/24h/0", "1000001/0", " 100/0", "100/0 ", "OFF", "100/1d", "100/169h",
	} {
		got, err := parseFailureLimit(text)
		require.ErrorContains(t, err, "100/24h", "%q: the refusal says what is expected", text)
		assert.Zero(t, got)
	}
}
