package migrations_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	someUser  = "0190a0a0-0000-7000-8000-000000000001"
	someToken = "0190a0a0-0000-7000-8000-0000000000aa"
	someTime  = "2026-01-02T03:04:05.000006Z"
)

// insert returns an INSERT of the given values, which are SQL.
func insert(table string, row, changes map[string]string) string {
	row = maps.Clone(row)
	maps.Copy(row, changes)
	columns := slices.Sorted(maps.Keys(row))
	values := make([]string, len(columns))
	for i, c := range columns {
		values[i] = row[c]
	}
	return fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, strings.Join(columns, ", "), strings.Join(values, ", "))
}

func quote(s string) string { return "'" + s + "'" }

// bytes32 is a hash in SQL.
func bytes32(d database) string {
	hex := strings.Repeat("ab", 32)
	if d.dialect == "postgres" {
		return `'\x` + hex + `'`
	}
	return "x'" + hex + "'"
}

func insertUser(d database, changes map[string]string) string {
	verified := map[string]string{"postgres": "true", "sqlite": "1"}[d.dialect]
	return insert("users", map[string]string{
		"id": quote(someUser), "email": "'someone@example.com'", "role": "'user'", "status": "'active'",
		"email_verified": verified, "session_epoch": "1", "version": "1",
		"created_at": quote(someTime), "updated_at": quote(someTime),
	}, changes)
}

func insertSession(changes map[string]string) string {
	return insert("user_sessions", map[string]string{
		"id": quote(someToken), "user_id": quote(someUser), "epoch": "1", "generation": "1", "version": "1",
		"rotated_at": quote(someTime), "created_at": quote(someTime), "last_seen_at": quote(someTime),
		"expires_at": quote(someTime), "absolute_expires_at": quote(someTime),
	}, changes)
}

func insertToken(d database, table, purpose string, changes map[string]string) string {
	return insert(table, map[string]string{
		"id": quote(someToken), "user_id": quote(someUser), "purpose": quote(purpose), "email": "'someone@example.com'",
		"secret_hash": bytes32(d), "created_at": quote(someTime), "expires_at": quote(someTime), "version": "1",
	}, changes)
}

func insertFactor(d database, changes map[string]string) string {
	return insert("user_factors", map[string]string{
		"id": quote(someToken), "user_id": quote(someUser), "name": "'Phone'", "key_id": "'k1'", "secret": bytes32(d),
		"algorithm": "'SHA1'", "digits": "6", "period_seconds": "30", "last_step": "-1", "created_at": quote(someTime), "version": "1",
	}, changes)
}

func insertRecoveryCode(d database, changes map[string]string) string {
	return insert("recovery_codes", map[string]string{
		"user_id": quote(someUser), "key_id": "'k1'", "hash": bytes32(d), "created_at": quote(someTime),
	}, changes)
}

type row = map[string]string

func TestSchema_RefusesInvalidRows(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d database) {
		_, err := d.migrator(t).Up(within(t))
		require.NoError(t, err)
		const verify, reset = "email_verification_tokens", "password_reset_tokens"
		d.exec(t, insertUser(d, nil))
		d.exec(t, insertSession(nil))
		d.exec(t, insertToken(d, verify, "verify_email", nil))
		d.exec(t, insertToken(d, reset, "invitation", nil))
		other := quote("0190a0a0-0000-7000-8000-0000000000ff")
		unknown := row{"id": other, "user_id": other}
		refused := map[string]string{
			"users_email_key":                insertUser(d, row{"id": other}),
			"users_email_check":              insertUser(d, row{"id": other, "email": "'Someone@example.org'"}),
			"users_email_check ":             insertUser(d, row{"id": other, "email": "'nobody'"}),
			"users_role_check":               insertUser(d, row{"id": other, "email": "'a@example.com'", "role": "''"}),
			"users_status_check":             insertUser(d, row{"id": other, "email": "'a@example.com'", "status": "'gone'"}),
			"users_version_check":            insertUser(d, row{"id": other, "email": "'a@example.com'", "version": "0"}),
			"user_sessions_pkey":             insertSession(nil),
			"user_sessions_user_id_fkey":     insertSession(unknown),
			"user_sessions_generation_check": insertSession(row{"id": other, "generation": "0"}),
			"user_sessions_version_check":    insertSession(row{"id": other, "version": "0"}),
			"user_sessions_revoked_check":    insertSession(row{"id": other, "revoked_at": quote(someTime)}),
			"user_sessions_revoked_check ":   insertSession(row{"id": other, "revoke_reason": "'logout'"}),
		}
		for table, purpose := range map[string]string{verify: "verify_email", reset: "reset_password"} {
			fresh := func(changes row) string {
				all := row{"id": other, "secret_hash": "NULL"}
				maps.Copy(all, changes)
				return insertToken(d, table, purpose, all)
			}
			refused[table+"_user_id_fkey"] = fresh(unknown)
			refused[table+"_purpose_check"] = fresh(row{"purpose": "'anything'"})
			refused[table+"_email_check"] = fresh(row{"email": "'A@example.com'"})
			refused[table+"_secret_hash_key"] = insertToken(d, table, purpose, row{"id": other})
			refused[table+"_secret_hash_check"] = fresh(row{"secret_hash": strings.Replace(bytes32(d), "ab", "", 1)})
			refused[table+"_version_check"] = fresh(row{"version": "0"})
		}
		refused[verify+"_new_email_check"] = insertToken(d, verify, "change_email", row{"id": other, "secret_hash": "NULL"})
		refused[verify+"_new_email_check "] = insertToken(d, verify, "verify_email",
			row{"id": other, "secret_hash": "NULL", "new_email": "'new@example.com'"})
		for constraint, statement := range refused {
			_, err := d.pool(t).ExecContext(t.Context(), statement)
			require.Error(t, err, statement)
			assert.Contains(t, err.Error(), d.says(strings.TrimSpace(constraint)), statement)
		}
	})
}

// says returns how the database names a broken constraint. SQLite names checks; for
// the others it names the columns.
func (d database) says(constraint string) string {
	if d.dialect == "postgres" {
		return constraint
	}
	switch {
	case strings.HasSuffix(constraint, "_fkey"):
		return "FOREIGN KEY constraint failed"
	case strings.HasSuffix(constraint, "_pkey"):
		return strings.TrimSuffix(constraint, "_pkey") + ".id"
	case strings.HasSuffix(constraint, "_secret_hash_key"):
		return strings.TrimSuffix(constraint, "_secret_hash_key") + ".secret_hash"
	case strings.HasSuffix(constraint, "_key"):
		return strings.Replace(strings.TrimSuffix(constraint, "_key"), "_", ".", 1)
	}
	return constraint
}

func TestSchema_SQLiteKeepsIDsAndTimesInOneForm(t *testing.T) {
	t.Parallel()
	d := newDatabase(t, "sqlite")
	_, err := d.migrator(t).Up(within(t))
	require.NoError(t, err)
	for constraint, changes := range map[string]row{
		"users_id_check":             {"id": "'0190A0A0-0000-7000-8000-000000000001'"},
		"users_id_check ":            {"id": "'1'"},
		"users_times_check":          {"created_at": "'2026-01-02 03:04:05'"},
		"users_times_check ":         {"updated_at": "'2026-01-02T03:04:05.000Z'"},
		"users_email_verified_check": {"email_verified": "2"},
	} {
		_, err := d.pool(t).ExecContext(t.Context(), insertUser(d, changes))
		require.ErrorContains(t, err, strings.TrimSpace(constraint))
	}
	_, err = d.pool(t).ExecContext(t.Context(), insertUser(d, row{"version": "'one'"}))
	require.ErrorContains(t, err, "cannot store TEXT value in INTEGER column", "the tables are STRICT")
}

func TestSchema_UserTakesSessionsAndTokensAlong(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d database) {
		_, err := d.migrator(t).Up(within(t))
		require.NoError(t, err)
		d.exec(t, insertUser(d, nil))
		d.exec(t, insertSession(nil))
		d.exec(t, insertToken(d, "email_verification_tokens", "verify_email", nil))
		d.exec(t, insertToken(d, "password_reset_tokens", "reset_password", nil))
		d.exec(t, insertFactor(d, nil))
		d.exec(t, insertRecoveryCode(d, nil))
		d.exec(t, "DELETE FROM users")
		for _, table := range []string{"user_sessions", "email_verification_tokens", "password_reset_tokens", "user_factors", "recovery_codes"} {
			assert.Equal(t, "0", d.text(t, "SELECT count(*) FROM "+table), table)
		}
	})
}

func TestSchema_RefusesInvalidFactorsAndRecoveryCodes(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, d database) {
		_, err := d.migrator(t).Up(within(t))
		require.NoError(t, err)
		d.exec(t, insertUser(d, nil))
		d.exec(t, insertFactor(d, nil))
		d.exec(t, insertRecoveryCode(d, nil))
		other := quote("0190a0a0-0000-7000-8000-0000000000ff")
		factor := func(column, value string) string { return insertFactor(d, row{"id": other, column: value}) }
		empty := map[string]string{"postgres": "''", "sqlite": "x''"}[d.dialect]
		short := strings.Replace(bytes32(d), "ab", "", 1)
		refused := map[string]string{
			"user_factors_pkey":                 insertFactor(d, nil),
			"user_factors_user_id_fkey":         factor("user_id", other),
			"user_factors_name_check":           factor("name", quote(strings.Repeat("é", 65))),
			"user_factors_key_id_check":         factor("key_id", "''"),
			"user_factors_secret_check":         factor("secret", empty),
			"user_factors_algorithm_check":      factor("algorithm", "''"),
			"user_factors_digits_check":         factor("digits", "9"),
			"user_factors_period_seconds_check": factor("period_seconds", "121"),
			"user_factors_last_step_check":      factor("last_step", "-2"),
			"user_factors_version_check":        factor("version", "0"),
			"recovery_codes_user_id_fkey":       insertRecoveryCode(d, row{"user_id": other}),
			"recovery_codes_key_id_check":       insertRecoveryCode(d, row{"hash": strings.ReplaceAll(bytes32(d), "ab", "cd"), "key_id": "''"}),
			"recovery_codes_hash_check":         insertRecoveryCode(d, row{"hash": short}),
		}
		if d.dialect == "postgres" { // SQLite names the columns of a key
			refused["recovery_codes_pkey"] = insertRecoveryCode(d, nil)
		} else {
			refused["users_second_factor_check"] = insertUser(d, row{"id": other, "email": "'a@example.com'", "second_factor": "2"})
			refused["user_factors_times_check"] = factor("confirmed_at", "'2026-01-02 03:04:05'")
			refused["user_factors_id_check"] = insertFactor(d, row{"id": "'1'"})
			refused["recovery_codes_times_check"] = insertRecoveryCode(d, row{"used_at": "'2026-01-02'"})
			refused["recovery_codes.user_id, recovery_codes.hash"] = insertRecoveryCode(d, nil)
		}
		for constraint, statement := range refused {
			_, err := d.pool(t).ExecContext(t.Context(), statement)
			require.Error(t, err, statement)
			assert.Contains(t, err.Error(), d.says(strings.TrimSpace(constraint)), statement)
		}
		d.exec(t, factor("name", quote(strings.Repeat("é", 64))))
	})
}
