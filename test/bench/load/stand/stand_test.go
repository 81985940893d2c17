package stand

import (
	"net/smtp"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMailbox_KeepsTheTokenOfTheNewestMail(t *testing.T) {
	t.Parallel()
	m, err := listenForMails(t.Context())
	require.NoError(t, err)
	defer func() { assert.NoError(t, m.close()) }()
	send := func(to, body string) {
		t.Helper()
		require.NoError(t, smtp.SendMail(m.address(), nil, "from@example.com", []string{to}, []byte("Subject: x\r\n\r\n"+body+"\r\n")))
	}
	send("ada@example.com", "open http://x/#token=3Dold")
	send("ada@example.com", "open http://x/#token=3Dab_=\r\nc-1 now")
	send("bob@example.com", "no link")
	token, ok := m.token("ada@example.com")
	assert.True(t, ok)
	assert.Equal(t, "ab_c-1", token)
	_, ok = m.token("bob@example.com")
	assert.False(t, ok)
	m.forget()
	_, ok = m.token("ada@example.com")
	assert.False(t, ok)
}

func TestParseMetrics_LeavesOutBuckets(t *testing.T) {
	t.Parallel()
	got, err := parseMetrics(strings.NewReader("# HELP a b\n# TYPE a counter\na 3\nb{c=\"d e\"} 4.5\nh_bucket{le=\"1\"} 2\nh_sum 0.25\n"))
	require.NoError(t, err)
	assert.Equal(t, map[string]float64{"a": 3, `b{c="d e"}`: 4.5, "h_sum": 0.25}, got)
}

func TestPlaces_AreTheOwnGroupAndTheRoot(t *testing.T) {
	t.Parallel()
	folders := func(own string) []string {
		var list []string
		for _, p := range places(own) {
			list = append(list, p.folder)
		}
		return list
	}
	assert.Equal(t, []string{mount + "/user.slice/a", mount}, folders("0::/user.slice/a\n"))
	assert.Equal(t, []string{mount + "/cpu,cpuacct/x", mount + "/cpu,cpuacct", mount}, folders("4:memory:/m\n3:cpu,cpuacct:/x\n0::/\n"))
	assert.Empty(t, folders("nonsense\n"))
}

func TestSet_WritesExistingFilesOnly(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	require.ErrorIs(t, set(folder, "cpu.max", "1"), os.ErrNotExist, "a machine without the controller")
	require.NoError(t, os.WriteFile(filepath.Join(folder, "cpu.max"), nil, 0o600))
	require.NoError(t, limitVersion2(folder))
	text, err := os.ReadFile(filepath.Join(folder, "cpu.max"))
	require.NoError(t, err)
	assert.Equal(t, "100000 100000", string(text))
}

func TestQuota_LetsAProgramBeginInsideTheGroup(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	cmd := (&Quota{folder}).command("/bin/true")
	require.NoError(t, cmd.Run())
	written, err := os.ReadFile(filepath.Join(folder, "cgroup.procs"))
	require.NoError(t, err)
	assert.NotEmpty(t, strings.TrimSpace(string(written)))
	var none *Quota
	assert.Equal(t, []string{"/bin/true"}, none.command("/bin/true").Args)
}

func TestWithoutLimits_TurnsOffEveryLimitAndNothingElse(t *testing.T) {
	t.Parallel()
	env := withoutLimits(map[string]string{"A": "b"})
	assert.Equal(t, "off", env["RATE_LIMIT_LOGIN_ACCOUNT_IP"])
	assert.Equal(t, "b", env["A"])
	for name, value := range env {
		assert.True(t, name == "A" || strings.HasPrefix(name, "RATE_LIMIT_") && value == "off", name)
	}
}
