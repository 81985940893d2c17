package cli

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestImport_InvitesUsersWithoutAPassword(t *testing.T) {
	t.Parallel()
	folder, env := transferEnv(t)
	csv := file(t, folder, "users.csv", "email,role,status,password_hash\na@example.com,user,,\nb@example.com,admin,,\nc@example.com,user,disabled,\n"+
		"d@example.com,user,,$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW\n")
	for variable, more := range map[string]map[string]string{
		"SMTP_HOST":  {"PUBLIC_URL": "https://auth.example.com"},
		"PUBLIC_URL": {"SMTP_HOST": "mail.example.com", "SMTP_FROM": "auth@example.com"},
	} {
		lacking := maps.Clone(env)
		maps.Copy(lacking, more)
		for _, args := range [][]string{{"import", "--invite", csv}, {"import", "--invite", "--dry-run", csv}} {
			code, out, errs := run(t, lacking, "", args...)
			assert.NotEqual(t, exitOK, code)
			assert.Empty(t, out)
			assert.Contains(t, errs, variable+": is not set, so the")
		}
	}
	_, list, _ := run(t, env, "", "user", "list")
	assert.NotContains(t, list, "@", "a setting that is missing is found before the first user")

	env["PUBLIC_URL"], env["SMTP_HOST"], env["SMTP_FROM"] = "https://auth.example.com", "mail.example.com", "auth@example.com"
	_, _, hint := run(t, env, "", "import", "--dry-run", csv)
	assert.Contains(t, hint, "add --invite to mail them")
	code, out, errs := run(t, env, "", "import", "--invite", "--dry-run", csv)
	assert.Equal(t, exitOK, code, errs)
	assert.Equal(t, "would import 4, already there 0, refused 0\n1 of them administrators\n"+without(3)+
		"2 of them would be invited by mail, one by one; the links would work for 72 hours from the import on\n"+
		"1 of the invited get their role above user by accepting\nnot invited because they are disabled: 1\n", out)
	code, out, errs = run(t, env, "", "import", "--invite", csv)
	assert.Equal(t, exitOK, code, errs)
	assert.Contains(t, out, "2 of them are invited by mail; the service sends the invitations one by one, and their links work for 72 hours from now\n")
	code, out, errs = run(t, env, "", "import", "--invite", csv)
	assert.Equal(t, exitOK, code, errs)
	assert.Equal(t, "imported 0, already there 4, refused 0\n", out)
}

// An export carries a forced change of the password, in both formats.
func TestImport_ReadsForcedChangesFromAnExport(t *testing.T) {
	t.Parallel()
	folder, env := transferEnv(t)
	const hash = "$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW"
	csv := file(t, folder, "users.csv", "email,email_verified,password_change_required,password_hash\na@example.com,true,true,"+hash+"\nb@example.com,true,,"+hash+"\n")
	code, out, errs := run(t, env, "", "import", csv)
	assert.Equal(t, exitOK, code, errs)
	assert.Contains(t, out, "1 of them replace their password at the next login\n")
	for _, format := range []string{"csv", "jsonl"} {
		_, exported, _ := run(t, env, "", "export", "--with-password-hashes", "--format", format)
		_, other := transferEnv(t)
		code, out, errs := run(t, other, exported, "import", "-")
		assert.Equal(t, exitOK, code, errs)
		assert.Contains(t, out, "1 of them replace their password at the next login\n", format)
		_, shown, _ := run(t, other, "", "user", "show", "a@example.com")
		assert.Regexp(t, `password change +required`, shown, format)
	}
}

func TestImport_NamesWhatItLeavesOutOfKeycloak(t *testing.T) {
	t.Parallel()
	folder, env := transferEnv(t)
	realm := file(t, folder, "realm.json", `{"users":[
		{"id":"1","username":"ada","email":"a@example.com","credentials":[{"type":"otp"}],"requiredActions":["CONFIGURE_TOTP"]},
		{"id":"2","username":"nobody"}]}`)
	code, out, errs := run(t, env, "", "import", "--from", "keycloak", "--dry-run", realm)
	assert.Equal(t, exitIncomplete, code)
	assert.Contains(t, out, without(1))
	assert.Contains(t, errs, realm+`:3: The user "nobody" has no e-mail address`)
	assert.Contains(t, errs, "1 of them had a second factor or a passkey, which is not imported\n")
	assert.Contains(t, errs, "1 of them had other required actions (such as CONFIGURE_TOTP), which are not imported\n")
}
