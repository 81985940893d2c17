package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed543b3b27/auth-service/test/kit/program"
)

// bashCompletion is the file that Debian's bash-completion installs; an
// interactive bash reads it at the start.
const bashCompletion = "/usr/share/bash-completion/bash_completion"

// completed returns the completions that a real bash offers for the last word of
// a line.
func completed(t testing.TB, folder, line string) []string {
	t.Helper()
	script := `
		set +eu
		source ` + bashCompletion + `
		source <(auth-service completion bash)
		COMP_LINE=$LINE COMP_POINT=${#LINE} COMP_TYPE=9 COMP_KEY=9
		read -ra COMP_WORDS <<<"$LINE"
		[[ $LINE == *' ' ]] && COMP_WORDS+=('')
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		function=$(complete -p auth-service | sed -E 's/.* -F ([^ ]+) .*/\1/')
		"$function" auth-service "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}" 2>/dev/null
		printf '%s\n' "${COMPREPLY[@]}"`
	var offered []string
	for word := range strings.Lines(shell(t, folder, "LINE='"+line+"'\n"+script, "")) {
		if word = strings.TrimSpace(word); word != "" {
			offered = append(offered, strings.Fields(word)[0]) // without the description
		}
	}
	return offered
}

func TestCompletion_BashOffersCommandsAndValues(t *testing.T) {
	t.Parallel()
	_, err := os.Stat(bashCompletion)
	require.NoError(t, err, "bash-completion is missing: apt-get install bash-completion")
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "a-file"), nil, 0o600))
	for line, want := range map[string][]string{
		"auth-service us":       {"user"},
		"auth-service migrate ": {"down", "status", "up"},
		"auth-service user ": {
			"audit", "create", "delete", "disable", "enable", "factors", "list", "remove-factor", "require-password-change", "send-mail", "sessions", "set-email", "set-metadata", "set-role", "show", "sign-out", "unlock",
		},
		"auth-service config ":                      {"check", "show"},
		"auth-service help user s":                  {"send-mail", "sessions", "set-email", "set-metadata", "set-role", "show", "sign-out"},
		"auth-service user create --role ":          {"user", "support", "admin"},
		"auth-service user create --role a":         {"admin"},
		"auth-service user list --role ":            {"user", "support", "admin"},
		"auth-service user list --status ":          {"active", "disabled"},
		"auth-service user set-role a@example.com ": {"user", "support", "admin"},
		"auth-service user create --em":             {"--email"},
		"auth-service user factors ":                nil,
		"auth-service user remove-factor ":          nil,
		"auth-service user remove-factor --a":       {"--all"},
		"auth-service keys generate --type r":       {"rsa"},
		"auth-service completion ":                  {"bash", "fish", "powershell", "zsh"},
		"auth-service healthcheck ":                 nil,
		"auth-service serve ":                       nil,
	} {
		assert.ElementsMatch(t, want, completed(t, folder, line), line)
	}
}

// The scripts for other shells can be printed too; an unknown shell is an error.
func TestCompletion_ForEveryShell(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for shell, begins := range map[string]string{
		"bash": "# bash completion V2 for auth-service", "zsh": "#compdef auth-service",
		"fish": "# fish completion for auth-service", "powershell": "# powershell completion for auth-service",
	} {
		script := program.MustRun(t, folder, nil, "", "completion", shell)
		assert.True(t, strings.HasPrefix(script, begins), script[:min(200, len(script))])
		assert.Contains(t, script, "__complete")
	}
	assert.Equal(t, 2, program.Run(t, folder, nil, "", "completion", "csh").Code)
}
